/** Value of a hexadecimal digit by its character code; 255 for every other character below 256. */
const NIBBLES = new Uint8Array(256).fill(255);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  NIBBLES[digit.charCodeAt(0)] = value;
  NIBBLES[digit.toUpperCase().charCodeAt(0)] = value;
}

/**
 * The bytes that `text` spells in hexadecimal digits of either case, two a byte, or undefined when it has an odd number of
 * characters or any other character (`Buffer.from(text, 'hex')` would stop there silently, and reads U+0130 as `0`).
 * Empty text gives no bytes.
 */
export function parseHex(text: string): Uint8Array | undefined {
  const length = text.length >>> 1;
  if (text.length !== length * 2) return undefined;
  const bytes = new Uint8Array(length);
  let seen = 0;
  for (let at = 0; at < length; at++) {
    const high = text.charCodeAt(at * 2);
    const low = text.charCodeAt(at * 2 + 1);
    if ((high | low) > 255) return undefined;
    const highNibble = NIBBLES[high] ?? 255;
    const lowNibble = NIBBLES[low] ?? 255;
    seen |= highNibble | lowNibble;
    bytes[at] = (highNibble << 4) | lowNibble;
  }
  return seen > 15 ? undefined : bytes;
}

/** Bytes as upper-case hexadecimal digits, two a byte. */
export function formatHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text.toUpperCase();
}
