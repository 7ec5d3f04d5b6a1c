import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** The user of every image: no name of the host, no home. */
export const USER_ID = 10001;

/** What an image holds: places in it, without a leading slash, and the files of this machine that go there. */
export interface RootContents {
  /** Programs and shared objects. The libraries that they are linked with come along, each to where it lies here. */
  readonly binaries: Readonly<Record<string, string>>;
  /** Files, and folders with all that is in them but source maps; a symbolic link becomes what it points to. */
  readonly copies: Readonly<Record<string, string>>;
  /** Empty folders in which the image's user may write; `tmp` always is one. */
  readonly writable?: readonly string[];
}

export interface RootFileSystem {
  readonly folder: string;
  readonly bytes: number;
}

/**
 * Makes the root file system of one image in `<dist>/root/<name>`: its contents, the shared libraries, and the few files that a C library asks
 * for. No package manager, and no shell unless it is among the contents. Linux only. Throws when a file or a library cannot be found.
 */
export function makeRootFileSystem(name: string, contents: RootContents, dist: string): RootFileSystem {
  const folder = join(dist, 'root', name);
  rmSync(folder, { recursive: true, force: true });
  const binaries = Object.entries(contents.binaries);
  for (const [place, file] of binaries) placeBinary(file, join(folder, place));
  for (const library of linkedLibraries(binaries.map(([, file]) => file)))
    placeBinary(library, join(folder, library));
  for (const [place, source] of Object.entries(contents.copies))
    cpSync(source, join(folder, place), {
      recursive: true,
      dereference: true,
      filter: (file) => !file.endsWith('.map'),
    });
  mkdirSync(join(folder, 'etc'), { recursive: true });
  writeFileSync(join(folder, 'etc/passwd'), `furrow:x:${USER_ID}:${USER_ID}::/:/none\n`);
  writeFileSync(join(folder, 'etc/group'), `furrow:x:${USER_ID}:\n`);
  for (const place of ['tmp', ...(contents.writable ?? [])]) makeWritable(join(folder, place));
  return { folder, bytes: bytesIn(folder) };
}

/** Paths of the loader and of the libraries, as the loader itself finds them. */
function linkedLibraries(binaries: readonly string[]): ReadonlySet<string> {
  if (binaries.length === 0) return new Set();
  const listed = execFileSync('ldd', binaries, { encoding: 'utf8' });
  if (/not found/.test(listed))
    throw new Error(`libraries of ${binaries.join(', ')} are missing:\n${listed}`);
  return new Set([...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].flatMap((match) => match[1] ?? []));
}

function placeBinary(from: string, to: string): void {
  if (!existsSync(from)) throw new Error(`${from} is not on this machine`);
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

/** Like /tmp: all files of an image belong to root. The mode of a new folder is cut by the umask, a changed one is not. */
function makeWritable(folder: string): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o1777);
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
