import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from './import-image.ts';
import type { Program } from './programs.ts';
import { type RootContents, USER_ID } from './root-file-system.ts';

/** Where the program lies in every image; the registry's migrations are two folders above it, as in a checkout. */
const PROGRAM_FOLDER = 'furrow/services/program';

/**
 * The image of one program, from the bundle in `dist`: the Node.js binary that runs this and the program. No shell and no package
 * manager: nothing to patch but Node.js.
 */
export function programImage(program: Program, dist: string): Image {
  return { contents: programContents(program, dist), instructions: programInstructions(program) };
}

function programContents({ name }: Program, dist: string): RootContents {
  return {
    binaries: { 'usr/local/bin/node': realpathSync(process.execPath) },
    copies: {
      [PROGRAM_FOLDER]: join(dist, 'services', name),
      'furrow/migrations': join(dist, 'migrations'),
      'furrow/healthcheck.mjs': join(import.meta.dirname, 'healthcheck.mjs'),
    },
  };
}

/**
 * What it says besides its files, as lines of a Dockerfile: who runs, what starts, at which port it is asked for its health. The
 * Dockerfile and `docker import` take the same lines.
 */
export function programInstructions({ serves, nodeOptions }: Program): readonly string[] {
  return [
    'ENV PATH=/usr/local/bin NODE_ENV=production',
    ...(nodeOptions === undefined ? [] : [`ENV NODE_OPTIONS="${nodeOptions}"`]),
    ...(serves === undefined ? [] : serving(serves)),
    `USER ${USER_ID}:${USER_ID}`,
    `ENTRYPOINT ["node", "/${PROGRAM_FOLDER}/main.mjs"]`,
  ];
}

function serving({ port, healthPath }: NonNullable<Program['serves']>): readonly string[] {
  return [
    `ENV FURROW_HTTP=0.0.0.0:${port}`,
    `EXPOSE ${port}`,
    `HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["node", "/furrow/healthcheck.mjs", "${healthPath}"]`,
  ];
}
