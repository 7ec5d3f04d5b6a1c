import { DuckDBInstance } from '@duckdb/node-api';
import type { AgriId, Point } from '@furrow/contracts';
import { belongsTo } from '@furrow/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identifier, textLiteral, wholeLiteral } from '../../src/timestream/sql.ts';
import { openFake } from './fake/open-fake.ts';
import { NOW, point } from './points.ts';

/** Texts full of what means something to SQL, to LIKE and to JSON. */
const hostile = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(
        "'",
        "''",
        '"',
        '\\',
        '%',
        '_',
        '.',
        '-',
        ';',
        '--',
        '/*',
        '*/',
        '\n',
        '\t',
        'OR 1=1',
        'é',
        '🌱',
        '{',
        '?',
        '$1',
      ),
    )
    .map((parts) => parts.join('')),
);

describe('textLiteral', () => {
  let instance: DuckDBInstance;
  beforeAll(async () => {
    instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  });
  afterAll(() => instance.closeSync());

  it('is one literal with this very text, whatever the text', async () => {
    const connection = await instance.connect();
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const literal = textLiteral(text);
        // By the grammar of SQL: quotes inside come in pairs, so the literal ends at its last character.
        expect(literal).toMatch(/^'(?:[^']|'')*'$/s);
        expect(literal.slice(1, -1).replaceAll("''", "'")).toBe(text);
        if (text.includes('\0')) return;
        const reader = await connection.runAndReadAll(`SELECT ${literal}, 7`);
        expect(reader.getRows()).toEqual([[text, 7]]);
      }),
      { seed: 4, numRuns: 500 },
    );
    connection.disconnectSync();
  });
});

describe('identifier', () => {
  it('keeps quotes inside', () => {
    expect(identifier('a"b.c')).toBe('"a""b.c"');
  });
});

describe('wholeLiteral', () => {
  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses %s', (value) => {
    expect(() => wholeLiteral(value)).toThrow(RangeError);
  });
});

describe('statements', () => {
  it('find the factors that were asked for and no other, whatever their names', async () => {
    const { store } = await openFake({}, { clock: () => NOW });
    const names = fc.uniqueArray(
      hostile.filter((text) => text !== '' && !text.includes('\0') && text.isWellFormed()),
      { minLength: 2, maxLength: 6 },
    );
    const known = new Map<string, Point>();
    await fc.assert(
      fc.asyncProperty(names, async (batch) => {
        const factors = batch.flatMap((name) => [name, `${name}-1`, `${name}.1`, `${name}x-1`]);
        const points = [...new Set(factors)].map((name) =>
          point({ agriId: name as AgriId, value: name.length }),
        );
        for (const each of points) known.set(each.agriId, each);
        await store.write(points);
        for (const name of batch) {
          const id = name as AgriId;
          const history = await store.history({ agriId: id, page: 1, pageSize: 10, minT: 0 });
          expect(history).toEqual({ total: 1, points: [{ t: NOW, value: name.length, version: NOW }] });
          const latest = await store.latest(id);
          expect(latest.map(({ agriId }) => agriId).sort()).toEqual(
            [...known.keys()].filter((child) => belongsTo(child, id)).sort(),
          );
        }
      }),
      { seed: 4, numRuns: 25 },
    );
  });
});
