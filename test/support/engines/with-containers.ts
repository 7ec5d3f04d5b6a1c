// `node test/support/engines/with-containers.ts vitest run packages/registry`: runs a command with PostgreSQL, InfluxDB and Mosquitto in
// containers of its own, whose URLs the command finds in FURROW_TEST_POSTGRES, FURROW_TEST_INFLUX and FURROW_TEST_MQTT. Which images
// they are is said, and changed by FURROW_POSTGRES_IMAGE, FURROW_INFLUX_IMAGE and FURROW_MOSQUITTO_IMAGE. Ends as the command does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { MOSQUITTO } from './broker-engine.ts';
import { startContainer } from './container-engine.ts';
import { POSTGRES } from './registry-engine.ts';
import { INFLUX } from './store-engine.ts';

const ENGINES = { FURROW_TEST_POSTGRES: POSTGRES, FURROW_TEST_INFLUX: INFLUX, FURROW_TEST_MQTT: MOSQUITTO };

const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
  console.error('usage: node test/support/engines/with-containers.ts COMMAND…');
  process.exit(2);
}
const stops: (() => Promise<void>)[] = [];
try {
  const urls: Record<string, string> = {};
  for (const [variable, engine] of Object.entries(ENGINES)) {
    const answer = await startContainer(engine);
    if (answer.kind === 'none') throw new Error(`${variable}: ${answer.why}`);
    stops.push(answer.stop);
    urls[variable] = answer.url;
    console.error(`${variable} is ${answer.from}`);
  }
  process.exitCode = await run(program, args, urls);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  for (const stop of stops) await stop();
}

/** Resolves to the exit code; a signal that this process gets is the command's to obey. */
async function run(file: string, given: readonly string[], variables: Record<string, string>) {
  const child = spawn(file, given, { stdio: 'inherit', env: { ...process.env, ...variables } });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'close');
  return typeof code === 'number' ? code : 1;
}
