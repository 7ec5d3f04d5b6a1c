import { StoreConfigError } from '@furrow/timeseries';
import { parseDuckDbUrl } from '@furrow/timeseries/duckdb';
import { describe, expect, it } from 'vitest';

describe('parseDuckDbUrl', () => {
  it.each([
    ['duckdb:./data/points.duckdb', './data/points.duckdb'],
    ['duckdb:points.duckdb', 'points.duckdb'],
    ['duckdb:/var/lib/furrow/points.duckdb', '/var/lib/furrow/points.duckdb'],
    ['duckdb:///var/lib/furrow/points.duckdb', '/var/lib/furrow/points.duckdb'],
    ['duckdb:my%20data/points%3F.duckdb', 'my data/points?.duckdb'],
    ['DUCKDB::memory:', ':memory:'],
  ])('reads the path of %s', (url, path) => {
    expect(parseDuckDbUrl(url)).toMatchObject({
      path,
      memoryLimit: '512MB',
      readers: 2,
      checkpointThreshold: '16MB',
    });
  });

  it('reads every parameter', () => {
    const url = 'duckdb:p?memory_limit=1.5GiB&threads=3&readers=4&checkpoint_threshold=64MB';
    expect(parseDuckDbUrl(url)).toEqual({
      path: 'p',
      memoryLimit: '1.5GiB',
      threads: 3,
      readers: 4,
      checkpointThreshold: '64MB',
    });
  });

  it.each([
    ['duckdb:', ['it names a file']],
    ['duckdb://host/points.duckdb', ['its path has no host']],
    ['duckdb:a%zz', ['the percent signs']],
    ['duckdb:p?threads=0', ['threads is a whole number from 1']],
    ['duckdb:p?threads=two', ['threads is a whole number from 1']],
    ['duckdb:p?readers=99', ['readers is a whole number from 1 to 16']],
    ['duckdb:p?memory_limit=1', ['memory_limit is a size']],
    ["duckdb:p?memory_limit=1GB'; DROP", ['memory_limit is a size']],
    ['duckdb:p?access_mode=read_only', ['it has no parameter access_mode']],
    ['duckdb:p?threads=1&threads=2', ['threads is given once']],
    [
      'duckdb:?threads=0&memory_limit=&x=1',
      ['no parameter x', 'names a file', 'memory_limit is', 'threads is'],
    ],
  ])('refuses %s and lists every problem', (url, problems) => {
    try {
      parseDuckDbUrl(url);
    } catch (error) {
      expect(error).toBeInstanceOf(StoreConfigError);
      const listed = error instanceof StoreConfigError ? error.problems : [];
      expect(listed).toHaveLength(problems.length);
      problems.forEach((problem, i) => {
        expect(listed[i]).toContain(problem);
      });
      return;
    }
    expect.unreachable();
  });
});
