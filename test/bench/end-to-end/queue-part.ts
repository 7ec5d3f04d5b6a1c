import { startGeneratedQueue } from '../../soak/generated-queue.ts';
import { benchMessages } from './bench-messages.ts';
import { servePart } from './part.ts';

/** `queue-part.ts <reads>`: an endless queue as a process of its own; says its endpoint and URL. */
const [reads = '1'] = process.argv.slice(2);
const { bodyOf } = benchMessages(Number(reads));
const queue = await startGeneratedQueue({
  messages: Number.POSITIVE_INFINITY,
  bodyOf,
});
servePart(
  JSON.stringify({ endpoint: queue.endpoint, queueUrl: queue.queueUrl }),
  {
    counts: () => ({
      ...queue.bill(),
      deleted: queue.deleted(),
      returned: queue.returned(),
      cpuSeconds: cpuSeconds(),
    }),
  },
  () => queue.close(),
);

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
