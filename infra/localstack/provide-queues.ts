import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { deployAssembly } from './deploy-assembly.ts';
import { createLocalClient } from './local-access.ts';
import { makeQueues } from './make-queues.ts';
import { synthQueues } from './synth-queues.ts';
import { templateQueues } from './template-queues.ts';

/** What became of the queues of a server. */
export interface ProvidedQueues {
  /** Whether CloudFormation deployed the stack; otherwise the queues were made one by one, as its template says. */
  readonly deployed: boolean;
  /** The URL of each queue by its name, without the suffix, as the server writes it. */
  readonly urls: ReadonlyMap<string, string>;
}

const healthSchema = z.object({ services: z.object({ cloudformation: z.enum(['available', 'running']) }) });

/**
 * Gives an SQS server on this machine the queues of the CDK app: deploys their stack to it where it is a LocalStack with CloudFormation, and
 * makes them by the stack's template elsewhere. Queues that are there are set again; messages on them stay. Names end in `nameSuffix`.
 * Rejects with what the deployment or the SDK said.
 */
export async function provideQueues(endpoint: string, nameSuffix = ''): Promise<ProvidedQueues> {
  const outdir = mkdtempSync(join(tmpdir(), 'furrow-queues-'));
  const client = createLocalClient(endpoint);
  try {
    const queues = templateQueues(await synthQueues('dev', outdir, nameSuffix));
    const deployed = await hasCloudFormation(endpoint);
    if (deployed) await deployAssembly(outdir, endpoint);
    const made = deployed ? await findQueues(client, queues) : await makeQueues(client, queues);
    const urls = new Map(
      [...made].map(([name, url]) => [name.slice(0, name.length - nameSuffix.length), url]),
    );
    return { deployed, urls };
  } finally {
    client.destroy();
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** LocalStack says at this place what it serves; other servers have no such place. */
async function hasCloudFormation(endpoint: string): Promise<boolean> {
  const answer = await fetch(new URL('/_localstack/health', endpoint));
  if (!answer.ok) return false;
  const said: unknown = await answer.json().catch(() => undefined);
  return healthSchema.safeParse(said).success;
}

async function findQueues(
  client: SQSClient,
  queues: readonly { readonly name: string }[],
): Promise<ReadonlyMap<string, string>> {
  const urls = new Map<string, string>();
  for (const { name } of queues) {
    const { QueueUrl = '' } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
    urls.set(name, QueueUrl);
  }
  return urls;
}
