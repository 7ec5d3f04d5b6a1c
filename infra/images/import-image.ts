import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import type { RootContents } from './root-file-system.ts';

/** What an image is made of. */
export interface Image {
  readonly contents: RootContents;
  /** Lines of a Dockerfile, of those that `docker import` knows: not STOPSIGNAL. */
  readonly instructions: readonly string[];
}

/**
 * Makes a local image out of a root file system by `docker import`: no registry, no base image, no build. Rejects with what tar or Docker
 * said.
 */
export async function importImage(
  folder: string,
  instructions: Image['instructions'],
  tag: string,
): Promise<void> {
  const changes = instructions.flatMap((line) => ['--change', line]);
  const tar = spawn('tar', [
    ...['--create', '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'],
    ...['--directory', folder, '.'],
  ]);
  const docker = spawn('docker', ['import', ...changes, '-', tag], { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  tar.stderr.on('data', (text) => (said += text));
  docker.stderr.on('data', (text) => (said += text));
  const sent = pipeline(tar.stdout, docker.stdin).catch((error: Error) => (said += error.message));
  const [[tarCode], [dockerCode]] = await Promise.all([once(tar, 'close'), once(docker, 'close'), sent]);
  if (tarCode !== 0 || dockerCode !== 0) throw new Error(`the image ${tag} was not made: ${said.trim()}`);
}
