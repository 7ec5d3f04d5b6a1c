import { StoreConfigError } from './errors.ts';
import type { StoreOptions } from './point-store.ts';

/** The credentials of a store as separate texts, from wherever a process has its secrets. */
export interface CredentialTexts {
  readonly token?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/**
 * The part of a store's options that logs in: either a token or a user name with a password; empty when nothing is given, as for engines
 * that need none. Throws a `StoreConfigError` for anything else, which quotes nothing of them.
 */
export function storeLogin({
  token,
  username,
  password,
}: CredentialTexts): Pick<StoreOptions, 'credentials'> {
  if (token === undefined && username === undefined && password === undefined) return {};
  if (token !== undefined && username === undefined && password === undefined) {
    return { credentials: { kind: 'token', token } };
  }
  if (token === undefined && username !== undefined && password !== undefined) {
    return { credentials: { kind: 'password', username, password } };
  }
  throw new StoreConfigError(['its credentials are a token alone, or a user name with a password']);
}
