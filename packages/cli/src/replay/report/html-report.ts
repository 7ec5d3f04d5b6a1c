import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ReplayReport } from './replay-report.ts';

const PAGE = join(import.meta.dirname, 'page');
const require = createRequire(import.meta.url);

/**
 * The report as one HTML page that needs nothing else: charts, styles and numbers are in it, and it asks no server for anything. It can be
 * opened from a file and attached to a ticket.
 */
export async function htmlReport(report: ReplayReport): Promise<string> {
  const [page, style, script, chartStyle, chartScript] = await Promise.all([
    readFile(join(PAGE, 'report.html'), 'utf8'),
    readFile(join(PAGE, 'report.css'), 'utf8'),
    readFile(join(PAGE, 'report.js'), 'utf8'),
    readFile(require.resolve('uplot/dist/uPlot.min.css'), 'utf8'),
    readFile(require.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8'),
  ]);
  const scripts = [
    `<script type="application/json" id="data">${inlineJson(report)}</script>`,
    `<script>${inlineScript(chartScript)}</script>`,
    `<script>${inlineScript(script)}</script>`,
  ];
  // Functions, for in a text `$&` would stand for something else.
  return page
    .replace('<!-- style -->', () => `<style>${chartStyle}\n${style}</style>`)
    .replace('<!-- scripts -->', () => scripts.join('\n'));
}

/** JSON that cannot end the script element it stands in, whatever texts it holds. */
export function inlineJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function inlineScript(text: string): string {
  return text.replaceAll('</script', '<\\/script');
}
