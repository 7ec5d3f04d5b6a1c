import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeRootFileSystem } from '../../images/root-file-system.ts';

function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'furrow-root-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('makeRootFileSystem', () => {
  it('brings along all that a program is linked with', () => {
    const contents = { binaries: { 'bin/node': process.execPath }, copies: {} };
    const { folder, bytes } = makeRootFileSystem('node', contents, tempFolder());
    const listed = execFileSync('ldd', [process.execPath], { encoding: 'utf8' });
    const libraries = [...listed.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
    expect(libraries.length).toBeGreaterThan(3);
    for (const library of libraries) expect(statSync(join(folder, library)).size).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(statSync(process.execPath).size);
  });

  it('copies folders without source maps and links, and lets the one user write where it may', () => {
    const source = tempFolder();
    mkdirSync(join(source, 'in'));
    for (const file of ['in/a.mjs', 'in/a.mjs.map']) writeFileSync(join(source, file), 'text');
    symlinkSync(join(source, 'in/a.mjs'), join(source, 'in/link'));
    const contents = { binaries: {}, copies: { 'opt/it': join(source, 'in') }, writable: ['var/lib/it'] };
    const { folder } = makeRootFileSystem('it', contents, tempFolder());
    expect(readFileSync(join(folder, 'opt/it/link'), 'utf8')).toBe('text');
    expect(() => statSync(join(folder, 'opt/it/a.mjs.map'))).toThrow('ENOENT');
    for (const place of ['tmp', 'var/lib/it'])
      expect(statSync(join(folder, place)).mode & 0o7777).toBe(0o1777);
    expect(readFileSync(join(folder, 'etc/passwd'), 'utf8')).toBe('furrow:x:10001:10001::/:/none\n');
  });

  it('says which file is missing', () => {
    const contents = { binaries: { 'bin/it': '/nowhere/it' }, copies: {} };
    expect(() => makeRootFileSystem('it', contents, tempFolder())).toThrow(
      '/nowhere/it is not on this machine',
    );
  });
});
