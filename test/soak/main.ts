import { parseArgs } from 'node:util';
import { backlogSummary, soakBacklog } from './backlog.ts';
import { soakSteady, steadySummary } from './steady.ts';
import { soakSummary } from './summary.ts';
import { soakTimestream } from './timestream.ts';

const USAGE = `npm run soak -- timestream [--minutes 10] [--seed n] [--rate readings-per-second]
npm run soak -- steady [--minutes 10] [--seed n] [--rate readings-per-second] [--node-options="…"]
npm run soak -- backlog [--messages 1000000] [--reads 1] [--limit-mib 512] [--program main.mjs] [--node-options="…"]

timestream: load on a worker whose Timestream (a fake) throttles 30 %, refuses 1 %, loses answers and is out for a while. Prints its seed; the
same seed sends the same readings. Exits with 1 when a point is missing, doubled or wrong.
steady: load on a worker that has no trouble, with DuckDB. Exits with 1 when a point is missing or wrong, the books do not balance, the worker
fell behind, or, from three minutes on, throughput or memory is not flat in the second half. An hour: --minutes 60. --node-options reach the
worker: --node-options="--import ./leak.mjs" shows what the limits find.
backlog: a worker before a queue that makes its messages as they are received, of ten readings a read. Exits with 1 when memory passes the
limit, a message is not finished, or the books do not balance. --program dist/services/ingest/main.mjs takes the worker as it is deployed
(npm run image -- bundle ingest), on a registry and a receiver of line protocol in other processes.`;

/** At 30 % throttles one worker gets some 1,000 readings/s through: this keeps it busy, and lets it catch up after the outage. */
const DEFAULTS = { minutes: '10', rate: '600', messages: '1000000', reads: '1', 'limit-mib': '512' };

const text = { type: 'string' } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: text,
    seed: text,
    rate: text,
    messages: text,
    reads: text,
    'limit-mib': text,
    program: text,
    'node-options': text,
  },
});

/** A number of the command line or its default; ends with what is wrong. */
function numberOf(name: keyof typeof DEFAULTS | 'seed', least: number, most: number): number {
  const given = values[name] ?? (name === 'seed' ? String(Date.now() % 2 ** 31) : DEFAULTS[name]);
  const value = Number(given);
  if (given.trim() !== '' && value >= least && value <= most) return value;
  console.error(`--${name} is a number from ${least} to ${most}, not "${given}"\n\n${USAGE}`);
  process.exit(1);
}

const onProgress = (line: string): void => console.log(line);

/** What the runs under a load have in common, printed so that a run can be repeated. */
function loadOptions() {
  const minutes = numberOf('minutes', 0.05, 24 * 60);
  const seed = numberOf('seed', 0, 2 ** 31 - 1);
  const readingsPerSecond = numberOf('rate', 20, 100_000);
  console.log(`${minutes} minutes of ${readingsPerSecond} readings/s, seed ${seed}`);
  return { minutes, seed, readingsPerSecond, onProgress };
}

const SOAKS: Readonly<Record<string, () => Promise<{ summary: string; problems: readonly string[] }>>> = {
  timestream: async () => {
    const report = await soakTimestream(loadOptions());
    return { summary: soakSummary(report), problems: report.problems };
  },
  steady: async () => {
    const report = await soakSteady({ ...loadOptions(), nodeOptions: values['node-options'] ?? '' });
    return { summary: steadySummary(report), problems: report.problems };
  },
  backlog: async () => {
    const messages = numberOf('messages', 1, 100_000_000);
    const reads = numberOf('reads', 1, 1_000);
    const report = await soakBacklog({
      messages,
      reads,
      limitMib: numberOf('limit-mib', 1, 100_000),
      ...(values.program !== undefined && { program: values.program }),
      nodeOptions: values['node-options']?.split(' ').filter((option) => option !== '') ?? [],
      onProgress,
    });
    return { summary: backlogSummary(report), problems: report.problems };
  },
};

const run = SOAKS[positionals.join(' ')];
if (run === undefined) {
  console.error(USAGE);
  process.exit(1);
}
const { summary, problems } = await run();
console.log(`\n${summary}`);
process.exitCode = problems.length === 0 ? 0 : 1;
