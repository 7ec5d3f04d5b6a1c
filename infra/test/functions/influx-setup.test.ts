import { describe, expect, it, onTestFinished } from 'vitest';
import { handler, setUpInflux } from '../../src/functions/influx-setup.ts';
import { startFakeInflux } from './fake-influx.ts';

const LOGIN = { username: 'furrow-admin', password: 'hunter2' };
const DAYS_90 = 90 * 86_400;

async function influx(login = LOGIN) {
  const server = await startFakeInflux(LOGIN);
  onTestFinished(() => server.close());
  const secrets = new Map([
    ['admin', JSON.stringify(login)],
    ['token', 'made at random'],
  ]);
  const properties = {
    url: server.url,
    organization: 'furrow',
    bucket: 'furrow',
    retentionDays: '90',
    administratorSecretArn: 'admin',
    tokenSecretArn: 'token',
  };
  const setUp = (change: Partial<typeof properties> = {}) =>
    setUpInflux(
      { ...properties, ...change },
      {
        read: async (arn) => secrets.get(arn) ?? '',
        write: async (arn, text) => void secrets.set(arn, text),
      },
    );
  return { server, secrets, setUp };
}

describe('setUpInflux', () => {
  it('makes the bucket for 90 days, its database name, and a token for nothing else', async () => {
    const { server, secrets, setUp } = await influx();
    await setUp();
    expect(server.buckets).toMatchObject([{ name: 'furrow', retentionRules: [{ everySeconds: DAYS_90 }] }]);
    expect(server.mappings).toMatchObject([{ bucketID: 'b1', database: 'furrow', default: true }]);
    expect(secrets.get('token')).toBe('token-1');
    expect(server.tokens[0]?.permissions).toEqual([
      { action: 'read', resource: { type: 'buckets', id: 'b1', orgID: 'o1' } },
      { action: 'write', resource: { type: 'buckets', id: 'b1', orgID: 'o1' } },
    ]);
    expect(server.openSessions()).toBe(0);
  });

  it('changes nothing the second time, and keeps the token', async () => {
    const { server, secrets, setUp } = await influx();
    await setUp();
    await setUp();
    expect([server.buckets.length, server.mappings.length, server.tokens.length]).toEqual([1, 1, 1]);
    expect(secrets.get('token')).toBe('token-1');
    expect(server.requests.filter((request) => request.startsWith('PATCH'))).toEqual([]);
  });

  it.each([
    [30 * 86_400, DAYS_90],
    [365 * 86_400, 365 * 86_400],
    [0, 0],
  ])('makes a retention of %d s %d s: never shorter than it was', async (found, left) => {
    const { server, setUp } = await influx();
    server.buckets.push({ id: 'b1', name: 'furrow', retentionRules: [{ everySeconds: found }] });
    await setUp();
    expect(server.buckets[0]?.retentionRules[0]?.everySeconds).toBe(left);
  });

  it('replaces a token that InfluxDB does not know any more', async () => {
    const { server, secrets, setUp } = await influx();
    await setUp();
    server.tokens.length = 0;
    await setUp();
    expect(server.tokens.map(({ token }) => token)).toEqual([secrets.get('token')]);
  });

  it('says which request was refused, and never the password', async () => {
    const { setUp } = await influx({ ...LOGIN, password: 'wrong-one' });
    await expect(setUp()).rejects.toThrow(/^InfluxDB answered 401 to POST \/api\/v2\/signin/);
    await expect(setUp()).rejects.not.toThrow(/wrong-one/);
  });

  it('gives its session back when it fails', async () => {
    const { server, setUp } = await influx();
    await expect(setUp({ organization: 'other' })).rejects.toThrow('no organization other');
    expect(server.openSessions()).toBe(0);
  });
});

describe('handler', () => {
  const event = {
    ServiceToken: '',
    ResponseURL: '',
    StackId: '',
    RequestId: '',
    LogicalResourceId: '',
    ResourceType: '',
  };

  it('touches nothing when the resource is deleted', async () => {
    const ResourceProperties = {
      ServiceToken: '',
      url: 'http://127.0.0.1:1',
      organization: 'furrow',
      bucket: 'furrow',
      retentionDays: '90',
      administratorSecretArn: 'admin',
      tokenSecretArn: 'token',
    };
    const deleted = {
      ...event,
      RequestType: 'Delete',
      PhysicalResourceId: 'furrow/furrow',
      ResourceProperties,
    } as const;
    expect(await handler(deleted)).toEqual({ PhysicalResourceId: 'furrow/furrow' });
  });

  it('refuses properties that are missing', async () => {
    const created = { ...event, RequestType: 'Create', ResourceProperties: { ServiceToken: '' } } as const;
    await expect(handler(created)).rejects.toThrow(/tokenSecretArn/);
  });
});
