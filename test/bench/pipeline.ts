import { parseUplink } from '@furrow/contracts';
import { processUplink } from '@furrow/ingest';
import { benchPlans, benchUplink, FORMS, readingsIn } from './fleet.ts';
import { markdownTable, median, type Row } from './table.ts';

const MESSAGES = 200;
const READS = 60;
const ROUNDS = 9;

/**
 * The worker's step from a message body to points, messages in memory, against JSON.parse of the same bodies. Both sides take turns in
 * each round; medians of the rounds.
 */
export async function benchPipeline(): Promise<string> {
  const newestT = Math.floor(Date.now() / 1000) - 60;
  const findOwner = benchPlans();
  const rows: Row[] = [];
  for (const form of FORMS) {
    const bodies = Array.from({ length: MESSAGES }, (_, number) =>
      JSON.stringify(benchUplink(number, form, READS, newestT)),
    );
    const readings = MESSAGES * readingsIn(READS);
    const parse = () => {
      for (const body of bodies) JSON.parse(body);
    };
    const pipeline = () => {
      let points = 0;
      for (const body of bodies) {
        const parsed = parseUplink(body, { sentAt: newestT * 1000 });
        if (parsed.ok) points += processUplink(parsed.value, findOwner, newestT * 1000).points.length;
      }
      if (points !== readings) throw new Error(`the pipeline made ${points} points of ${readings} readings`);
    };
    const seconds: Record<'parse' | 'pipeline', number[]> = { parse: [], pipeline: [] };
    for (let round = -2; round < ROUNDS; round += 1) {
      for (const [side, work] of [
        ['parse', parse],
        ['pipeline', pipeline],
      ] as const) {
        const startedAt = performance.now();
        work();
        if (round >= 0) seconds[side].push((performance.now() - startedAt) / 1000);
      }
    }
    const floor = readings / median(seconds.parse);
    const ours = readings / median(seconds.pipeline);
    rows.push([
      form,
      Math.round((bodies[0]?.length ?? 0) / 1024),
      floor,
      ours,
      median(seconds.pipeline) / median(seconds.parse),
    ]);
  }
  return markdownTable(
    ['form', 'KiB a message', 'JSON.parse alone, readings/s', 'pipeline, readings/s', 'time, × JSON.parse'],
    rows,
  );
}
