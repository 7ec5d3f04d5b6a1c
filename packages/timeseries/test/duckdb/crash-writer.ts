import { openStore } from '@furrow/timeseries';
import { CRASH_NOW, crashBatch } from './crash-batches.ts';

/** Writes batches from `first` on until it is killed, and prints the number of each once it is acknowledged. */
const [url = '', first = '0'] = process.argv.slice(2);
const store = await openStore(url, { clock: () => CRASH_NOW });
for (let number = Number(first); ; number += 1) {
  const { rejected, keep } = await store.write(crashBatch(number));
  if (rejected.length + keep.length > 0) throw new Error(`batch ${number} was not stored`);
  process.stdout.write(`${number}\n`);
}
