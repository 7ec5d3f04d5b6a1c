import type { ObservedBurst } from './end-to-end/burst-part.ts';
import { Part } from './end-to-end/part.ts';
import { burst, simulateQueue } from './queue-simulation.ts';
import { markdownTable } from './table.ts';

const SECONDS = 60;

/**
 * The queueing simulation against a run: a worker on a queue that was full, so that its speed is known, then gets a burst of twice of it for
 * five seconds over a base of 0.3. The simulation knows the speed and the burst, nothing else.
 */
export async function benchBurst(): Promise<string> {
  const queue = await Part.start('burst-part.ts');
  const sink = await Part.start('sink-part.ts');
  const { endpoint, queueUrl } = JSON.parse(queue.opening) as { endpoint: string; queueUrl: string };
  const store = `influx+${sink.opening}/bench`;
  const args = ['--endpoint', endpoint, '--queue', queueUrl, '--store', store];
  const worker = await Part.start('furrow-side.ts', args);
  try {
    await worker.ask('start');
    const seen = await queue.ask<ObservedBurst>('burst');
    await worker.ask('stop');
    const said = simulateQueue({
      arrivals: burst(seen),
      perWorker: seen.capacity,
      workers: 1,
      seconds: SECONDS,
    });
    const table = markdownTable(
      ['one worker, one burst', 'simulated', 'measured'],
      [
        ['peak backlog, messages', said.peakBacklog, seen.peakBacklog],
        ['longest wait, s', said.longestWait, seen.longestWait],
        [
          'backlog over, s after the burst began',
          said.emptyAt - seen.from,
          (seen.emptyAt ?? Infinity) - seen.from,
        ],
      ],
    );
    const rates = [seen.capacity, seen.base, seen.high].map((rate) => Math.round(rate));
    return `The worker did ${rates[0]} messages/s of 100 points from a full queue; then ${rates[1]}/s came, and ${rates[2]}/s for ${seen.to - seen.from} s.\n\n${table}`;
  } finally {
    for (const part of [worker, sink, queue]) await part.stop();
  }
}
