import { type AgriId, agriId } from '@furrow/contracts';
import { describe, expect, it } from 'vitest';
import { auditPoints, type ShownPoint } from './audit-points.ts';
import { auditQuarantine } from './audit-quarantine.ts';
import { readChaosCommand } from './chaos-options.ts';
import { type ChaosResult, chaosTable, failuresOf } from './chaos-result.ts';
import { SentLedger } from './sent-ledger.ts';

const TEMP = agriId('c-1000-alder-1-00');
const HUMI = agriId('c-1000-alder-1-02');
const T = 1_708_070_400_000;

function ledgerOfThree(): SentLedger {
  const ledger = new SentLedger();
  ledger.add(TEMP, T, 24.3, false);
  ledger.add(TEMP, T + 1, 24.4, false);
  ledger.add(HUMI, T, 51, false);
  return ledger;
}

const SHOWN_TEMP = [
  { t: T + 1, value: 24.4 },
  { t: T, value: 24.3 },
];

/** What reads show when all is well, with what a test changes. */
const shownWith = (...changes: [AgriId, ShownPoint[]][]): Map<AgriId, ShownPoint[]> =>
  new Map([[TEMP, SHOWN_TEMP], [HUMI, [{ t: T, value: 51 }]], ...changes]);

describe('auditPoints', () => {
  it('finds nothing when every point is there once with its value', () => {
    expect(auditPoints(ledgerOfThree(), shownWith())).toEqual({
      missing: [],
      wrong: [],
      duplicates: [],
      phantoms: [],
    });
  });

  it('finds a missing point, also of a factor that was not read at all', () => {
    const shown = new Map([[TEMP, [{ t: T, value: 24.3 }]]]);
    expect(auditPoints(ledgerOfThree(), shown).missing).toEqual([
      `${TEMP}@${T + 1} with 24.4 is missing`,
      `${HUMI}@${T} with 51 is missing`,
    ]);
  });

  it.each([24.300000000000004, 243, -24.3, Number.NaN])('finds a wrong value: %s', (value) => {
    const shown = shownWith([
      TEMP,
      [
        { t: T, value },
        { t: T + 1, value: 24.4 },
      ],
    ]);
    expect(auditPoints(ledgerOfThree(), shown)).toMatchObject({
      missing: [],
      wrong: [`${TEMP}@${T} has ${value} instead of 24.3`],
    });
  });

  it('finds a key that is shown twice, even with the right value', () => {
    const shown = shownWith([
      HUMI,
      [
        { t: T, value: 51 },
        { t: T, value: 51 },
      ],
    ]);
    expect(auditPoints(ledgerOfThree(), shown).duplicates).toEqual([`${HUMI}@${T} is shown again, with 51`]);
  });

  it('finds a point that was never sent: another time, another factor, or one that the store was to refuse', () => {
    const ledger = ledgerOfThree();
    const other = agriId('c-1001-alder-1-00');
    ledger.add(TEMP, T + 5, 1, true);
    const shown = shownWith(
      [
        HUMI,
        [
          { t: T, value: 51 },
          { t: T + 9, value: 7 },
        ],
      ],
      [other, [{ t: T, value: 3 }]],
      [TEMP, [...SHOWN_TEMP, { t: T + 5, value: 1 }]],
    );
    expect(auditPoints(ledger, shown)).toMatchObject({
      missing: [],
      wrong: [],
      phantoms: [
        `${TEMP}@${T + 5} has 1 and was never sent`,
        `${HUMI}@${T + 9} has 7 and was never sent`,
        `${other}@${T} has 3 and was never sent`,
      ],
    });
  });
});

let envelopes = 0;
const envelope = (body: string, reasons: Record<string, number>, id = `id-${++envelopes}`): string =>
  JSON.stringify({
    v: 1,
    id,
    quarantined_at: T,
    stage: 'parse',
    reasons,
    summary: 'a summary',
    rejects_total: 1,
    rejects: [],
    context: {},
    message_id: 'm',
    sent_at: T,
    receive_count: 1,
    original: { encoding: 'plain', message: { body, attributes: [] } },
  });

const REFUSED_BODY = JSON.stringify([
  { agri_id: TEMP, value: 1, t: T + 5 },
  { agri_id: TEMP, value: 2, t: new Date(T).toISOString() },
]);

function ledgerWithTrouble(): SentLedger {
  const ledger = ledgerOfThree();
  ledger.add(TEMP, T + 5, 1, true);
  ledger.poison.set('{"broken', { kind: 'truncated JSON', reasons: { malformed_json: 1 } });
  return ledger;
}

const RIGHT = [
  envelope('{"broken', { malformed_json: 1 }, 'a'),
  envelope(REFUSED_BODY, { store_rejected: 1 }),
];

describe('auditQuarantine', () => {
  it('finds nothing when poison and refused points are there with their reasons, however often', async () => {
    const again = envelope('{"broken', { malformed_json: 1 }, 'a');
    expect(await auditQuarantine(ledgerWithTrouble(), [...RIGHT, again], [])).toEqual({
      astray: [],
      deadLetters: [],
      rejectedByReason: { malformed_json: 1, store_rejected: 1 },
      repeated: 1,
    });
  });

  it.each([
    ['poison that is nowhere', RIGHT.slice(1), '"truncated JSON" is not in quarantine'],
    [
      'poison under another reason',
      [envelope('{"broken', { no_reading: 1 }), RIGHT[1]],
      '"truncated JSON" has',
    ],
    [
      'poison under one reason too many',
      [envelope('{"broken', { malformed_json: 1, no_reading: 1 }), RIGHT[1]],
      '"truncated JSON" has',
    ],
    ['a refused point that is nowhere', RIGHT.slice(0, 1), 'which the store refuses, is not in quarantine'],
    [
      'a good reading refused with a refused one',
      [RIGHT[0], envelope(REFUSED_BODY, { store_rejected: 2 })],
      'a good message is in quarantine',
    ],
    [
      'a good message',
      [...RIGHT, envelope('[{"agri_id":"x"}]', { unknown_factor: 1 })],
      'a good message is in quarantine',
    ],
  ])('finds %s', async (_name, quarantined, finding) => {
    const { astray } = await auditQuarantine(ledgerWithTrouble(), quarantined as string[], []);
    expect(astray).toEqual([expect.stringContaining(finding)]);
  });

  it('lists what is in the dead-letter queue', async () => {
    const { deadLetters } = await auditQuarantine(ledgerWithTrouble(), RIGHT, [REFUSED_BODY, '{"broken']);
    expect(deadLetters).toEqual([
      expect.stringContaining('a good message'),
      expect.stringContaining('"truncated JSON"'),
    ]);
  });
});

const PASSED: ChaosResult = {
  options: readChaosCommand(['--seed', '9'], () => 1).options,
  registry: 'PGlite',
  faults: 16,
  sent: 100,
  messages: 20,
  poison: 2,
  repeated: 0,
  stored: 99,
  points: { missing: [], wrong: [], duplicates: [], phantoms: [] },
  apiDifferences: [],
  apiPoints: 10,
  quarantine: { astray: [], deadLetters: [], rejectedByReason: { malformed_json: 2 }, repeated: 0 },
  stuck: 0,
  refusals: [],
  sqs: {
    delivered: 20,
    redelivered: 1,
    mostDeliveries: 2,
    duplicated: 1,
    failedRequests: 0,
    expiredReceipts: 0,
    lostAnswers: 0,
    cutReceives: 0,
  },
  imbalance: 0,
  ledgerSamples: 10,
  longestStallMs: 1234,
  longestStallEndMs: 9000,
  drainedAfterMs: 500,
  peakBytes: { api: 2 ** 28 },
  processes: { api: { starts: 3, failedStarts: 1, crashes: 0, uncleanStops: 0 } },
};

describe('failuresOf', () => {
  it('is empty for a run in which all is well', () => {
    expect(failuresOf(PASSED)).toEqual([]);
  });

  const crashed = { starts: 1, failedStarts: 0, crashes: 1, uncleanStops: 0 };
  it.each<[string, Partial<ChaosResult>]>([
    ['1 missing', { points: { ...PASSED.points, missing: ['x'] } }],
    ['1 wrong', { points: { ...PASSED.points, wrong: ['x'] } }],
    ['1 duplicates', { points: { ...PASSED.points, duplicates: ['x'] } }],
    ['1 never sent', { points: { ...PASSED.points, phantoms: ['x'] } }],
    ['1 differences in the API', { apiDifferences: ['x'] }],
    ['1 astray', { quarantine: { ...PASSED.quarantine, astray: ['x'] } }],
    ['1 in the dead-letter queue', { quarantine: { ...PASSED.quarantine, deadLetters: ['x'] } }],
    ['1 refused by the API', { refusals: ['x'] }],
    ['3 messages did not come to an end', { stuck: 3 }],
    ['out of balance by 2', { imbalance: 2 }],
    ['no ledger could be read', { ledgerSamples: 0 }],
    ['worker-1 ended by itself', { processes: { 'worker-1': crashed } }],
  ])('says "%s"', (finding, change) => {
    expect(failuresOf({ ...PASSED, ...change }).join('\n')).toContain(finding);
  });
});

describe('chaosTable', () => {
  it('shows the seed and what was measured', () => {
    expect(chaosTable(PASSED)).toContain('seed 9, registry on PGlite');
    expect(chaosTable(PASSED)).toContain('| longest stall | 1.2 s, to 9.0 s |');
    expect(chaosTable(PASSED)).toContain('| peak memory: api | 256 MiB |');
  });
});
