/** Stands for a character that is no hexadecimal digit: above every byte, wherever in it the digit would stand. */
const NO_DIGIT = 0x1000;

/** Values of the hexadecimal digits, two bytes a character code below 256. (A view gives numbers, where an array may give nothing.) */
const DIGITS = new DataView(new ArrayBuffer(256 * 2));
for (let code = 0; code < 256; code++) {
  const digit = String.fromCharCode(code);
  DIGITS.setUint16(code * 2, /[0-9a-fA-F]/.test(digit) ? Number.parseInt(digit, 16) : NO_DIGIT, true);
}

/**
 * The bytes that `text` spells in hexadecimal digits of either case, two a byte, or undefined when it has an odd number of
 * characters or any other character (`Buffer.from(text, 'hex')` would stop there silently, and reads U+0130 as `0`).
 * Empty text gives no bytes.
 */
export function parseHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(text.length >>> 1);
  return parseHexInto(text, bytes) < 0 ? undefined : bytes;
}

/** {@link parseHex} into the beginning of `bytes`: the number of bytes, or −1 for other text or text of more bytes than fit. */
export function parseHexInto(text: string, bytes: Uint8Array): number {
  const length = text.length >>> 1;
  if (text.length !== length * 2 || length > bytes.length) return -1;
  let wrong = 0;
  for (let at = 0; at < length; at++) {
    const high = text.charCodeAt(at * 2);
    const low = text.charCodeAt(at * 2 + 1);
    const byte = (digitOf(high) << 4) | digitOf(low);
    // A wrong digit leaves a bit above the lowest eight, and so does a character beyond Latin-1.
    wrong |= byte | high | low;
    bytes[at] = byte;
  }
  return wrong > 0xff ? -1 : length;
}

function digitOf(code: number): number {
  return DIGITS.getUint16((code & 0xff) * 2, true);
}

/** Bytes as upper-case hexadecimal digits, two a byte. */
export function formatHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text.toUpperCase();
}
