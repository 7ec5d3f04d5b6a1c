import { existsSync } from 'node:fs';
import type { ContainerRuntimeClient, GenericContainer, StartedTestContainer } from 'testcontainers';

/** A server in a container of this run, or why there is none. */
export type ContainerAnswer =
  | { readonly kind: 'started'; readonly container: StartedTestContainer; readonly image: string }
  | { readonly kind: 'none'; readonly why: string };

/** An engine as an image: which one, and how a container is made of it. */
export interface ContainerEngine {
  /** The variable that names another image. An image that it names is pulled when it is not there. */
  readonly variable: string;
  /** Taken when it is there already; tests do not load hundreds of megabytes unasked. */
  readonly image: string;
  create(image: string): Promise<GenericContainer>;
}

/**
 * Starts an engine in a container when a Docker engine answers and the image is there or asked for by name. Rejects when an image that was
 * asked for by name does not start; with FURROW_TEST_ENGINES=required that goes for a Docker engine that was asked for by DOCKER_HOST, too.
 */
export async function startContainer(engine: ContainerEngine): Promise<ContainerAnswer> {
  const asked = process.env[engine.variable];
  const image = asked ?? engine.image;
  const docker = await dockerEngine();
  if (docker === undefined) {
    if (asked !== undefined) throw new Error(`${engine.variable} is ${asked}, but no Docker engine answers`);
    return { kind: 'none', why: 'no Docker engine answers' };
  }
  const { ImageName } = await import('testcontainers');
  if (asked === undefined && !(await docker.image.exists(ImageName.fromString(image))))
    return { kind: 'none', why: `Docker has no image ${image}, and ${engine.variable} names no other` };
  const container = await (await engine.create(image)).start();
  return { kind: 'started', container, image };
}

/** The Docker engine of DOCKER_HOST or of the usual socket. Looking costs nothing where there is neither. */
async function dockerEngine(): Promise<ContainerRuntimeClient | undefined> {
  if (process.env['DOCKER_HOST'] === undefined && !existsSync('/var/run/docker.sock')) return undefined;
  // Whoever starts a container here also stops it; the reaper would be one more image.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';
  const { getContainerRuntimeClient } = await import('testcontainers');
  return await getContainerRuntimeClient().catch(() => undefined);
}
