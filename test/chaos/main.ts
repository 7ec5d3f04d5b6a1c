import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ChaosCommand, readChaosCommand, USAGE } from './chaos-options.ts';
import { planChaos } from './chaos-plan.ts';
import { chaosTable, failuresOf } from './chaos-result.ts';
import { runChaos } from './run-chaos.ts';
import { describeFault } from './schedule.ts';

/** `npm run chaos`: one run, its table, and the exit code: 0 when nothing is missing, wrong, twice, astray or out of balance. */
try {
  if (process.argv.includes('--help')) console.log(USAGE);
  else process.exitCode = await run(readCommand());
} catch (error) {
  console.error(`chaos: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
}

function readCommand(): ChaosCommand {
  try {
    return readChaosCommand(process.argv.slice(2), () => 1 + Math.floor(Math.random() * 2 ** 30));
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`, { cause: error });
  }
}

async function run({ options, plan, json, logs }: ChaosCommand): Promise<number> {
  if (plan) {
    console.log(`Seed ${options.seed}: ${options.loadMs / 1000} s at ${options.rate} readings/s.`);
    for (const event of planChaos(options).schedule) console.log(describeFault(event));
    return 0;
  }
  console.log(`Seed ${options.seed}`);
  const folder = logs === undefined ? await mkdtemp(join(tmpdir(), 'furrow-chaos-')) : resolve(logs);
  await mkdir(folder, { recursive: true });
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort(new Error('interrupted')));
  process.once('SIGTERM', () => interrupted.abort(new Error('interrupted')));
  const result = await runChaos(options, folder, console.log, interrupted.signal);
  const failures = failuresOf(result);
  if (json !== undefined) await writeFile(json, `${JSON.stringify({ ...result, failures }, undefined, 2)}\n`);
  console.log(`\n${chaosTable(result)}\n`);
  if (failures.length === 0) {
    if (logs === undefined) await rm(folder, { recursive: true, force: true });
    console.log('Nothing missing, wrong, twice, astray or stuck, and every ledger in balance.');
    return 0;
  }
  for (const line of failures) console.log(line);
  const { seed, workers, rate, loadMs, orphanMs } = options;
  const length = orphanMs === undefined ? `--minutes ${loadMs / 60_000}` : '--short';
  console.log(`\nWhat the processes printed is in ${folder}. The same schedule and load again:`);
  console.log(`npm run chaos -- ${length} --seed ${seed} --workers ${workers} --rate ${rate}`);
  return 1;
}
