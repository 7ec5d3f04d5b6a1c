import type { Program } from './programs.ts';
import { PROGRAM_FOLDER, USER_ID } from './root-file-system.ts';

/**
 * What an image says besides its files, as lines of a Dockerfile: who runs, what starts, at which port it is asked for its health. The
 * Dockerfile and `docker import` take the same lines.
 */
export function imageInstructions({ serves }: Program): readonly string[] {
  return [
    'ENV PATH=/usr/local/bin NODE_ENV=production',
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
