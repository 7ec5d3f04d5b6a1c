import { openStore } from '@furrow/timeseries';
import { COMPACTION_NOW } from './compaction-batches.ts';

/** Opens the store of a URL and enforces its retention, which compacts its days; prints when it begins and when it is done. */
const [url = ''] = process.argv.slice(2);
const store = await openStore(url, { clock: () => COMPACTION_NOW });
process.stdout.write('begin\n');
await store.enforceRetention(new Date(COMPACTION_NOW));
process.stdout.write('end\n');
await store.close();
