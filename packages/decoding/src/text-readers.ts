import type { ByteOrder } from './byte-order.ts';
import type { TextReader } from './text-codec.ts';

/** Which bytes of each register are characters: both, the high one first, or one of them. */
export type TextBytes = 'both' | 'high' | 'low';

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads text of so many registers, up to the first NUL: UTF-8, or Latin-1 where it is no UTF-8. Swapped bytes are put right inside
 * each register; the registers stay in their order.
 */
export function textReader(which: TextBytes, registers: number, { bytesSwapped }: ByteOrder): TextReader {
  const offsets = which === 'both' ? [0, 1] : [which === 'high' ? 0 : 1];
  const places = offsets.map((offset) => (bytesSwapped ? 1 - offset : offset));
  return (view, at) => {
    const bytes: number[] = [];
    for (let register = 0; register < registers; register++) {
      for (const place of places) bytes.push(view.getUint8(at + register * 2 + place));
    }
    const end = bytes.indexOf(0);
    return decodeText(end < 0 ? bytes : bytes.slice(0, end));
  };
}

function decodeText(bytes: readonly number[]): string {
  try {
    return UTF_8.decode(Uint8Array.from(bytes));
  } catch {
    return String.fromCharCode(...bytes);
  }
}
