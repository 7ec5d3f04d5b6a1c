import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startGreenhouse } from './support/all-in-one.ts';

const FOLDER = resolve(import.meta.dirname, '../infra/observability');

/** Metrics that stand on no panel, each with why: those of the process and of Node.js beside memory and event loop. */
const DELIBERATELY_ABSENT = /^(process|nodejs)_/;

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const dashboard: { readonly panels: readonly Panel[] } = JSON.parse(
  readFileSync(resolve(FOLDER, 'dashboard.json'), 'utf8'),
);
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const alertText = readFileSync(resolve(FOLDER, 'alerts.yml'), 'utf8');
const alerts = [...alertText.matchAll(/- alert: (\w+)\n\s+expr: (.+)\n/g)].map(
  ([, name = '', expr = '']) => ({
    name,
    expr,
  }),
);

const FUNCTIONS = /\b(?:sum|max|min|rate|increase|abs|by|on|and|histogram_quantile)\b/g;

/** The series that an expression asks for, without labels, functions and label lists. */
function seriesOf(expr: string): string[] {
  const bare = expr
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b(?:by|on) \([^)]*\)/g, '')
    .replace(FUNCTIONS, '');
  return [...bare.matchAll(/[a-z_]\w*/g)].map(([name]) => name);
}

describe('infra/observability', () => {
  it('asks for nothing that a running worker and API do not export, and leaves none of their metrics out', {
    timeout: 120_000,
  }, async () => {
    const { furrow } = await startGreenhouse();
    const text = await (await fetch(`${furrow.url}/metrics`)).text();
    /** Series, and the metric that each belongs to. */
    const exported = new Map<string, string>();
    for (const [, name = '', type = ''] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
      const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      for (const suffix of suffixes) exported.set(name + suffix, name);
    }
    const helps = [...text.matchAll(/^# HELP furrow_\S+ (.*)$/gm)].map(([, help = '']) => help);
    expect(helps.length).toBeGreaterThan(20);
    expect(helps.filter((help) => !/^[A-Z1].{15,}\.$/.test(help))).toEqual([]);
    const exprs = [
      ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
      ...alerts.map(({ expr }) => expr),
    ];
    const unknown = exprs.filter(
      (expr) => seriesOf(expr).length === 0 || !seriesOf(expr).every((name) => exported.has(name)),
    );
    expect(unknown).toEqual([]);
    const shown = new Set(
      panels.flatMap(({ targets = [] }) =>
        targets.flatMap(({ expr }) => seriesOf(expr).map((name) => exported.get(name))),
      ),
    );
    const missing = [...new Set(exported.values())].filter(
      (name) => !shown.has(name) && !DELIBERATELY_ABSENT.test(name),
    );
    expect(missing).toEqual([]);
  });

  it('explains every panel and every alert', () => {
    expect(panels.filter(({ description = '' }) => !description.endsWith('.'))).toEqual([]);
    expect(alerts.length).toBe(alertText.match(/- alert:/g)?.length);
    expect(alertText.match(/summary:/g)).toHaveLength(alerts.length);
    expect(alertText.match(/severity: (page|ticket)/g)).toHaveLength(alerts.length);
  });
});
