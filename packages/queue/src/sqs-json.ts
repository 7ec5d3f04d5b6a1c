/** Characters that JSON.stringify writes as they are and that SQS, or an SQS-like server, refuses in a message body. */
const REFUSED = /[\ud800-\udfff\ufffe\uffff]/g;

/**
 * JSON that every SQS takes as a message body. Only characters outside the basic plane and the two noncharacters U+FFFE and
 * U+FFFF are written as `\u` escapes; the value that a reader parses is the same. Undefined, which JSON has no word for, is
 * `null`, as inside an array.
 */
export function sqsJson(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) return 'null';
  return json.replace(REFUSED, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}

/** Bytes of `text` in UTF-8. */
export function utf8Bytes(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
