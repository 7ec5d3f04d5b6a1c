import { describe, expect, it } from 'vitest';
import { StoreConfigError, storeCredentials } from '../src/index.ts';

describe('storeCredentials', () => {
  it.each([
    [{}, undefined],
    [{ token: 't' }, { kind: 'token', token: 't' }],
    [
      { username: 'u', password: 'p' },
      { kind: 'password', username: 'u', password: 'p' },
    ],
  ])('%o', (texts, credentials) => {
    expect(storeCredentials(texts)).toEqual(credentials);
  });

  it.each([[{ token: 'hunter2', username: 'u' }], [{ username: 'u' }], [{ password: 'hunter2' }]])(
    'refuses %o without quoting it',
    (texts) => {
      expect(() => storeCredentials(texts)).toThrow(StoreConfigError);
      expect(() => storeCredentials(texts)).not.toThrow(/hunter2/);
    },
  );
});
