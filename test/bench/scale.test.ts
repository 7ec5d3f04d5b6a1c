import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scaleTables } from './scale.ts';

describe('docs/scale.md', () => {
  it('has the tables that `npm run bench -- scale` prints', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../docs/scale.md'), 'utf8');
    const [, between = ''] = /<!-- scale -->\n([\s\S]*?)\n<!-- \/scale -->/.exec(page) ?? [];
    expect(between).toBe(scaleTables());
  });
});
