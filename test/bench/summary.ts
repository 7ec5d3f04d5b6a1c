import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SectionTables } from './section-tables.ts';
import { markdownTable, type Row } from './table.ts';

/** The page that all benchmarks are saved in. */
export const BENCH_PAGE = resolve(import.meta.dirname, '../../docs/benchmarks.md');

/** One line of the summary, out of the tables of a section. */
interface Fact {
  readonly what: string;
  readonly figure: string;
  readonly against: string;
  /** What it should be, and whether it is. */
  readonly aim?: { readonly text: string; readonly met: boolean };
}

const FURROW = 'Furrow';
const HANDLER = 'Powertools batch handler, a write for each message';
const CONSUMER = 'sqs-consumer as in its example';
const FLOOR = 'receive and delete only, Furrow’s pollers';

/** The facts of each section, in the order in which they are shown. A section that the page does not have has none. */
const FACTS: readonly [section: string, facts: (tables: SectionTables) => readonly Fact[]][] = [
  ['decoding', decodingFacts],
  ['pipeline', pipelineFacts],
  ['queue', queueFacts],
  ['end-to-end', endToEndFacts],
  ['latency', latencyFacts],
  ['burst', burstFacts],
  ['start', startFacts],
  ['api', apiFacts],
  ['timestream', timestreamFacts],
  ['stores', storesFacts],
  ['duckdb', duckDbFacts],
];

/** `npm run bench -- summary`: the table at the top of the page, made of the sections as they are saved there. */
export async function benchSummary(): Promise<string> {
  return summaryTable(await readFile(BENCH_PAGE, 'utf8'));
}

/** Puts the summary of what the page says into it. */
export async function saveSummary(): Promise<void> {
  await writeFile(BENCH_PAGE, withSummary(await readFile(BENCH_PAGE, 'utf8')));
}

/** The page with its summary made anew. Throws when it has no place for one, or a section lacks a figure. */
export function withSummary(page: string): string {
  const marked = /(?<=<!-- summary -->\n)[\s\S]*?(?=<!-- \/summary -->)/;
  if (!marked.test(page)) throw new Error('docs/benchmarks.md has no place for summary');
  return page.replace(marked, () => `${summaryTable(page)}\n`);
}

/** What was measured, against what, what it should be, and whether it is. */
export function summaryTable(page: string): string {
  const rows = FACTS.flatMap(([section, facts]): Row[] => {
    const tables = SectionTables.of(page, section);
    if (tables === undefined) return [];
    return facts(tables).map(({ what, figure, against, aim }) => [
      what,
      figure,
      against,
      aim?.text ?? '–',
      aim === undefined ? '–' : aim.met ? 'yes' : '**no**',
    ]);
  });
  return markdownTable(['what', 'figure', 'against', 'aim', 'met'], rows, 'text');
}

function decodingFacts(tables: SectionTables): Fact[] {
  const common = 'Buffer.read*, as commonly written';
  const [speed, exact] = ['50 mixed', 'values not exact (mixed)'];
  const cell = (row: string, column: string) => tables.text('', row, column);
  const ours = cell('Furrow, compiled plan', exact);
  return [
    {
      what: 'Registers to values, 50 mixed factors, a core',
      figure: `${cell('Furrow, compiled plan', speed)} M points/s`,
      against: `${cell(common, speed)} M, ${common}`,
    },
    {
      what: 'Values that are not exact',
      figure: ours,
      against: `${cell(common, exact)}, ${common}`,
      aim: { text: 'none', met: Number.parseFloat(ours) === 0 },
    },
  ];
}

function pipelineFacts(tables: SectionTables): Fact[] {
  return tables.rows('form').map((form) => ({
    what: `Message body to points, ${form}`,
    figure: `${tables.text('form', form, 'pipeline, readings/s')} readings/s`,
    against: `${tables.text('form', form, 'JSON.parse alone, readings/s')}, JSON.parse alone`,
  }));
}

function queueFacts(tables: SectionTables): Fact[] {
  return tables.rows('message').map((message) => ({
    what: `SQS to DuckDB, ${message}`,
    figure: `${tables.text('message', message, 'Furrow, readings/s')} readings/s`,
    against: `${tables.text('message', message, 'Furrow ÷ floor')} of receiving and deleting alone`,
  }));
}

function endToEndFacts(tables: SectionTables): Fact[] {
  const settings = [
    '100 points a message, line protocol',
    '100 points a message, to DuckDB',
    '10 points (1 KiB), line protocol',
  ];
  return settings.flatMap((setting) => {
    const times = (side: string) => tables.number(setting, side, 'Furrow, × this');
    const cpu =
      tables.number(setting, FURROW, 'CPU µs/point') / tables.number(setting, HANDLER, 'CPU µs/point');
    const speed = (side: string, name: string, least: number): Fact => ({
      what: `End to end, ${setting}`,
      figure: `${times(side)} ×`,
      against: name,
      aim: { text: `at least ${least} ×`, met: times(side) >= least },
    });
    return [
      speed(HANDLER, 'a batch handler', 5),
      {
        what: `Its CPU for a point, ${setting}`,
        figure: `${cpu.toFixed(2)} ×`,
        against: 'a batch handler',
        aim: { text: 'at most a third', met: cpu <= 1 / 3 },
      },
      speed(CONSUMER, 'sqs-consumer as in its example', 10),
      speed(FLOOR, 'receiving and deleting alone', 0.9),
    ];
  });
}

/** The longest that 99 of 100 readings may take from the API's answer until they are readable, in milliseconds. */
const READABLE_P99_MS = 1_000;

function latencyFacts(tables: SectionTables): Fact[] {
  const readable = 'answer to readable through the API';
  const posted = tables.text('milliseconds', 'intended time to answer of the POST', 'p50');
  return [
    {
      what: 'From the answer of a POST to readable, p99 at half of the most',
      figure: `${tables.text('milliseconds', readable, 'p99')} ms`,
      against: `${tables.text('milliseconds', readable, 'p50')} ms p50, after ${posted} ms p50 of the POST`,
      aim: { text: 'under 1 s', met: tables.number('milliseconds', readable, 'p99') < READABLE_P99_MS },
    },
  ];
}

/** How far simulation and run may be from each other. */
const BURST_SHARE = 0.15;

function burstFacts(tables: SectionTables): Fact[] {
  const ratios = tables
    .rows('one worker')
    .map((row) => tables.number('one worker', row, 'simulated ÷ measured'));
  return [
    {
      what: 'The queueing simulation of a burst: backlog, longest wait, end',
      figure: `${ratios.map((ratio) => ratio.toFixed(2)).join(', ')} ×`,
      against: 'the measured run',
      aim: {
        text: `within ${BURST_SHARE * 100} %`,
        met: ratios.every((ratio) => Math.abs(ratio - 1) <= BURST_SHARE),
      },
    },
  ];
}

/** How soon a worker should be ready, in milliseconds. */
const READY_MS = 1_000;

function startFacts(tables: SectionTables): Fact[] {
  return tables
    .rows('')
    .filter((row) => row.includes('its file'))
    .map((row) => ({
      what: `From its start to ready, ${row.split(',')[0]}`,
      figure: `${tables.text('', row, 'ready, median ms')} ms`,
      against: `${tables.text('', 'Node.js with nothing to do', 'ready, median ms')} ms, Node.js with nothing to do`,
      aim: {
        text: `under ${READY_MS.toLocaleString('en-US')} ms`,
        met: tables.number('', row, 'ready, median ms') < READY_MS,
      },
    }));
}

function apiFacts(tables: SectionTables): Fact[] {
  return ['POST 50 items', 'GET a history page of 50, kept'].map((row) => ({
    what: `The API, ${row}`,
    figure: `${tables.text('32 connections', row, 'Furrow, requests/s')} requests/s`,
    against: `${tables.text('32 connections', row, 'bare, requests/s')}, a bare route`,
  }));
}

function timestreamFacts(tables: SectionTables): Fact[] {
  const cell = (column: string) => tables.text('points a write', '5,000', column);
  return [
    {
      what: 'Timestream, CPU of a point, 5,000 a write',
      figure: `${cell('prepared body, CPU µs/point')} µs`,
      against: `${cell('SDK serialiser, CPU µs/point')} µs, the SDK’s serialiser`,
    },
  ];
}

function storesFacts(tables: SectionTables): Fact[] {
  const speed = (engine: string) => tables.text('engine', `${engine} | 5,000`, 'points/s');
  return [
    {
      what: 'The embedded store, 5,000 points a call',
      figure: `${speed('DuckDB, a file')} points/s`,
      against: `${speed('InfluxDB 1.x, a server')}, InfluxDB 1.x`,
    },
  ];
}

function duckDbFacts(tables: SectionTables): Fact[] {
  const cell = (row: string, column: string) => tables.text('median milliseconds', row, column);
  const [page, open, bytes] = ['first page of 100 and the total', 'in the order of arrival', 'bytes a point'];
  return [
    {
      what: 'The embedded store, first page of 100 with the total',
      figure: `${cell(page, 'days compacted')} ms`,
      against: `${cell(page, open)} ms, not compacted`,
    },
    {
      what: 'The embedded store, bytes a point',
      figure: cell(bytes, 'days compacted'),
      against: `${cell(bytes, open)}, not compacted`,
    },
  ];
}
