import { z } from 'zod';

/** Longest accepted agri_id, in characters. Device, factor and sub-device identifiers all fit well below it. */
export const AGRI_ID_MAX_LENGTH = 128;

/** Segments of letters, digits, `_` and `.`, joined by single dashes: `d-1000-abcd`, `DEVICE001-1-00`. */
export const AGRI_ID_PATTERN = /^[A-Za-z0-9_.]+(?:-[A-Za-z0-9_.]+)*$/;

/**
 * The platform identifier of a device (`d-1000-abcd`) or of a factor (`<device>-<unit>-<address><data_index>`,
 * `d-1000-abcd-1-000`). A factor's is an opaque label: address and index are joined without a separator, so it is
 * looked up and never parsed back into numbers.
 */
export const agriIdSchema = z
  .string()
  .max(AGRI_ID_MAX_LENGTH, `an agri_id has at most ${AGRI_ID_MAX_LENGTH} characters`)
  .regex(AGRI_ID_PATTERN, 'an agri_id is made of letters, digits, "_" and "." in segments joined by "-"')
  .brand<'AgriId'>();

export type AgriId = z.output<typeof agriIdSchema>;

/** Parses an agri_id that must be right, such as a literal or a trusted row. Throws a ZodError when it is not. */
export function agriId(text: string): AgriId {
  return agriIdSchema.parse(text);
}

/**
 * The prefix rule: a child belongs to a parent when it is the parent, or the parent followed by `-` and more.
 * `d-1000-abcde-1-000` does not belong to `d-1000-abcd`.
 */
export function belongsTo(child: string, parent: string): boolean {
  return (
    child === parent ||
    (child.length > parent.length && child[parent.length] === '-' && child.startsWith(parent))
  );
}

/** Every agri_id that `id` belongs to by the prefix rule, longest first, beginning with itself. */
export function ownerCandidates(id: AgriId): AgriId[] {
  const candidates = [id];
  for (let end = id.lastIndexOf('-'); end > 0; end = id.lastIndexOf('-', end - 1)) {
    candidates.push(id.slice(0, end) as AgriId);
  }
  return candidates;
}

/** The label that the platform gives a factor: `<device>-<unit>-<address><data_index>`. */
export function factorAgriId(device: AgriId, unit: number, address: number, dataIndex: number): AgriId {
  return agriId(`${device}-${unit}-${address}${dataIndex}`);
}
