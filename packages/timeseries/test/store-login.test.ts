import { describe, expect, it } from 'vitest';
import { StoreConfigError, storeLogin } from '../src/index.ts';

describe('storeLogin', () => {
  it.each([
    [{}, {}],
    [{ token: 't' }, { credentials: { kind: 'token', token: 't' } }],
    [{ username: 'u', password: 'p' }, { credentials: { kind: 'password', username: 'u', password: 'p' } }],
  ])('%o', (texts, credentials) => {
    expect(storeLogin(texts)).toEqual(credentials);
  });

  it.each([[{ token: 'hunter2', username: 'u' }], [{ username: 'u' }], [{ password: 'hunter2' }]])(
    'refuses %o without quoting it',
    (texts) => {
      expect(() => storeLogin(texts)).toThrow(StoreConfigError);
      expect(() => storeLogin(texts)).not.toThrow(/hunter2/);
    },
  );
});
