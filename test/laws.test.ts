import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(resolve(ROOT, path), 'utf8');

const LAWS = read('docs/laws.md')
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    title: section.split('\n')[0] ?? '',
    proofs: [...section.matchAll(/^\* `([^`]+)`: "([^"]+)"/gm)].map(([, file = '', name = '']) => ({
      file,
      name,
    })),
    lines: section.split('\n').filter((line) => line.startsWith('* ')).length,
  }));

describe('docs/laws.md', () => {
  it('has a section for every law of docs/architecture.md, by its words', () => {
    const [, laws = ''] = /## Laws\n\n([\s\S]*?)\n\n/.exec(read('docs/architecture.md')) ?? [];
    const sentences = laws.replaceAll('\n', ' ').split(/(?<=\.) (?=\d\. )/);
    expect(LAWS.map(({ title }) => `${title}.`)).toEqual(sentences);
  });

  it.each(LAWS)('names tests that exist for "$title"', ({ proofs, lines }) => {
    expect(proofs).toHaveLength(lines);
    expect(lines).toBeGreaterThan(2);
    // The name of a single case, or of a table of cases.
    const gone = proofs.filter(
      ({ file, name }) => !new RegExp(`(it\\(|\\)\\(\\s*)'${RegExp.escape(name)}'`).test(read(file)),
    );
    expect(gone).toEqual([]);
  });
});
