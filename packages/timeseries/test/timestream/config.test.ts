import { openStore, StoreConfigError } from '@furrow/timeseries';
import { parseTimestreamUrl } from '@furrow/timeseries/timestream';
import { describe, expect, it } from 'vitest';

describe('parseTimestreamUrl', () => {
  it.each([
    ['timestream://furrow/points', { database: 'furrow', table: 'points', writers: 32, readers: 4 }],
    ['TIMESTREAM://Furrow.eu/Points_1-a', { database: 'Furrow.eu', table: 'Points_1-a' }],
    ['timestream://furrow/points?writers=8&readers=16', { writers: 8, readers: 16 }],
  ])('reads %s', (url, expected) => {
    expect(parseTimestreamUrl(url)).toMatchObject(expected);
  });

  it.each([
    ['timestream:', /names a database and a table/],
    ['timestream:furrow/points', /names a database and a table/],
    ['timestream://furrow', /names a database and a table/],
    ['timestream://furrow/points/more', /names a database and a table/],
    ['timestream://fu/points', /its database has 3 to 256/],
    ['timestream://furrow/po%22ints', /its table has 3 to 256/],
    ['timestream://furrow/points?writers=0', /writers is a whole number from 1 to 64/],
    ['timestream://furrow/points?readers=17', /readers is a whole number from 1 to 16/],
    ['timestream://furrow/points?region=x', /it has no parameter region/],
    ['timestream://furrow/points?readers=1&readers=2', /readers is given once/],
  ])('refuses %s', async (url, message) => {
    expect(() => parseTimestreamUrl(url)).toThrow(StoreConfigError);
    expect(() => parseTimestreamUrl(url)).toThrow(message);
    await expect(openStore(url)).rejects.toThrow(message);
  });

  it('lists every problem at once', () => {
    expect(() => parseTimestreamUrl('timestream://a/b?writers=x&size=1')).toThrow(
      expect.objectContaining({ problems: expect.objectContaining({ length: 4 }) }),
    );
  });
});
