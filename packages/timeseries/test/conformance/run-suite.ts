import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../../../..');
const VITEST = resolve(ROOT, 'node_modules/vitest/vitest.mjs');

/** One case on one engine, as Vitest's JSON reporter tells it. */
export interface CaseResult {
  readonly file: string;
  readonly engine: string;
  /** `history › gives every point once`. */
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly needs?: string | undefined;
  readonly without: readonly string[];
}

interface JsonReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
      readonly meta?: { readonly needs?: string; readonly without?: readonly string[] };
    }[];
  }[];
}

const SUITE = /^PointStore: /;

/** Runs test files in a Vitest of their own; resolves to their cases also when some failed. */
export async function runSuite(files: readonly string[]): Promise<readonly CaseResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'furrow-conformance-'));
  try {
    const output = join(folder, 'report.json');
    await vitest(['run', ...files, '--reporter=json', `--outputFile=${output}`]);
    const report = JSON.parse(await readFile(output, 'utf8')) as JsonReport;
    return report.testResults.flatMap(({ name: file, assertionResults }) =>
      assertionResults.map(({ ancestorTitles, title, status, meta }): CaseResult => {
        const [suite = '', ...groups] = ancestorTitles;
        return {
          file: file.slice(ROOT.length + 1),
          engine: suite.replace(SUITE, ''),
          name: caseName([...groups, title]),
          status: status === 'passed' || status === 'failed' ? status : 'skipped',
          needs: meta?.needs,
          without: meta?.without ?? [],
        };
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The names of the suite's cases, without running them. */
export async function listCases(file: string): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'furrow-conformance-'));
  try {
    const output = join(folder, 'list.json');
    await vitest(['list', file, '--no-static-parse', `--json=${output}`]);
    const tests = JSON.parse(await readFile(output, 'utf8')) as { readonly name: string }[];
    return tests.map(({ name }) => caseName(name.split(' > ').slice(1)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One line, safe in a cell of a Markdown table. */
function caseName(parts: readonly string[]): string {
  return parts.join(' › ').replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
}

async function vitest(args: readonly string[]): Promise<void> {
  // A Vitest that starts another must not hand its own place in the run down.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
  const child = spawn(process.execPath, [VITEST, ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(child, 'close');
}
