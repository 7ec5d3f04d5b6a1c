import { createHash, randomBytes } from 'node:crypto';

/** How many characters of a token are kept readable, to find its row and to tell tokens apart. */
export const TOKEN_PREFIX_LENGTH = 8;

/** The fewest and most characters of a token; the fewest leave as many secret as the prefix shows. */
export const TOKEN_MIN_LENGTH = 16;
export const TOKEN_MAX_LENGTH = 200;

/** What RFC 6750 (section 2.1) lets a bearer token be made of. */
export const TOKEN_PATTERN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** Secret bytes in a new token: 256 bits, so that a plain SHA-256 of it cannot be searched. */
const SECRET_BYTES = 32;

/** A new token: `fur_` and 43 random characters. */
export function newTokenText(): string {
  return `fur_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** What is stored of a token. */
export interface TokenDigest {
  readonly prefix: string;
  /** SHA-256 of the text, 64 hexadecimal digits. */
  readonly hash: string;
}

export function tokenDigest(text: string): TokenDigest {
  return {
    prefix: text.slice(0, TOKEN_PREFIX_LENGTH),
    hash: createHash('sha256').update(text, 'utf8').digest('hex'),
  };
}
