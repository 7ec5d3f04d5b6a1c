import { measureSide, type SideFigures } from './end-to-end/measure-side.ts';
import { readingsIn } from './fleet.ts';
import { markdownTable, median, type Row } from './table.ts';

const ROUNDS = 3;
const TIMES = { warmUpCpuSeconds: 2.5, seconds: 3 };
const STORE_NAMES = { timestream: 'Timestream (the strict fake)', duckdb: 'DuckDB' } as const;

const SIDES = {
  floor: { script: 'floor-side.ts', name: 'receive and delete only, Furrow’s pollers' },
  furrow: { script: 'furrow-side.ts', name: 'Furrow' },
  powertools: { script: 'powertools-side.ts', name: 'Powertools batch handler, a write for each message' },
  plain: { script: 'plain-side.ts', name: 'sqs-consumer as in its example' },
} as const;
type SideName = keyof typeof SIDES;
const NAMES = Object.keys(SIDES) as SideName[];

/** The same messages to a receiver that counts and keeps nothing, and to a store that does work. */
const SETTINGS = [
  { name: '100 points a message, line protocol', reads: 10, store: 'sink' },
  { name: '100 points a message, to DuckDB', reads: 10, store: 'duckdb' },
  { name: '10 points (1 KiB), line protocol', reads: 1, store: 'sink' },
] as const;
type Setting = (typeof SETTINGS)[number];

type Runs = Record<SideName, SideFigures[]>;

/**
 * From a queue that never empties to a store, every side a process of its own on the same messages: the floor, Furrow's worker, and what is
 * commonly written instead. The queue generates its messages and runs in a process of its own; the store of the first settings counts points
 * and keeps none. Sides run one after another, the order turned round in each round; medians of the rounds.
 */
export async function benchEndToEnd(): Promise<string> {
  const tables: string[] = [];
  const costs: Row[] = [];
  for (const setting of SETTINGS) {
    const runs = await runSetting(setting);
    tables.push(tableOf(setting, runs));
    if (setting.store === 'sink') {
      const message = `${readingsIn(setting.reads)} a message`;
      costs.push(...NAMES.map((side) => costRow(`${SIDES[side].name}, ${message}`, runs[side])));
    }
  }
  for (const store of ['timestream', 'duckdb'] as const) {
    const [uplinks] = SETTINGS;
    const figures = await measureSide({ ...uplinks, script: SIDES.furrow.script, store, ...TIMES });
    costs.push(costRow(`Furrow to ${STORE_NAMES[store]}, ${readingsIn(uplinks.reads)} a message`, [figures]));
  }
  const columns = [
    'a million points',
    'SQS requests',
    'billed as (64 KiB each)',
    'store requests',
    'billed KiB of the store',
    'bytes stored a point',
    'CPU seconds',
  ];
  return [...tables, markdownTable(columns, costs)].join('\n\n');
}

async function runSetting({ reads, store }: Setting): Promise<Runs> {
  const runs: Runs = { floor: [], furrow: [], powertools: [], plain: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const side of round % 2 === 0 ? NAMES : NAMES.toReversed()) {
      const { script } = SIDES[side];
      runs[side].push(
        await measureSide({
          ...{ script, reads, store },
          ...TIMES,
        }),
      );
    }
  }
  return runs;
}

function tableOf(setting: Setting, runs: Runs): string {
  const of = (side: SideName, what: Exclude<keyof SideFigures, 'stored'>) =>
    median(runs[side].map((figures) => figures[what]));
  const ours = of('furrow', 'pointsPerSecond');
  const rows = NAMES.map((side) => [
    SIDES[side].name,
    of(side, 'messagesPerSecond'),
    of(side, 'pointsPerSecond'),
    side === 'furrow' ? '' : ours / of(side, 'pointsPerSecond'),
    of(side, 'cpuMicrosPerPoint'),
    of(side, 'cores'),
    of(side, 'queueCores'),
    of(side, 'rssMib'),
  ]);
  const columns = [
    setting.name,
    'messages/s',
    'points/s',
    'Furrow, × this',
    'CPU µs/point',
    'cores used',
    'cores of the queue',
    'RSS, MiB',
  ];
  return markdownTable(columns, rows);
}

function costRow(name: string, runs: readonly SideFigures[]): Row {
  const of = (figure: (figures: SideFigures) => number) => shown(median(runs.map(figure)));
  return [
    name,
    of(({ requestsPerMillion }) => requestsPerMillion),
    of(({ chunksPerMillion }) => chunksPerMillion),
    of(({ stored }) => stored.requestsPerMillion),
    of(({ stored }) => stored.billedKibPerMillion),
    of(({ stored }) => stored.bytesPerPoint),
    of(({ cpuMicrosPerPoint }) => cpuMicrosPerPoint),
  ];
}

function shown(value: number): number | string {
  return Number.isFinite(value) ? value : '';
}
