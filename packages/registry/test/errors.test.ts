import { DrizzleQueryError } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { asRegistryError, inRegistry } from '../src/engine/database-error.ts';
import { deviceTypes, FACTOR_TYPES, RegistryUnavailable } from '../src/index.ts';

const sqlError = (code: string, message = 'from the server', detail?: string) =>
  Object.assign(new Error(message), { code, detail });

describe('asRegistryError', () => {
  it.each([
    ['08006', 'REGISTRY_UNAVAILABLE'],
    ['57P01', 'REGISTRY_UNAVAILABLE'],
    ['57014', 'REGISTRY_UNAVAILABLE'],
    ['53300', 'REGISTRY_UNAVAILABLE'],
    ['40001', 'REGISTRY_UNAVAILABLE'],
    ['ECONNREFUSED', 'REGISTRY_UNAVAILABLE'],
    ['EAI_AGAIN', 'REGISTRY_UNAVAILABLE'],
    ['23505', 'REGISTRY_CONFLICT'],
    ['FUR01', 'REGISTRY_CONFLICT'],
    ['42P01', 'REGISTRY_QUERY_FAILED'],
    ['28P01', 'REGISTRY_QUERY_FAILED'],
  ])('calls %s %s', (code, expected) => {
    const error = asRegistryError(sqlError(code));
    expect(error.code).toBe(expected);
    expect(error.retryable).toBe(expected === 'REGISTRY_UNAVAILABLE');
  });

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Cannot use a pool after calling end on the pool',
    'PGlite is closed',
  ])('calls "%s" no answer', (message) => {
    expect(asRegistryError(new Error(message)).code).toBe('REGISTRY_UNAVAILABLE');
  });

  it('leaves the statement and its parameters behind', () => {
    const error = asRegistryError(new DrizzleQueryError('select 1', ['8K2P'], sqlError('42P01')));
    expect(error.message).toBe('the registry refused a statement: from the server');
    expect(String(error.cause)).not.toContain('8K2P');
  });

  it('joins the failures of every address of a host', () => {
    const error = asRegistryError(
      Object.assign(new AggregateError([new Error('v4'), new Error('v6')], ''), { code: 'ECONNREFUSED' }),
    );
    expect(error.message).toContain('v4, v6');
  });

  it('keeps an error of this package', async () => {
    const mine = new RegistryUnavailable('mine');
    await expect(inRegistry(() => Promise.reject(mine))).rejects.toBe(mine);
  });

  it('says the detail of a conflict', () => {
    expect(asRegistryError(sqlError('23505', 'duplicate', 'Key (slug)=(a)'))).toMatchObject({
      problems: ['duplicate: Key (slug)=(a)'],
    });
  });
});

describe('deviceTypes', () => {
  it('lists every factor type with a name and an icon', () => {
    expect(deviceTypes).toHaveLength(Object.keys(FACTOR_TYPES).length);
    expect(deviceTypes[0]).toEqual({ type: 'temp', name: 'Temperature', unit: '℃', icon: 'temp.png' });
    for (const { type, name, icon } of deviceTypes) {
      expect(type).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(name).not.toBe('');
      expect(icon).toMatch(/\.png$/);
    }
  });
});
