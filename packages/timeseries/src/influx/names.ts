/** Longest name (agri_id, device, org, project, type) in bytes of UTF-8, encoded. Influx bounds a whole series key by 64 KiB. */
export const LONGEST_NAME_BYTES = 4_096;

/**
 * What line protocol cannot carry in a tag, or not in every version: control characters (a line break ends the line), the
 * backslash (before a comma or at the end it means something else), lone surrogates (UTF-8 has none), and `%`, which marks what is encoded.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\\%]/gu;
const ENCODED = /%(?:u([0-9a-f]{4})|([0-9a-f]{2}))/g;
/** Influx drops a tag with an empty value; this stands for it, and no encoded name is equal to it. */
const EMPTY = '%';

/**
 * A name as it stands in Influx: itself, unless it holds what line protocol cannot carry, which becomes `%0a` or `%ud800`.
 * Reversed by `decodeName`. Works letter by letter, so the code of a prefix is a prefix of the code.
 */
export function encodeName(name: string): string {
  return name === '' ? EMPTY : name.replace(UNSAFE, encodeUnit);
}

/** The name that `encodeName` was given. */
export function decodeName(text: string): string {
  if (text === EMPTY) return '';
  return text.replace(ENCODED, (_, unit: string | undefined, byte: string | undefined) =>
    String.fromCharCode(Number.parseInt(unit ?? byte ?? '', 16)),
  );
}

function encodeUnit(unit: string): string {
  const code = unit.charCodeAt(0);
  return code < 256 ? `%${code.toString(16).padStart(2, '0')}` : `%u${code.toString(16).padStart(4, '0')}`;
}
