// Builds what is deployed: `bundle` makes dist/services/<program>/main.mjs; `root` also dist/root/<program>, the root file system of its
// image with the Node.js that runs this; `image` also imports it into the local Docker as furrow-<program>:local. Without names, every
// program. `root` and `image` also know the servers of compose.yaml, made of Debian's packages on this machine.
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleProgram, ROOT } from './bundle.ts';
import { type Image, importImage } from './import-image.ts';
import { programImage } from './program-image.ts';
import { PROGRAMS, type Program, type ProgramName } from './programs.ts';
import { makeRootFileSystem } from './root-file-system.ts';
import { SERVERS, type Server, type ServerName } from './servers.ts';

const DIST = `${ROOT}/dist`;
const { positionals } = parseArgs({ allowPositionals: true });
const [action, ...names] = positionals;
const known = [...Object.keys(PROGRAMS), ...(action === 'bundle' ? [] : Object.keys(SERVERS))];
const unknown = names.filter((name) => !known.includes(name));
if (action === undefined || !['bundle', 'root', 'image'].includes(action) || unknown.length > 0) {
  console.error(
    `usage: main.ts bundle|root|image [${Object.keys(PROGRAMS).join('|')}]…\n       main.ts root|image [${Object.keys(SERVERS).join('|')}]…`,
  );
  process.exit(2);
}
try {
  for (const name of names.length > 0 ? names : Object.keys(PROGRAMS)) {
    if (isServer(name)) await makeImage(name, installedServer(SERVERS[name]), action);
    else await makeProgram(name as ProgramName, action);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function isServer(name: string): name is ServerName {
  return Object.hasOwn(SERVERS, name);
}

function installedServer({ name, packages, image }: Server): Image {
  try {
    return image();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${name}: ${why}: apt-get install ${packages.join(' ')}`, { cause });
  }
}

async function makeProgram(name: ProgramName, action: string): Promise<void> {
  const program: Program = PROGRAMS[name];
  const bundle = await bundleProgram(name, DIST);
  const size = (bundle.bytes / 1e6).toFixed(2);
  console.log(`${name}: ${size} MB in one file, ${bundle.packages.length} packages inside`);
  if (action === 'bundle') return;
  await makeImage(name, programImage(program, DIST), action);
}

async function makeImage(name: string, image: Image, action: string): Promise<void> {
  const { folder, bytes } = makeRootFileSystem(name, image.contents, DIST);
  console.log(`${name}: ${(bytes / 1e6).toFixed(0)} MB in ${relative(process.cwd(), folder)}`);
  if (action === 'root') return;
  await importImage(folder, image.instructions, `furrow-${name}:local`);
  console.log(`${name}: image furrow-${name}:local`);
}
