import { StoreConfigError, type StoreCredentials } from '@furrow/timeseries';
import { parseInfluxUrl } from '@furrow/timeseries/influx';
import { describe, expect, it } from 'vitest';

const TOKEN: StoreCredentials = { kind: 'token', token: 'Zm9v==' };

function problemsOf(url: string, credentials?: StoreCredentials): readonly string[] {
  try {
    parseInfluxUrl(url, credentials);
  } catch (error) {
    if (error instanceof StoreConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('parseInfluxUrl', () => {
  it('has defaults for everything but the host and the database', () => {
    expect(parseInfluxUrl('influx+http://localhost/furrow')).toEqual({
      origin: 'http://localhost:8086',
      database: 'furrow',
      retentionPolicy: undefined,
      measurement: 'points',
      batchLines: 5_000,
      timeoutMs: 30_000,
      attempts: 4,
      writers: 'one',
      credentials: undefined,
    });
  });

  it('reads every part', () => {
    const url =
      'INFLUX+HTTPS://ops:p%40ss@[::1]:80/my%20db?rp=kept&measurement=readings&batch_lines=10000&timeout=5&attempts=1&writers=several';
    expect(parseInfluxUrl(url)).toEqual({
      origin: 'https://[::1]:80',
      database: 'my db',
      retentionPolicy: 'kept',
      measurement: 'readings',
      batchLines: 10_000,
      timeoutMs: 5_000,
      attempts: 1,
      writers: 'several',
      credentials: { kind: 'password', username: 'ops', password: 'p@ss' },
    });
  });

  it.each([
    ['a user without a password', 'influx+http://Zm9v%3D%3D@h/db', undefined],
    ['credentials beside the URL', 'influx+http://h/db', TOKEN],
  ])('takes a token from %s', (_, url, credentials) => {
    expect(parseInfluxUrl(url, credentials).credentials).toEqual(TOKEN);
  });

  it.each([
    ['influx:db', ['it is influx+http://']],
    ['influx+http://', ['its path is the name', 'it names a host']],
    ['influx+http://h', ['its path is the name of one database']],
    ['influx+http://h/a/b', ['its path is the name of one database']],
    ['influx+http://h/a%2Fb', ['its path is the name of one database']],
    ['influx+http://h/a%zz', ['percent signs', 'its path']],
    ['influx+http://h/db#x', ['no part after "#"']],
    ['influx+http://h/db?rp=a/b', ['rp is a name']],
    ['influx+http://h/db?measurement=a%20b', ['measurement has 1 to 64']],
    ['influx+http://h/db?batch_lines=10001', ['batch_lines is a whole number from 1 to 10000']],
    ['influx+http://h/db?timeout=0&attempts=x', ['timeout is', 'attempts is']],
    ['influx+http://h/db?writers=two', ['writers is one or several']],
    ['influx+http://h/db?token=x', ['it has no parameter token']],
    ['influx+http://h/db?rp=a&rp=b', ['rp is given once']],
  ])('refuses %s and lists every problem', (url, expected) => {
    const problems = problemsOf(url);
    expect(problems).toHaveLength(expected.length);
    expected.forEach((problem, i) => {
      expect(problems[i]).toContain(problem);
    });
  });

  it('quotes no credentials in its problems', () => {
    const problems = problemsOf(
      'influx+http://user:s3cret@h/a/b?s3cret=1&writers=s3cret'.replace('s3cret=1', 'x=1'),
      {
        kind: 'token',
        token: 's3cret\n',
      },
    );
    expect(problems.length).toBeGreaterThan(3);
    expect(problems.join()).not.toContain('s3cret');
  });
});
