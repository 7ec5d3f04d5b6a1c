import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { parseFrame, parseItem, parseUplink } from '@furrow/contracts';
import { parseFleet } from '@furrow/registry';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const PAGES = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })];
const FILES = new Set(
  globSync('{packages,services,infra,test}/**/*.{ts,mjs,json}', {
    cwd: ROOT,
    exclude: ['**/node_modules/**'],
  }).map((path) => basename(path)),
);

describe.each(PAGES)('%s', (page) => {
  const text = readFileSync(resolve(ROOT, page), 'utf8');

  it('names only files and folders that exist', () => {
    const paths = [...text.matchAll(/`((?:packages|services|test|docs|infra)\/[\w./-]+)`/g)].map(
      ([, path = '']) => path,
    );
    expect(paths.filter((path) => !existsSync(resolve(ROOT, path)))).toEqual([]);
    const files = [...text.matchAll(/`([\w-]+\.ts)`/g)].map(([, file = '']) => file);
    expect(files.filter((file) => !FILES.has(file))).toEqual([]);
  });

  it('links only to pages that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(resolve(ROOT, dirname(page), link)))).toEqual([]);
  });
});

describe('docs/way-of-a-reading.md', () => {
  it('names the function that refuses a foreign prefix, in the file where it is', () => {
    const way = readFileSync(resolve(ROOT, 'docs/way-of-a-reading.md'), 'utf8');
    const [, file = '', name = ''] =
      /`([\w/.-]+)`, `(\w+)`, is the line that refuses a foreign prefix/.exec(way) ?? [];
    expect(readFileSync(resolve(ROOT, file), 'utf8')).toMatch(new RegExp(`function ${name}\\(`));
    expect(way.split('\n').filter((line) => /^\d+\. /.test(line))).toHaveLength(10);
  });
});

describe('docs/fleet.md', () => {
  it('shows a fleet file that is accepted', () => {
    const [, json = ''] =
      /```json\n([\s\S]*?)```/.exec(readFileSync(resolve(ROOT, 'docs/fleet.md'), 'utf8')) ?? [];
    expect(parseFleet(JSON.parse(json)).orgs[0]?.projects[0]?.devices[0]?.factors).toMatchObject([
      { data_type: 'int16', data_endian: 'ABCD' },
    ]);
  });
});

describe('docs/architecture.md', () => {
  it('shows an uplink that is accepted', () => {
    const [, json = ''] =
      /```json\n([\s\S]*?)```/.exec(readFileSync(resolve(ROOT, 'docs/architecture.md'), 'utf8')) ?? [];
    const parsed = parseUplink(json.replace('010304…', '0103020000b844'), { sentAt: 0 });
    expect(parsed).toMatchObject({ ok: true });
    if (!parsed.ok) return;
    expect(parseItem(parsed.value.items[0], 'items[0]')).toMatchObject({ ok: true });
    expect(parseFrame(parsed.value.frames[0], 'frames[0]')).toMatchObject({ ok: true });
  });
});
