import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { ProgramName } from './programs.ts';

/** The user of every image: no name of the host, no shell, no home. */
export const USER_ID = 10001;

/** Where the program lies in every image; the registry's migrations are two folders above it, as in a checkout. */
export const PROGRAM_FOLDER = 'furrow/services/program';

export interface RootFileSystem {
  readonly folder: string;
  readonly bytes: number;
}

/**
 * Makes the root file system of one program's image in `<dist>/root/<name>`, from the bundle in `<dist>`: the Node.js binary that runs this,
 * the shared libraries that it is linked with, the program, and the few files that a C library asks for. No shell and no package
 * manager: nothing to patch but Node.js. Linux only. Throws when the binary's libraries cannot be found.
 */
export function makeRootFileSystem(name: ProgramName, dist: string): RootFileSystem {
  const folder = join(dist, 'root', name);
  rmSync(folder, { recursive: true, force: true });
  place(realpathSync(process.execPath), join(folder, 'usr/local/bin/node'));
  for (const library of linkedLibraries(process.execPath)) place(library, join(folder, library));
  cpSync(join(dist, 'services', name), join(folder, PROGRAM_FOLDER), {
    recursive: true,
    filter: (file) => !file.endsWith('.map'),
  });
  cpSync(join(dist, 'migrations'), join(folder, 'furrow/migrations'), { recursive: true });
  place(join(import.meta.dirname, 'healthcheck.mjs'), join(folder, 'furrow/healthcheck.mjs'));
  mkdirSync(join(folder, 'etc'), { recursive: true });
  writeFileSync(join(folder, 'etc/passwd'), `furrow:x:${USER_ID}:${USER_ID}::/:/none\n`);
  writeFileSync(join(folder, 'etc/group'), `furrow:x:${USER_ID}:\n`);
  mkdirSync(join(folder, 'tmp'), { mode: 0o1777 });
  return { folder, bytes: bytesIn(folder) };
}

/** Paths of the loader and of the libraries, as the loader itself finds them. */
function linkedLibraries(binary: string): readonly string[] {
  const listed = execFileSync('ldd', [binary], { encoding: 'utf8' });
  if (/not found/.test(listed)) throw new Error(`libraries of ${binary} are missing:\n${listed}`);
  return [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].flatMap((match) => match[1] ?? []);
}

function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
