import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CAPABILITIES, ENGINES, SUITE_FILES } from './engines.ts';
import { COMMAND, renderReport } from './render-report.ts';
import { type CaseResult, listCases, ROOT } from './run-suite.ts';

const page = readFileSync(join(ROOT, 'docs/conformance.md'), 'utf8');
const stale = `docs/conformance.md is stale; run ${COMMAND}`;
const rows = page
  .split('\n## Cases\n')[1]
  ?.split('\n')
  .filter((line) => line.startsWith('|'));

describe('docs/conformance.md', () => {
  it('has every case of the suite, and no other', { timeout: 60_000 }, async () => {
    const cases = await listCases('packages/timeseries/test/duckdb/in-file.test.ts');
    expect(cases.length).toBeGreaterThan(90);
    const shown = rows?.slice(2).map((row) => row.split(/(?<!\\)\|/)[1]?.trim());
    expect(shown?.sort(), stale).toEqual([...cases].sort());
  });

  it('has every engine that runs the suite as a column', () => {
    const files = globSync('packages/*/test/**/*.test.ts', { cwd: ROOT }).filter((file) =>
      /\bdescribePointStore\(/.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect([...files].sort(), 'engines.ts names other files').toEqual([...SUITE_FILES].sort());
    const columns = rows?.[0]?.split('|').map((cell) => cell.trim());
    expect(columns?.slice(2, -1), stale).toEqual(ENGINES.map(({ name }) => name));
  });

  it('shows no failure, no engine that was not reached, and no path of a machine', () => {
    expect(page, stale).not.toMatch(/FAILED|NOT REACHED|declared: unknown|version unknown/);
    expect(page).not.toMatch(/(?:^|[\s`("'])\/(?:home|root|tmp|work|Users|var)\//m);
  });
});

describe('renderReport', () => {
  const facts = { date: '2026-02-16', versions: new Map([['DuckDB in memory', '1.5']]) };
  const result = (changes: Partial<CaseResult>): CaseResult => ({
    file: 'x.test.ts',
    engine: 'DuckDB in memory',
    name: 'write › stores points',
    status: 'passed',
    without: [],
    ...changes,
  });

  it.each([
    ['a case that holds', {}, /stores points \| yes \|/],
    ['one that checks less', { without: ['countsRepeats'] }, /\| yes, not declared: countsRepeats \|/],
    ['one left out', { status: 'skipped', needs: 'survivesReopen' }, /\| not declared: survivesReopen \|/],
    ['one that failed', { status: 'failed' }, /\*\*1 cases FAILED\.\*\*[\s\S]*\| \*\*FAILED\*\* \|/],
  ] as const)('has words for %s', (_, changes, words) => {
    expect(renderReport([result(changes)], facts)).toMatch(words);
  });

  it('says loudly which engine was not reached', () => {
    const report = renderReport(
      [result({}), result({ engine: 'InfluxDB', name: 'is not tested without a server' })],
      facts,
    );
    expect(report).toContain('**InfluxDB was NOT REACHED in this run: FURROW_TEST_INFLUX was not set.');
    expect(report).toMatch(/stores points \|.*\| \*\*NOT REACHED\*\* \|/);
  });

  it('explains every capability', () => {
    for (const name of Object.keys(CAPABILITIES))
      expect(renderReport([], facts)).toContain(`* \`${name}\`: `);
  });
});
