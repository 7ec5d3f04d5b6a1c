import { createInterface } from 'node:readline';
import { FakeTimestream } from '../../packages/timeseries/test/timestream/fake/fake-timestream.ts';

/**
 * The strict fake of Timestream as a process of its own, so that its work is not counted as the engine's. Prints its endpoint, then, for
 * each line it reads, the writes and billed KiB since the last as JSON; ends with its input.
 */
const fake = await FakeTimestream.start();
console.log(fake.endpoint);
let last = { writes: 0, kib: 0 };
for await (const _line of createInterface(process.stdin)) {
  const now = { writes: fake.table.writes, kib: fake.table.billedKib };
  console.log(JSON.stringify({ writes: now.writes - last.writes, kib: now.kib - last.kib }));
  last = now;
}
await fake.close();
