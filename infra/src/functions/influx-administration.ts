import { z } from 'zod';

const REQUEST_TIMEOUT_MS = 15_000;
const SECONDS_PER_DAY = 86_400;

const bucketsSchema = z.object({
  buckets: z.array(
    z.object({ id: z.string(), retentionRules: z.array(z.object({ everySeconds: z.number() })).default([]) }),
  ),
});
const organizationsSchema = z.object({ orgs: z.array(z.object({ id: z.string() })) });
const mappingsSchema = z.object({
  content: z.array(z.object({ bucketID: z.string(), virtual: z.boolean().default(false) })).default([]),
});
const tokensSchema = z.object({ authorizations: z.array(z.object({ token: z.string().default('') })) });

/** The few things that the setup does in InfluxDB 2.x. Every method rejects with an Error that names the request and the answer. */
export interface InfluxAdministration {
  organizationId(name: string): Promise<string>;
  /** The bucket's id; made, or given that retention, when it is not so already. */
  ensureBucket(orgId: string, name: string, retentionDays: number): Promise<string>;
  /** Makes the bucket answer to a database name, as the line protocol and InfluxQL ask for one. */
  ensureDatabase(orgId: string, bucketId: string, database: string): Promise<void>;
  /** Every token of the organization. */
  tokens(orgId: string): Promise<readonly string[]>;
  /** A new token that may read and write that bucket and nothing else. */
  createToken(orgId: string, bucketId: string, description: string): Promise<string>;
  close(): Promise<void>;
}

/** Logs in with user name and password; see https://docs.influxdata.com/influxdb/v2/api/ for the requests. */
export async function openInfluxAdministration(
  url: string,
  login: { readonly username: string; readonly password: string },
): Promise<InfluxAdministration> {
  const basic = Buffer.from(`${login.username}:${login.password}`).toString('base64');
  const signedIn = await request(url, 'POST', '/api/v2/signin', { authorization: `Basic ${basic}` });
  const cookie = signedIn.headers
    .getSetCookie()
    .map((set) => set.split(';', 1)[0])
    .join('; ');
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await request(url, method, path, { cookie }, body);
    return answer.status === 204 ? undefined : answer.json();
  };
  return {
    organizationId: async (name) => {
      const { orgs } = organizationsSchema.parse(await call('GET', `/api/v2/orgs?${query({ org: name })}`));
      const [org] = orgs;
      if (!org) throw new Error(`InfluxDB has no organization ${name}`);
      return org.id;
    },
    ensureBucket: (orgId, name, days) => ensureBucket(call, orgId, name, days * SECONDS_PER_DAY),
    ensureDatabase: async (orgID, bucketID, database) => {
      const found = mappingsSchema.parse(
        await call('GET', `/api/v2/dbrps?${query({ orgID, db: database })}`),
      );
      if (found.content.some((mapping) => mapping.bucketID === bucketID && !mapping.virtual)) return;
      const mapping = { orgID, bucketID, database, retention_policy: 'autogen', default: true };
      await call('POST', '/api/v2/dbrps', mapping);
    },
    tokens: async (orgID) => {
      const found = tokensSchema.parse(await call('GET', `/api/v2/authorizations?${query({ orgID })}`));
      return found.authorizations.map(({ token }) => token).filter((token) => token !== '');
    },
    createToken: async (orgID, id, description) => {
      const permissions = ['read', 'write'].map((action) => ({
        action,
        resource: { type: 'buckets', id, orgID },
      }));
      const created = await call('POST', '/api/v2/authorizations', { orgID, description, permissions });
      return z.object({ token: z.string().min(1) }).parse(created).token;
    },
    close: async () => {
      await call('POST', '/api/v2/signout');
    },
  };
}

type Call = (method: string, path: string, body?: unknown) => Promise<unknown>;

async function ensureBucket(call: Call, orgID: string, name: string, everySeconds: number): Promise<string> {
  const found = await call('GET', `/api/v2/buckets?${query({ orgID, name })}`);
  const [bucket] = bucketsSchema.parse(found).buckets;
  const retentionRules = [{ type: 'expire', everySeconds }];
  if (!bucket) {
    const created = await call('POST', '/api/v2/buckets', { orgID, name, retentionRules });
    return z.object({ id: z.string() }).parse(created).id;
  }
  const [rule] = bucket.retentionRules;
  // A longer retention is somebody's decision; a shorter one would drop points that are still read. 0 is for ever.
  if (rule && rule.everySeconds > 0 && rule.everySeconds < everySeconds) {
    await call('PATCH', `/api/v2/buckets/${bucket.id}`, { retentionRules });
  }
  return bucket.id;
}

function query(parameters: Readonly<Record<string, string>>): string {
  return new URLSearchParams(parameters).toString();
}

async function request(
  url: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<Response> {
  const answer = await fetch(new URL(path, url), {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  if (answer.ok) return answer;
  const said = (await answer.text()).slice(0, 500);
  // "buckets?name=" of a missing bucket is 404 on some 2.x servers, an empty list on others.
  if (answer.status === 404 && method === 'GET' && path.startsWith('/api/v2/buckets?')) {
    return Response.json({ buckets: [] });
  }
  throw new Error(`InfluxDB answered ${answer.status} to ${method} ${path.split('?')[0]}: ${said}`);
}
