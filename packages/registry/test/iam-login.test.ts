import { X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { iamLogin } from '../src/engine/iam-login.ts';

const HOST = 'registry.cluster-abc.eu-central-1.rds.amazonaws.com';

afterEach(() => vi.unstubAllEnvs());

describe('iamLogin', () => {
  it('signs a token for each connection, for the user, host and port of the URL', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    const { password, ...login } = iamLogin(new URL(`postgres://fur%20row@${HOST}:5433/furrow?auth=aws-iam`));
    expect(login).toMatchObject({ host: HOST, port: 5433, user: 'fur row', database: 'furrow' });
    const token = typeof password === 'function' ? await password() : '';
    const parts = new URL(`https://${token}`);
    expect(parts.host).toBe(`${HOST}:5433`);
    expect(Object.fromEntries(parts.searchParams)).toMatchObject({
      Action: 'connect',
      DBUser: 'fur row',
      'X-Amz-Expires': '900',
      'X-Amz-Credential': expect.stringContaining('/eu-central-1/rds-db/aws4_request'),
    });
  });

  it("takes PostgreSQL's port when the URL names none, and no server without a certificate of RDS", () => {
    const { port, ssl } = iamLogin(new URL(`postgres://furrow@${HOST}/furrow?auth=aws-iam`));
    expect(port).toBe(5432);
    expect(ssl).toMatchObject({ rejectUnauthorized: true });
    const authorities = typeof ssl === 'object' && Array.isArray(ssl.ca) ? ssl.ca : [];
    const subjects = authorities.map((pem) => new X509Certificate(pem).subject);
    expect(subjects.some((subject) => /RDS eu-central-1 Root CA RSA2048 G1/.test(subject))).toBe(true);
  });
});
