// Installs the workspace when it is missing or older than the lockfile, so that `npm start` and `npm test` are the only
// commands a fresh clone needs. Plain JavaScript on purpose: it runs on the Node.js (>= 20) that the machine has, before
// the pinned Node.js 24 of the workspace is there to read TypeScript.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PNPM = 'pnpm@12.21.0';
const root = fileURLToPath(new URL('../../', import.meta.url));
const stampFile = `${root}node_modules/.furrow-installed`;

const stamp = createHash('sha256');
for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'])
  stamp.update(readFileSync(root + file));
stamp.update(process.platform).update(process.arch);
const wanted = stamp.digest('hex');

if (readStamp() !== wanted) {
  console.error('Installing the workspace (once; about half a minute)…');
  const run = spawnSync('npx', ['--yes', PNPM, 'install', '--frozen-lockfile', '--reporter=append-only'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.status !== 0) {
    console.error(run.error?.message ?? `${run.stdout ?? ''}${run.stderr ?? ''}`);
    console.error(
      'The installation failed; its output is above. It needs Node.js >= 20, npm and the npm registry.',
    );
    process.exit(1);
  }
  writeFileSync(stampFile, wanted);
}

/** What the last successful installation was made from; undefined when there was none. */
function readStamp() {
  try {
    return readFileSync(stampFile, 'utf8');
  } catch {
    return undefined;
  }
}
