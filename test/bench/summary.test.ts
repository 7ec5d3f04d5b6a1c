import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BENCH_PAGE, summaryTable, withSummary } from './summary.ts';

const page = readFileSync(BENCH_PAGE, 'utf8');

describe('docs/benchmarks.md', () => {
  it('has the summary that `npm run bench -- summary --save` makes of its sections', () => {
    expect(page).toBe(withSummary(page));
  });
});

describe('summaryTable', () => {
  const section = (ratio: string) =>
    `<!-- burst -->\n| one worker, medians | simulated ÷ measured |\n| --- | ---: |\n| peak | ${ratio} |\n<!-- /burst -->`;

  it.each([
    ['1.10', 'yes'],
    ['0.80', '**no**'],
  ])('says of a ratio of %s whether the aim is met: %s', (ratio, met) => {
    expect(summaryTable(section(ratio))).toContain(
      `| ${ratio} × | the measured run | within 15 % | ${met} |`,
    );
  });

  it('names a figure that a section lacks', () => {
    expect(() => summaryTable(section('many'))).toThrow(
      /section burst, lacks a number at one worker \| peak \| simulated ÷ measured: many/,
    );
  });
});
