import { describe, expect, it } from 'vitest';
import { FACTOR_IDS } from './chaos-fleet.ts';
import { type ChaosOptions, readChaosCommand } from './chaos-options.ts';
import { planChaos } from './chaos-plan.ts';
import { FAULTS } from './faults/index.ts';
import { type PlannedMessage, renderUplink } from './load.ts';
import { POISON } from './poison.ts';
import { describeFault } from './schedule.ts';
import { SentLedger } from './sent-ledger.ts';

const options = (...args: string[]): ChaosOptions => readChaosCommand(args, () => 1).options;
const FIVE_MINUTES = options('--seed', '42');
const ONE_MINUTE = options('--seed', '42', '--minutes', '1');
const SHORT = options('--seed', '42', '--short');
const START_MS = 1_708_070_400_000;

const uplinksOf = (messages: Iterable<PlannedMessage>) =>
  [...messages].flatMap((message) => (message.kind === 'uplink' ? [renderUplink(message, START_MS)] : []));

describe('planChaos', () => {
  it('makes the same faults and the same messages from the same seed', () => {
    const [first, second] = [planChaos(ONE_MINUTE), planChaos(ONE_MINUTE)];
    expect(first.schedule.map(describeFault)).toEqual(second.schedule.map(describeFault));
    expect([...first.messages()]).toEqual([...second.messages()]);
    expect(uplinksOf(first.messages())).toEqual(uplinksOf(first.messages()));
  });

  it('makes other ones from another seed', () => {
    const [one, other] = [planChaos(SHORT), planChaos({ ...SHORT, seed: 43 })];
    expect(one.schedule.map(describeFault)).not.toEqual(other.schedule.map(describeFault));
    expect([...one.messages()]).not.toEqual([...other.messages()]);
  });

  it.each([
    ['five minutes', FIVE_MINUTES],
    ['a short run', SHORT],
  ])('has every kind of fault and of poison in %s, within the time of the load', (_name, run) => {
    const { schedule, messages } = planChaos(run);
    expect(new Set(schedule.map(({ fault }) => fault))).toEqual(new Set(FAULTS));
    for (const { atMs, durationMs } of schedule) {
      expect(atMs).toBeGreaterThanOrEqual(0);
      expect(atMs + durationMs).toBeLessThanOrEqual(run.loadMs + 1);
    }
    const kinds = [...messages()].flatMap((message) =>
      message.kind === 'poison' ? [message.poison.kind] : [],
    );
    expect(new Set(kinds)).toEqual(new Set(POISON.map(({ kind }) => kind)));
  });

  it('lets no two faults of a kind overlap, and no two outages', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { schedule } = planChaos({ ...FIVE_MINUTES, seed });
      const groups = Map.groupBy(schedule, ({ fault }) => (fault.outage ? 'outage' : fault.name));
      for (const [name, events] of groups) {
        events.forEach(({ atMs }, index) => {
          const before = events[index - 1];
          expect(atMs, name).toBeGreaterThanOrEqual(before ? before.atMs + before.durationMs : 0);
        });
      }
    }
  });

  it('has the outages in full length where there is time for them', () => {
    const lengths = planChaos(FIVE_MINUTES).schedule.flatMap(({ fault, durationMs }) =>
      fault.name === 'store-outage' ? [durationMs] : [],
    );
    expect(lengths).toEqual([60_000]);
  });

  it('sends at its rate, to every factor, no key and no value twice, by clocks that are ten minutes off', () => {
    const uplinks = uplinksOf(planChaos(ONE_MINUTE).messages());
    const readings = uplinks.flatMap((uplink) => uplink.readings);
    expect(readings.length / 60).toBeCloseTo(ONE_MINUTE.rate, -1);
    const ledger = new SentLedger();
    for (const { agriId, t, value, refused } of readings) ledger.add(agriId, t, value, refused);
    expect(new Set(ledger.points.keys())).toEqual(new Set(FACTOR_IDS));
    expect(ledger.refused.size).toBeGreaterThan(10);
    for (const [, times] of ledger.points) expect(new Set(times.values()).size).toBe(times.size);
    const skews = uplinks.map(({ device }) => device.skewMs);
    expect([Math.min(...skews), Math.max(...skews)]).toEqual([-600_000, 600_000]);
  });
});

describe('SentLedger', () => {
  it('refuses a key that was sent before, stored or refused', () => {
    const ledger = new SentLedger();
    const [agriId] = FACTOR_IDS as [(typeof FACTOR_IDS)[number]];
    ledger.add(agriId, 1, 5, false);
    ledger.add(agriId, 2, 6, true);
    expect(() => ledger.add(agriId, 1, 7, false)).toThrow('sent twice');
    expect(() => ledger.add(agriId, 2, 7, false)).toThrow('sent twice');
  });
});

describe('readChaosCommand', () => {
  it('takes five minutes, two workers and a new seed when nothing is said', () => {
    expect(readChaosCommand([], () => 77).options).toMatchObject({ loadMs: 300_000, workers: 2, seed: 77 });
  });

  it('lists all that is wrong', () => {
    const read = () => readChaosCommand(['--minutes', 'long', '--workers', '0', '--seed', '1.5'], () => 1);
    expect(read).toThrow(/--minutes is a number.*\n.*--seed is a whole number.*\n.*--workers/);
  });
});
