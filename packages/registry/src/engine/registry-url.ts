import { RegistryUrlError } from '../errors.ts';

/** Where the registry lives. */
export type RegistryAddress =
  | { readonly engine: 'pglite'; readonly directory: string | null }
  | {
      readonly engine: 'postgres';
      readonly connectionString: string;
      /** Present when the login is a token of AWS IAM instead of a password. */
      readonly auth?: 'aws-iam';
    };

/** The accepted forms, for messages. */
export const REGISTRY_URL_RULE =
  'the registry is pglite:<directory>, pglite::memory: or postgres://<user>:<password>@<host>/<database>';

/**
 * Reads the registry's URL. `pglite:./data/registry` is a directory relative to the working directory, `pglite::memory:`
 * keeps everything in memory. `postgres://user@host/database?auth=aws-iam` logs in by AWS IAM, without a password. Throws {@link RegistryUrlError}, whose message repeats nothing but the scheme: the rest may
 * be secret.
 */
export function parseRegistryUrl(url: string): RegistryAddress {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === 'pglite') return parsePglite(url.slice('pglite:'.length));
  if (scheme === 'postgres' || scheme === 'postgresql') return parsePostgres(url);
  const received = scheme === undefined ? 'no scheme' : `the scheme ${scheme.slice(0, 20)}:`;
  throw new RegistryUrlError(`${REGISTRY_URL_RULE} (received ${received})`);
}

/** The address without its password, for logs and messages. */
export function describeAddress(address: RegistryAddress): string {
  if (address.engine === 'pglite') return `pglite:${address.directory ?? ':memory:'}`;
  const { username, host, pathname } = new URL(address.connectionString);
  return `postgres://${username === '' ? '' : `${username}@`}${host}${pathname}`;
}

function parsePglite(rest: string): RegistryAddress {
  if (rest === ':memory:') return { engine: 'pglite', directory: null };
  if (rest === '' || rest.includes('\0'))
    throw new RegistryUrlError(`${REGISTRY_URL_RULE} (received pglite: without a directory)`);
  return { engine: 'pglite', directory: rest };
}

function parsePostgres(url: string): RegistryAddress {
  // The error of `new URL` carries the text, password included: it is not kept as the cause.
  const parsed = URL.parse(url);
  if (parsed === null || parsed.hostname === '' || parsed.pathname.length < 2) {
    throw new RegistryUrlError(
      `${REGISTRY_URL_RULE} (received a postgres URL without host or database, or with unescaped characters)`,
    );
  }
  const auth = parsed.searchParams.getAll('auth');
  if (auth.length === 0) return { engine: 'postgres', connectionString: url };
  if (auth.join() !== 'aws-iam' || parsed.username === '' || parsed.password !== '') {
    throw new RegistryUrlError(
      `${REGISTRY_URL_RULE}; with AWS IAM postgres://<user>@<host>/<database>?auth=aws-iam (received another auth, no user, or a password)`,
    );
  }
  return { engine: 'postgres', connectionString: url, auth: 'aws-iam' };
}
