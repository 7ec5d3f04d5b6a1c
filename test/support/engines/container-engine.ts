import { existsSync } from 'node:fs';
import type { ContainerRuntimeClient, GenericContainer } from 'testcontainers';

/** A server in a container of this run, or why there is none. */
export type ContainerAnswer =
  | {
      readonly kind: 'started';
      readonly url: string;
      /** Says which image it is, for the report. */
      readonly from: string;
      /** Stops the container and removes it. */
      stop(): Promise<void>;
    }
  | { readonly kind: 'none'; readonly why: string };

/** An engine as an image: which one, and how a container is made of it. */
export interface ContainerEngine {
  /** The variable that names another image. An image that it names is pulled when it is not there. */
  readonly variable: string;
  /** Taken when it is there already; tests do not load hundreds of megabytes unasked. */
  readonly image: string;
  /** Where it serves inside its container. */
  readonly port: number;
  create(image: string): Promise<GenericContainer>;
  /** Its URL, given the host and port by which it is reached from here. */
  url(address: string): string;
}

const NO_DOCKER = 'no Docker engine answers';

/**
 * Starts an engine in a container when a Docker engine answers and the image is there or asked for by name. Rejects when one that was
 * asked for by name does not start.
 */
export async function startContainer(engine: ContainerEngine): Promise<ContainerAnswer> {
  const asked = process.env[engine.variable];
  const image = asked ?? engine.image;
  if (asked === undefined) {
    const missing = await missingImages([image]);
    if (missing !== undefined) return { kind: 'none', why: `${missing}; ${engine.variable} names none` };
  } else if ((await dockerEngine()) === undefined) {
    throw new Error(`${engine.variable} is ${asked}, but ${NO_DOCKER}`);
  }
  const container = await (await engine.create(image)).start();
  return {
    kind: 'started',
    url: engine.url(`${container.getHost()}:${container.getMappedPort(engine.port)}`),
    from: `a container of ${image}`,
    stop: async () => void (await container.stop()),
  };
}

/** Why no container of these images can be started; undefined when Docker answers and has them all. */
export async function missingImages(images: readonly string[]): Promise<string | undefined> {
  const docker = await dockerEngine();
  if (docker === undefined) return NO_DOCKER;
  const { ImageName } = await import('testcontainers');
  for (const image of images)
    if (!(await docker.image.exists(ImageName.fromString(image)))) return `Docker has no image ${image}`;
  return undefined;
}

/** The Docker engine of DOCKER_HOST or of the usual socket. Looking costs nothing where there is neither. */
async function dockerEngine(): Promise<ContainerRuntimeClient | undefined> {
  if (process.env['DOCKER_HOST'] === undefined && !existsSync('/var/run/docker.sock')) return undefined;
  // Whoever starts a container here also stops it; the reaper would be one more image.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';
  const { getContainerRuntimeClient } = await import('testcontainers');
  return await getContainerRuntimeClient().catch(() => undefined);
}
