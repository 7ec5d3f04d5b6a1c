import type { ObservedBurst } from './end-to-end/burst-part.ts';
import { Part } from './end-to-end/part.ts';
import { burst, type QueueOutcome, simulateQueue } from './queue-simulation.ts';
import { markdownTable, median, type Row } from './table.ts';

const ROUNDS = 3;
const SECONDS = 120;
/** How long the store takes for a write. */
const WRITE_MS = 400;

interface Round {
  readonly seen: ObservedBurst;
  readonly said: QueueOutcome;
}

/**
 * The queueing simulation against runs: a worker on a queue that was full, so that its speed is known, then gets a burst of twice of it for
 * ten seconds over a base of 0.3. The simulation knows that speed, how long a message took at the base rate, and the burst.
 *
 * The store takes its time for each write, so that it is the store that bounds the worker, as one over a network does, and not the
 * processor: on a machine that others use, a worker bounded by that did 100 messages in one second and 900 in another.
 */
export async function benchBurst(): Promise<string> {
  const queue = await Part.start('burst-part.ts');
  const sink = await Part.start('sink-part.ts', ['--write-ms', String(WRITE_MS)]);
  const { endpoint, queueUrl } = JSON.parse(queue.opening) as { endpoint: string; queueUrl: string };
  const store = `influx+${sink.opening}/bench`;
  const args = ['--endpoint', endpoint, '--queue', queueUrl, '--store', store];
  const worker = await Part.start('furrow-side.ts', args);
  try {
    await worker.ask('start');
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const seen = await queue.ask<ObservedBurst>('burst');
      rounds.push({ seen, said: simulationOf(seen) });
    }
    await worker.ask('stop');
    return reportOf(rounds);
  } finally {
    for (const part of [worker, sink, queue]) await part.stop();
  }
}

function simulationOf(seen: ObservedBurst): QueueOutcome {
  const { capacity: perWorker, serviceSeconds } = seen;
  return simulateQueue({
    arrivals: burst(seen),
    ...{ perWorker, serviceSeconds, workers: 1, seconds: SECONDS },
  });
}

function reportOf(rounds: readonly Round[]): string {
  const row = (
    name: string,
    simulated: (round: Round) => number,
    measured: (round: Round) => number,
  ): Row => [
    name,
    median(rounds.map(simulated)),
    median(rounds.map(measured)),
    median(rounds.map((round) => simulated(round) / measured(round))),
    rounds.map((round) => (simulated(round) / measured(round)).toFixed(2)).join(', '),
  ];
  const table = markdownTable(
    [
      `one worker, medians of ${rounds.length} bursts`,
      'simulated',
      'measured',
      'simulated ÷ measured',
      'each',
    ],
    [
      row(
        'peak backlog, in hand too, messages',
        ({ said }) => said.peakBacklog,
        ({ seen }) => seen.peakBacklog,
      ),
      row(
        'longest from arrival to finished, s',
        ({ said }) => said.longestWait,
        ({ seen }) => seen.longestWait,
      ),
      row(
        'backlog over, s after the burst began',
        ({ said, seen }) => said.emptyAt - seen.from,
        ({ seen }) => (seen.emptyAt ?? Number.POSITIVE_INFINITY) - seen.from,
      ),
    ],
  );
  const list = (figure: (seen: ObservedBurst) => number, digits = 0) =>
    rounds.map(({ seen }) => figure(seen).toFixed(digits)).join(', ');
  const { from = 0, to = 0 } = rounds[0]?.seen ?? {};
  return [
    `A store that takes ${WRITE_MS} ms for a write. The worker did ${list(({ capacity }) => capacity)} messages/s of 10 points from a full queue, and`,
    `took ${list(({ serviceSeconds }) => serviceSeconds, 2)} s for a message at ${list(({ base }) => base)} a second; then ${list(({ high }) => high)} a second came, for ${to - from} s.`,
    `\n${table}`,
  ].join('\n');
}
