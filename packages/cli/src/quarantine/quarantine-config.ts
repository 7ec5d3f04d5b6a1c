import {
  createSqsClient,
  findDeadLetterQueue,
  type KeptQueue,
  probeQueue,
  type QueueFacts,
} from '@furrow/queue';
import { ConfigError, type Environment, loadConfig } from '@furrow/runtime';
import { z } from 'zod';
import { UsageError } from '../errors.ts';

const queueUrl = z.url({ protocol: /^https?$/, error: 'the URL of an SQS queue' });

/** The queues that a command works on. */
export interface OpenQueues {
  readonly client: ReturnType<typeof createSqsClient>;
  readonly queue: KeptQueue;
  /** The quarantine or the dead letters, with its counts when the command began. */
  readonly kept: QueueFacts;
  /** What people call it. */
  readonly title: string;
  /** Undefined when the command does not need it and it is not set. */
  readonly uplinkQueueUrl: string | undefined;
  readonly quarantineQueueUrl: string | undefined;
}

const HINT = 'While npm start runs, its settings are in the data folder:  . data/env';

/**
 * Finds and checks the queues by the worker's variables. Throws ConfigError with all problems at once, QueueCheckError for a queue that
 * is missing or denied, and {@link UsageError} for a queue from which looking alone would take messages away.
 */
export async function openQueues(
  env: Environment,
  { deadLetter = false, uplink }: { readonly deadLetter?: boolean | undefined; readonly uplink: boolean },
): Promise<OpenQueues> {
  const settings = readSettings(env, deadLetter, uplink);
  const client = createSqsClient();
  try {
    const url = await keptQueueUrl(settings, client, deadLetter);
    const kept = await probeQueue({ client, queueUrl: url });
    if (kept.deadLetter) {
      throw new UsageError(
        `${url} has a redrive policy itself: after ${kept.deadLetter.maxReceiveCount} looks SQS would take a message away to ${kept.deadLetter.arn}. Remove the policy first.`,
      );
    }
    return {
      client,
      queue: deadLetter ? 'dead_letter' : 'quarantine',
      kept,
      title: deadLetter ? 'Dead letters' : 'Quarantine',
      uplinkQueueUrl: settings.FURROW_UPLINK_QUEUE_URL,
      quarantineQueueUrl: settings.FURROW_QUARANTINE_QUEUE_URL,
    };
  } catch (error) {
    client.destroy();
    throw error;
  }
}

function readSettings(env: Environment, deadLetter: boolean, uplink: boolean) {
  const derived = deadLetter && !env['FURROW_DEAD_LETTER_QUEUE_URL'];
  const schema = z.object({
    FURROW_UPLINK_QUEUE_URL: uplink || derived ? queueUrl : queueUrl.optional(),
    FURROW_QUARANTINE_QUEUE_URL: deadLetter ? queueUrl.optional() : queueUrl,
    FURROW_DEAD_LETTER_QUEUE_URL: queueUrl.optional(),
  });
  try {
    return loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(`${error.message}\n${HINT}`, { cause: error });
    throw error;
  }
}

async function keptQueueUrl(
  settings: ReturnType<typeof readSettings>,
  client: OpenQueues['client'],
  deadLetter: boolean,
): Promise<string> {
  const { FURROW_UPLINK_QUEUE_URL, FURROW_QUARANTINE_QUEUE_URL, FURROW_DEAD_LETTER_QUEUE_URL } = settings;
  const given = deadLetter ? FURROW_DEAD_LETTER_QUEUE_URL : FURROW_QUARANTINE_QUEUE_URL;
  return given ?? (await findDeadLetterQueue(client, FURROW_UPLINK_QUEUE_URL ?? ''));
}
