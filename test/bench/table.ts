import { arch, cpus, platform, version } from 'node:os';

/** One row of a benchmark's table: the cells in the order of the columns. */
export type Row = readonly (string | number)[];

/** The median of measurements; the mean of the two middle ones for an even count. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * A Markdown table. Numbers from 100 on are shown whole, smaller ones with two digits after the point. What is behind the first column stands
 * to the right, or with `text` to the left.
 */
export function markdownTable(
  columns: readonly string[],
  rows: readonly Row[],
  cells: 'numbers' | 'text' = 'numbers',
): string {
  const line = (row: Row): string => `| ${row.map(formatCell).join(' | ')} |`;
  return [
    line(columns),
    line(columns.map((_, index) => (index === 0 || cells === 'text' ? '---' : '---:'))),
    ...rows.map(line),
  ].join('\n');
}

/** What the numbers were measured on. */
export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${platform()} ${arch()} (${version()}), Node.js ${process.version}`;
}

function formatCell(cell: string | number): string {
  if (typeof cell === 'string') return cell;
  return cell >= 100 ? Math.round(cell).toLocaleString('en-US') : cell.toFixed(2);
}
