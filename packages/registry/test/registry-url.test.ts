import { describe, expect, it } from 'vitest';
import {
  describeAddress,
  openRegistry,
  parseRegistryUrl,
  RegistryError,
  RegistryUrlError,
} from '../src/index.ts';

describe('parseRegistryUrl', () => {
  it.each([
    ['pglite:./data/registry', { engine: 'pglite', directory: './data/registry' }],
    ['pglite:/var/lib/furrow', { engine: 'pglite', directory: '/var/lib/furrow' }],
    ['pglite::memory:', { engine: 'pglite', directory: null }],
    ['postgres://u:p@h:5433/db', { engine: 'postgres', connectionString: 'postgres://u:p@h:5433/db' }],
    [
      'postgresql://h/db?sslmode=disable',
      { engine: 'postgres', connectionString: 'postgresql://h/db?sslmode=disable' },
    ],
    [
      'postgres://furrow@h:5432/db?auth=aws-iam',
      {
        engine: 'postgres',
        connectionString: 'postgres://furrow@h:5432/db?auth=aws-iam',
        auth: 'aws-iam',
      },
    ],
  ])('reads %s', (url, address) => {
    expect(parseRegistryUrl(url)).toEqual(address);
  });

  it.each([
    '',
    'registry',
    'pglite:',
    'mysql://u:hunter2@h/db',
    'postgres://u:hunter2@h',
    'postgres://u:hun/ter2@h/db:x',
    'postgres:hunter2',
    'postgres://u:hunter2@h/db?auth=aws-iam',
    'postgres://h/db?auth=aws-iam',
    'postgres://u@h/db?auth=hunter2',
    'postgres://u@h/db?auth=aws-iam&auth=aws-iam',
  ])('refuses %j without repeating it', (url) => {
    let message = '';
    try {
      parseRegistryUrl(url);
    } catch (error) {
      expect(error).toBeInstanceOf(RegistryUrlError);
      message = String(error) + JSON.stringify(error) + String((error as Error).cause);
    }
    expect(message).toContain('the registry is pglite:<directory>');
    expect(message).not.toMatch(/hunter2|ter2@/);
  });
});

describe('describeAddress', () => {
  it.each([
    [
      'postgres://furrow:hunter2@db.example:5433/farm?sslmode=disable',
      'postgres://furrow@db.example:5433/farm',
    ],
    ['postgres://db.example/farm', 'postgres://db.example/farm'],
    ['pglite::memory:', 'pglite::memory:'],
    ['pglite:./data', 'pglite:./data'],
  ])('shows %s without its password', (url, shown) => {
    expect(describeAddress(parseRegistryUrl(url))).toBe(shown);
  });
});

describe('openRegistry', () => {
  it('says that a server does not answer, retryably and without the password', async () => {
    // Port 1 on loopback: nobody listens there.
    const opening = openRegistry('postgres://furrow:hunter2@127.0.0.1:1/farm', { connectTimeoutMs: 2_000 });
    const error = await opening.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RegistryError);
    expect(error).toMatchObject({ code: 'REGISTRY_UNAVAILABLE', retryable: true });
    expect(`${error} ${JSON.stringify(error)} ${(error as Error).stack}`).not.toContain('hunter2');
  });
});
