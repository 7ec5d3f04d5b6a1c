import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SPARE } from '../../infra/src/cost/fleets.ts';
import { MEASURED } from '../../infra/src/cost/measured.ts';
import { burst, simulateQueue } from './queue-simulation.ts';
import { markdownTable, type Row } from './table.ts';

/** Points a minute. */
const LOADS = [1e6, 10e6, 100e6] as const;

/**
 * What one worker does, by points in a message: of 10 as docs/cost.md counts, of 100 as docs/benchmarks.md ("End to end") measured on a busy
 * machine, rounded down.
 */
const WORKERS = [
  { points: MEASURED.pointsPerUplink, pointsPerSecond: MEASURED.readingsPerSecond },
  { points: 100, pointsPerSecond: 70_000 },
] as const;

/** Each holds at most 20 messages for each of its 8 pollers. */
const IN_HAND = 160;
/** Messages of a standard queue that may be received and not deleted. */
const MOST_IN_FLIGHT = 120_000;
/** Connections of each task's pool to the registry, and what Aurora Serverless v2 allows with a maximum of 16 units and of 32 and more. */
const POOL = 10;
const AURORA_CONNECTIONS = { 16: 3_360, 32: 5_000 } as const;
/** Posts a second of one API task: a third of what the benchmark's POST of 50 items measured with client and server on two cores. */
const POSTS_PER_TASK = 300;
/** New connections a second that one unit of the load balancer's price is worth. */
const CONNECTIONS_PER_UNIT = 25;
/** Each worker's pollers ask again at once, so a receive brings ten messages when there is a backlog, and a delete takes ten. */
const MESSAGES_PER_REQUEST = 10;

/** The two tables of docs/scale.md: what each load needs, and what bursts and outages do to it. A function of measured constants. */
export function scaleTables(): string {
  return `${needsTable()}\n\n${trouble()}`;
}

/** `npm run bench -- scale`. */
export async function benchScale(): Promise<string> {
  return scaleTables();
}

/** Puts the tables into docs/scale.md, between their marks. */
export async function saveScale(): Promise<void> {
  const page = resolve(import.meta.dirname, '../../docs/scale.md');
  const text = await readFile(page, 'utf8');
  const marked = /(?<=<!-- scale -->\n)[\s\S]*?(?=<!-- \/scale -->)/;
  if (!marked.test(text)) throw new Error('docs/scale.md has no place for the tables');
  await writeFile(
    page,
    text.replace(marked, () => `${scaleTables()}\n`),
  );
}

interface Needs {
  readonly messages: number;
  readonly workers: number;
  readonly apiTasks: number;
}

function needsOf(load: number, worker: (typeof WORKERS)[number]): Needs {
  const perSecond = load / 60;
  const messages = perSecond / worker.points;
  return {
    messages,
    workers: Math.max(1, Math.ceil(perSecond / (worker.pointsPerSecond * (1 - SPARE)))),
    apiTasks: Math.max(1, Math.ceil(messages / POSTS_PER_TASK)),
  };
}

function needsTable(): string {
  const cases = LOADS.flatMap((load) => WORKERS.map((worker) => ({ load, worker })));
  const row = (name: string, figure: (needs: Needs, load: number) => number): Row => [
    name,
    ...cases.map(({ load, worker }) => count(figure(needsOf(load, worker), load))),
  ];
  return markdownTable(
    ['', ...cases.map(({ load, worker }) => `${load / 1e6} M a minute, ${worker.points} a message`)],
    [
      row('Messages a second', ({ messages }) => messages),
      row('Worker tasks of one vCPU, three quarters of each spare', ({ workers }) => workers),
      row('API tasks, one POST a message', ({ apiTasks }) => apiTasks),
      row(
        'SQS requests a second: sent alone, received and deleted by tens',
        ({ messages }) => messages * (1 + 2 / MESSAGES_PER_REQUEST),
      ),
      row(
        `Most messages in flight, ${IN_HAND} a worker (of ${count(MOST_IN_FLIGHT)})`,
        ({ workers }) => workers * IN_HAND,
      ),
      row(
        'Timestream writes a second, 100 points each',
        (_, load) => load / 60 / MEASURED.pointsPerFullWrite,
      ),
      row(
        'Timestream, billed MiB a second',
        (_, load) => ((load / 60 / MEASURED.pointsPerFullWrite) * MEASURED.kibPerFullWrite) / 1024,
      ),
      row(
        'Stored in 90 days, TB as Timestream counts',
        (_, load) => (load * 60 * 24 * 90 * MEASURED.storedBytesPerPoint) / 1e12,
      ),
      row(
        `Registry connections at most, ${POOL} a task (Aurora: ${count(AURORA_CONNECTIONS[16])} at 16 units, ${count(AURORA_CONNECTIONS[32])} from 32 on)`,
        ({ workers, apiTasks }) => (workers + apiTasks) * POOL,
      ),
      row(
        'Load balancer units, a new connection for each POST',
        ({ messages }) => messages / CONNECTIONS_PER_UNIT,
      ),
    ],
  );
}

/** A store that is out for ten minutes, and five minutes of five times the load, on the workers of the first table. */
function trouble(): string {
  const [worker] = WORKERS;
  const rows = LOADS.flatMap((load) => {
    const { messages, workers } = needsOf(load, worker);
    const model = {
      perWorker: worker.pointsPerSecond / worker.points,
      workers,
      seconds: 3_600,
    };
    const scaling = { most: workers * 4, backlogPerWorker: 20_000, lookSeconds: 60, startSeconds: 90 };
    const out = simulateQueue({ ...model, arrivals: () => messages, outage: { from: 60, to: 660 } });
    const high = burst({ base: messages, high: messages * 5, from: 60, to: 360 });
    const alone = simulateQueue({ ...model, arrivals: high });
    const scaled = simulateQueue({ ...model, arrivals: high, scaling });
    const cells = ({ peakBacklog, longestWait, emptyAt, mostWorkers }: typeof out, end: number): Row => [
      count(peakBacklog),
      count(longestWait),
      Number.isFinite(emptyAt) ? count(Math.max(0, emptyAt - end)) : 'not within the hour',
      count(mostWorkers),
    ];
    const name = `${load / 1e6} M a minute`;
    return [
      [`${name}, store out for 10 minutes`, ...cells(out, 660)],
      [`${name}, 5 × for 5 minutes`, ...cells(alone, 360)],
      [`${name}, the same, tasks added`, ...cells(scaled, 360)],
    ];
  });
  return markdownTable(
    ['10 points a message', 'most backlog, messages', 'longest wait, s', 'over after, s', 'workers'],
    rows,
  );
}

function count(value: number): string {
  return value >= 10 || Number.isInteger(value)
    ? Math.round(value).toLocaleString('en-US')
    : value.toFixed(1);
}
