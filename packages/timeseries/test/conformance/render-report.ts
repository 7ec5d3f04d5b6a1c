import { CAPABILITIES, ENGINES, WRITE_PATHS } from './engines.ts';
import type { CaseResult } from './run-suite.ts';

export const COMMAND = 'npm run conformance';
const NOT_REACHED = '**NOT REACHED**';

export interface ReportFacts {
  readonly date: string;
  /** What version each engine said, by name. */
  readonly versions: ReadonlyMap<string, string>;
}

/** The report: which case of the suite holds on which engine. */
export function renderReport(results: readonly CaseResult[], facts: ReportFacts): string {
  const byEngine = new Map(ENGINES.map(({ name }) => [name, casesOf(results, name)]));
  const cases = [...new Set([...byEngine.values()].flatMap((ofEngine) => [...ofEngine.keys()]))];
  const failed = results.filter(({ status }) => status === 'failed').length;
  const missing = ENGINES.filter(({ name }) => byEngine.get(name)?.size === 0);
  const lines = [
    '# Conformance of the stores',
    '',
    `Written by \`${COMMAND}\` on ${facts.date}; do not edit. ${cases.length} cases of \`packages/timeseries/src/conformance\` on ` +
      `${ENGINES.length} engines. ${failed === 0 ? 'No case failed.' : `**${failed} cases FAILED.**`}`,
    ...missing.map(
      ({ name, variable }) =>
        `\n**${name} was NOT REACHED in this run: ${variable} was not set. Its column says nothing.**`,
    ),
    '',
    '## Engines',
    '',
    ...table(
      ['engine', 'what it is', 'version', 'does not declare'],
      ENGINES.map(({ name, what }) => [
        name,
        what,
        facts.versions.get(name) ?? NOT_REACHED,
        byEngine.get(name)?.size === 0 ? NOT_REACHED : undeclared(byEngine.get(name)).join(', ') || 'nothing',
      ]),
    ),
    '',
    '## What the capabilities say',
    '',
    ...Object.entries(CAPABILITIES).map(([name, text]) => `* \`${name}\`: ${text}.`),
    '',
    'In the table: *yes*, the case holds; *yes, not declared: x*, it holds without what x promises; *not declared: x*, it is left out, for the ' +
      'engine does not promise x.',
    '',
    '## Beside the suite: what others read of what we write',
    '',
    ...WRITE_PATHS.map(({ name, what, file, variable }) => {
      const own = results.filter((result) => result.file === file);
      const passed = own.filter(({ status }) => status === 'passed').length;
      const reached = facts.versions.has(name);
      const verdict = reached
        ? `${passed} of ${own.length} cases hold`
        : `${NOT_REACHED}: ${variable} was not set`;
      return `* **${name}** (${facts.versions.get(name) ?? 'version unknown'}): ${verdict}. ${what}`;
    }),
    '',
    '## Cases',
    '',
    ...table(
      ['case', ...ENGINES.map(({ name }) => name)],
      cases.map((name) => [name, ...ENGINES.map((engine) => cell(byEngine.get(engine.name), name))]),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

type Cases = ReadonlyMap<string, CaseResult>;

/** An engine that is not there has one case, outside of every group, which says so. */
function casesOf(results: readonly CaseResult[], engine: string): Cases {
  const own = results.filter((result) => result.engine === engine && result.name.includes(' › '));
  return new Map(own.map((result) => [result.name, result]));
}

function cell(cases: Cases | undefined, name: string): string {
  if (cases === undefined || cases.size === 0) return NOT_REACHED;
  const result = cases.get(name);
  if (result === undefined || result.status === 'failed') return '**FAILED**';
  if (result.status === 'skipped') return `not declared: ${result.needs ?? 'unknown'}`;
  return result.without.length === 0 ? 'yes' : `yes, not declared: ${result.without.join(', ')}`;
}

function undeclared(cases: Cases | undefined): string[] {
  const flags = [...(cases?.values() ?? [])].flatMap(({ status, needs, without }) => [
    ...without,
    ...(status === 'skipped' && needs !== undefined ? [needs] : []),
  ]);
  return [...new Set(flags)].sort();
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)];
}
