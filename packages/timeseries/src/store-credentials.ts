import { StoreConfigError } from './errors.ts';
import type { StoreCredentials } from './point-store.ts';

/** The credentials of a store as separate texts, from wherever a process has its secrets. */
export interface CredentialTexts {
  readonly token?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/**
 * Either a token or a user name with a password; undefined when nothing is given, as for engines that need none. Throws a
 * `StoreConfigError` for anything else, which quotes nothing of them.
 */
export function storeCredentials({
  token,
  username,
  password,
}: CredentialTexts): StoreCredentials | undefined {
  if (token !== undefined && username === undefined && password === undefined)
    return { kind: 'token', token };
  if (token === undefined && username !== undefined && password !== undefined) {
    return { kind: 'password', username, password };
  }
  if (token === undefined && username === undefined && password === undefined) return undefined;
  throw new StoreConfigError(['its credentials are a token alone, or a user name with a password']);
}
