/** A field of a line: a double, a 64-bit integer (a whole number up to 2^53), or text. */
export type FieldValue =
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string };

export const double = (value: number): FieldValue => ({ kind: 'double', value });
export const integer = (value: number): FieldValue => ({ kind: 'integer', value });
export const text = (value: string): FieldValue => ({ kind: 'text', value });

/**
 * One line of line protocol, without its line break. `tags` and `fields` in the order given; at least one field. Names, tag values and
 * texts hold no control character and no backslash: names come out of `encodeName`, everything else is ours. `t` in the precision that
 * the request names. Doubles are written with the fewest digits that read back as the same bits.
 *
 * Rules: docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol, "Special characters".
 */
export function encodeLine(
  measurement: string,
  tags: readonly (readonly [key: string, value: string])[],
  fields: readonly (readonly [key: string, value: FieldValue])[],
  t: number,
): string {
  const values = fields.map(([key, value]) => `${escapeKey(key)}=${encodeField(value)}`).join(',');
  return `${encodeSeries(measurement, tags)} ${values} ${t}`;
}

/** The part of a line before its fields: measurement and tags, under the same rules. */
export function encodeSeries(
  measurement: string,
  tags: readonly (readonly [key: string, value: string])[],
): string {
  const pairs = tags.map(([key, value]) => `,${escapeKey(key)}=${escapeKey(value)}`).join('');
  return `${escapeMeasurement(measurement)}${pairs}`;
}

/** In a measurement, a comma would end it and a space would begin the fields. */
export function escapeMeasurement(name: string): string {
  return name.replace(/[, ]/g, '\\$&');
}

/** In tag keys, tag values and field keys, the equals sign as well. */
export function escapeKey(key: string): string {
  return key.replace(/[,= ]/g, '\\$&');
}

/** A field's value as it stands in a line. */
export function encodeField(field: FieldValue): string {
  if (field.kind === 'integer') return `${field.value}i`;
  if (field.kind === 'text') return `"${field.value.replace(/"/g, '\\"')}"`;
  return encodeDouble(field.value);
}

/** A finite double as it stands in a line. */
export function encodeDouble(value: number): string {
  // String(-0) is "0".
  return Object.is(value, -0) ? '-0' : String(value);
}
