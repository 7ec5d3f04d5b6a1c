// Builds what is deployed: `bundle` makes dist/services/<program>/main.mjs; `root` also dist/root/<program>, the root file system of its
// image with the Node.js that runs this; `image` also imports it into the local Docker as furrow-<program>:local. Without names, every
// program.
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleProgram, ROOT } from './bundle.ts';
import { importImage } from './import-image.ts';
import { PROGRAMS, type ProgramName } from './programs.ts';
import { makeRootFileSystem } from './root-file-system.ts';

const DIST = `${ROOT}/dist`;
const { positionals } = parseArgs({ allowPositionals: true });
const [action, ...names] = positionals;
const known = Object.keys(PROGRAMS);
const unknown = names.filter((name) => !known.includes(name));
if (action === undefined || !['bundle', 'root', 'image'].includes(action) || unknown.length > 0) {
  console.error(`usage: main.ts bundle|root|image [${known.join('|')}]…`);
  process.exit(2);
}
try {
  for (const name of (names.length > 0 ? names : known) as ProgramName[]) await make(name, action);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function make(name: ProgramName, action: string): Promise<void> {
  const bundle = await bundleProgram(name, DIST);
  const size = (bundle.bytes / 1e6).toFixed(2);
  console.log(`${name}: ${size} MB in one file, ${bundle.packages.length} packages inside`);
  if (action === 'bundle') return;
  const { folder, bytes } = makeRootFileSystem(name, DIST);
  console.log(`${name}: ${(bytes / 1e6).toFixed(0)} MB in ${relative(process.cwd(), folder)}`);
  if (action === 'root') return;
  await importImage(PROGRAMS[name], folder, `furrow-${name}:local`);
  console.log(`${name}: image furrow-${name}:local`);
}
