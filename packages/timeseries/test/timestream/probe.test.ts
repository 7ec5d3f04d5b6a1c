import { StoreBusyError, StoreSetupError, StoreUnavailableError } from '@furrow/timeseries';
import { describe, expect, it } from 'vitest';
import { denied, throttle } from './fake/faults.ts';
import { openFake } from './fake/open-fake.ts';
import { NOW } from './points.ts';

const clock = () => NOW;

describe('TimestreamStore.probe', () => {
  it.each([
    ['24 hours and 89 days', { memoryHours: 24, magneticDays: 89 }],
    [
      '90 days of memory, without late writes',
      { memoryHours: 2_160, magneticDays: 1, magneticWrites: false },
    ],
    ['years', { memoryHours: 12, magneticDays: 73_000 }],
  ])('takes a table that keeps %s', async (_, setup) => {
    const { fake, store } = await openFake(setup, { clock });
    await expect(store.probe()).resolves.toBeUndefined();
    expect(fake.table.rows.size).toBe(0);
    expect(fake.calls).toEqual(expect.arrayContaining(['DescribeTable', 'WriteRecords', 'Query']));
  });

  it('names everything that is wrong with a table at once', async () => {
    const { store } = await openFake({ memoryHours: 24, magneticDays: 88, magneticWrites: false }, { clock });
    const probing = store.probe();
    await expect(probing).rejects.toThrow(StoreSetupError);
    await expect(probing).rejects.toMatchObject({
      retryable: false,
      problems: [
        expect.stringMatching(
          /keeps 24 hours in memory and 88 days .* less than 90 days: raise its Magnetic/,
        ),
        expect.stringMatching(
          /refuses points that arrive later than 24 hours: set EnableMagneticStoreWrites/,
        ),
      ],
    });
  });

  it.each([
    ['DescribeTable', 'DescribeTable'],
    ['WriteRecords', 'WriteRecords'],
    ['Query', 'Select'],
  ])('names the permission that %s lacks', async (barred, action) => {
    const { fake, store } = await openFake({}, { clock });
    fake.fault = ({ operation }) => (operation === barred ? denied(action) : undefined);
    await expect(store.probe()).rejects.toMatchObject({
      problems: [
        expect.stringContaining(
          `the permission timestream:${action} on table points of database furrow is missing`,
        ),
      ],
    });
  });

  it('names a table that is not there, once', async () => {
    const { store } = await openFake({ table: 'other' }, { clock });
    await expect(store.probe()).rejects.toMatchObject({
      problems: ['there is no table points of database furrow'],
    });
  });

  it('says that nothing answers, which may pass', async () => {
    const { fake, store } = await openFake({}, { clock });
    fake.fault = () => ({ kind: 'drop' });
    const probing = store.probe();
    await expect(probing).rejects.toThrow(StoreUnavailableError);
    await expect(probing).rejects.toMatchObject({ retryable: true });
  });

  it('asks again when it is throttled, because many workers start at once', async () => {
    const { fake, store } = await openFake({}, { clock });
    fake.fault = ({ operation, nth }) => (operation === 'DescribeTable' && nth === 0 ? throttle : undefined);
    await expect(store.probe()).resolves.toBeUndefined();
  });

  it('gives up with a retryable error when the throttle stays', { timeout: 20_000 }, async () => {
    const { fake, store } = await openFake({}, { clock });
    fake.fault = ({ operation }) => (operation === 'DescribeTable' ? throttle : undefined);
    await expect(store.probe()).rejects.toThrow(StoreBusyError);
  });
});
