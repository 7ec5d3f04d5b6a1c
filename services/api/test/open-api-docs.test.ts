import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROUTES } from '../src/routes.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

describe('docs/open-api.md', () => {
  const text = readFileSync(resolve(ROOT, 'docs/open-api.md'), 'utf8');
  const rows = [
    ...text.matchAll(/^\| (`(?:GET|POST|PUT|PATCH|DELETE) [^`]+`|every route) \| ([^|]+) \| ([^|]+) \|$/gm),
  ].map(([, route = '', behaviour = '', test = '']) => ({
    route: route.replaceAll('`', ''),
    behaviour,
    test: test.trim(),
  }));
  const tests = globSync('services/api/test/**/*.ts', { cwd: ROOT })
    .map((path) => readFileSync(resolve(ROOT, path), 'utf8'))
    .join('\n');

  it('has a row for every route, and none for another', () => {
    const inTable = new Set(rows.map(({ route }) => route));
    inTable.delete('every route');
    expect([...inTable].sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it.each(rows.map(({ route, behaviour, test }) => [route, behaviour, test] as const))(
    '%s, %s: names a test that exists',
    (_route, _behaviour, test) => {
      expect(tests).toContain(test);
    },
  );
});
