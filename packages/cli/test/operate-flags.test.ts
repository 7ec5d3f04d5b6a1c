import { describe, expect, it } from 'vitest';
import { parseExpiry, parseProject } from '../src/operate/operate-flags.ts';

describe('parseExpiry', () => {
  it('reads days from now, a date and a time', () => {
    expect(parseExpiry('90d').getTime() - Date.now()).toBeCloseTo(90 * 86_400_000, -4);
    expect(parseExpiry('2999-01-31')).toEqual(new Date('2999-01-31T00:00:00Z'));
    expect(parseExpiry('2999-01-31T10:00:00+08:00')).toEqual(new Date('2999-01-31T02:00:00Z'));
  });

  it.each(['', 'never', '90', '0d', '2020-01-01', '2999-13-01', '2999-01-31T10:00:00', '99999d'])(
    'refuses %j',
    (text) => {
      expect(() => parseExpiry(text)).toThrow(/an expiry/);
    },
  );
});

describe('parseProject', () => {
  it('takes an organization and a project', () => {
    expect(parseProject('yanji-lab/alpha')).toEqual({ org: 'yanji-lab', project: 'alpha' });
  });

  it.each(['', 'alpha', '/alpha', 'yanji-lab/', 'a/b/c'])('refuses %j', (text) => {
    expect(() => parseProject(text)).toThrow(/written org\/project/);
  });
});
