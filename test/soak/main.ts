import { parseArgs } from 'node:util';
import { soakSummary } from './summary.ts';
import { soakTimestream } from './timestream.ts';

const USAGE = `npm run soak -- timestream [--minutes 10] [--seed n] [--rate readings-per-second]

Ten minutes of load on a worker whose Timestream (a fake) throttles 30 %, refuses 1 %, loses answers and is out for a while.
Prints its seed; the same seed sends the same readings. Exits with 1 when a point is missing, doubled or wrong.`;

/** At 30 % throttles one worker gets some 1,000 readings/s through: this keeps it busy, and lets it catch up after the outage. */
const DEFAULTS = { minutes: '10', rate: '600' };

/** Reads a number of the command line, or ends with what is wrong. */
function numberOf(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  console.error(`--${name} is a number from ${least} to ${most}, not "${text}"\n\n${USAGE}`);
  process.exit(1);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, rate: { type: 'string' } },
});
if (positionals.join() !== 'timestream') {
  console.error(USAGE);
  process.exit(1);
}
const minutes = numberOf('minutes', values.minutes ?? DEFAULTS.minutes, 0.05, 24 * 60);
const seed = numberOf('seed', values.seed ?? String(Date.now() % 2 ** 31), 0, 2 ** 31 - 1);
const readingsPerSecond = numberOf('rate', values.rate ?? DEFAULTS.rate, 20, 100_000);
console.log(`${minutes} minutes of ${readingsPerSecond} readings/s, seed ${seed}`);
const report = await soakTimestream({
  minutes,
  seed,
  readingsPerSecond,
  onProgress: (line) => console.log(line),
});
console.log(`\n${soakSummary(report)}`);
process.exitCode = report.problems.length === 0 ? 0 : 1;
