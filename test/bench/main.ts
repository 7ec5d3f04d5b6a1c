import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { benchApi } from './api.ts';
import { benchBurst } from './burst.ts';
import { benchDecoding } from './decoding.ts';
import { benchDuckDb } from './duckdb.ts';
import { benchEndToEnd } from './end-to-end.ts';
import { benchLatency } from './latency.ts';
import { benchPipeline } from './pipeline.ts';
import { benchQueue } from './queue.ts';
import { benchScale, saveScale } from './scale.ts';
import { benchStart } from './start.ts';
import { benchStores } from './stores.ts';
import { BENCH_PAGE, benchSummary, saveSummary, withSummary } from './summary.ts';
import { machine } from './table.ts';
import { benchTimestream } from './timestream.ts';

/** Every benchmark: its name on the command line, its title, and what makes its table. */
const BENCHES: readonly {
  readonly name: string;
  readonly title: string;
  readonly run: (millions: number | undefined) => Promise<string>;
  /** For what does not stand in a section of its own. */
  readonly save?: () => Promise<void>;
}[] = [
  { name: 'decoding', title: 'Registers to values: compiled plans and others', run: benchDecoding },
  { name: 'pipeline', title: 'The pipeline alone: message body to points, in memory', run: benchPipeline },
  { name: 'queue', title: 'The worker on a full queue: SQS to DuckDB', run: benchQueue },
  {
    name: 'end-to-end',
    title: 'End to end: Furrow, the floor, and what is commonly written',
    run: benchEndToEnd,
  },
  { name: 'latency', title: 'From a POST to readable, at half of the most', run: benchLatency },
  { name: 'burst', title: 'A burst: the queueing simulation and a run', run: benchBurst },
  { name: 'start', title: 'From the start of a service to ready', run: benchStart },
  { name: 'api', title: 'The Open API beside a route that only parses the body', run: benchApi },
  {
    name: 'timestream',
    title: 'Writing to Timestream: a prepared body beside the serialiser of the SDK',
    run: benchTimestream,
  },
  { name: 'stores', title: 'The engines behind the port: points a second and CPU', run: benchStores },
  { name: 'scale', title: 'Scale on paper, docs/scale.md', run: benchScale, save: saveScale },
  { name: 'duckdb', title: 'The embedded store at size', run: benchDuckDb },
  { name: 'summary', title: 'In one look', run: benchSummary, save: saveSummary },
];

/**
 * `npm run bench` runs all, `npm run bench -- queue` one; `--save` puts each table into docs/benchmarks.md, with machine and date,
 * and makes the summary at its top anew.
 * `--points 130` is the size of a run that has a size, in millions.
 */
const { values: options, positionals: names } = parseArgs({
  options: { save: { type: 'boolean' }, points: { type: 'string' } },
  allowPositionals: true,
});
const millions = options.points === undefined ? undefined : Number(options.points);
if (millions !== undefined && !(millions > 0)) {
  console.error('--points is a number of millions, such as 10 or 130');
  process.exit(1);
}
const unknown = names.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(
    `there is no benchmark ${unknown.join(', ')}; there are ${BENCHES.map(({ name }) => name).join(', ')}`,
  );
  process.exit(1);
}
console.log(`Machine: ${machine()}\n`);
for (const { name, title, run, save } of BENCHES) {
  if (names.length > 0 && !names.includes(name)) continue;
  const table = await run(millions);
  console.log(`## ${title}\n\n${table}\n`);
  if (options.save) await (save?.() ?? saveSection(name, title, table));
}

/** Replaces the part between the benchmark's two marks on the page. */
async function saveSection(name: string, title: string, table: string): Promise<void> {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const text = await readFile(BENCH_PAGE, 'utf8');
  const [before, rest = ''] = text.split(begin);
  const after = rest.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/benchmarks.md has no place for ${name}`);
  const date = new Date().toISOString().slice(0, 10);
  const section = `${begin}\n## ${title}\n\n${date}, ${machine()}: \`npm run bench -- ${name}${millions === undefined ? '' : ` --points ${millions}`}\`\n\n${table}\n${end}`;
  await writeFile(BENCH_PAGE, withSummary(`${before}${section}${after}`));
}
