import { setTimeout } from 'node:timers/promises';
import { createSqsClient, QuarantineWriter } from '@furrow/queue';
import { openRegistry } from '@furrow/registry';
import { createLogger, type Environment, type Logger, loadConfig, logLevelVariable } from '@furrow/runtime';
import { openStore } from '@furrow/timeseries';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { z } from 'zod';
import { embeddedMetrics } from './embedded-metrics.ts';
import { type BatchParts, ingestBatch } from './ingest-batch.ts';
import { recordMessage } from './record-message.ts';

/** Kept of a call's time for giving back what is not written by then. */
const RESERVE_MS = 5_000;

/** Most time of a call for noting which devices were heard of. */
const CONTACTS_MS = 1_000;

const lambdaSchema = z.object({
  FURROW_STORE: z.string('a store, such as timestream://database/table'),
  FURROW_REGISTRY: z.string('a registry, such as postgres://user@host/database?auth=aws-iam'),
  FURROW_QUARANTINE_QUEUE_URL: z.url({ protocol: /^https?$/, error: 'the URL of an SQS queue' }),
  /** Where CloudWatch keeps the ledger. */
  FURROW_METRICS_NAMESPACE: z.string().default('Furrow'),
  FURROW_LOG_LEVEL: logLevelVariable.default('info'),
});

/** A worker that is called with messages, and the parts that all its calls share. */
export interface LambdaWorkerOptions {
  readonly parts: BatchParts;
  readonly logger: Logger;
  readonly metricsNamespace: string;
  /** Where lines of metrics go. */
  readonly print: (line: string) => void;
  /** Milliseconds since 1970 UTC; `Date.now` when left out. */
  readonly clock?: () => number;
}

/** The time that a call has left, as Lambda says it. */
export interface CallContext {
  getRemainingTimeInMillis(): number;
}

export type LambdaWorker = (event: SQSEvent, context: CallContext) => Promise<SQSBatchResponse>;

/** Opens what the environment names. Rejects with all problems of the configuration, or with that of the part that does not open. */
export async function openLambdaWorker(env: Environment): Promise<LambdaWorker> {
  const config = loadConfig(lambdaSchema, env);
  const registry = await openRegistry(config.FURROW_REGISTRY, { maxConnections: 1 });
  return createLambdaWorker({
    parts: {
      plans: registry.plans,
      contacts: registry.contacts,
      store: await openStore(config.FURROW_STORE),
      quarantine: new QuarantineWriter({
        client: createSqsClient(),
        queueUrl: config.FURROW_QUARANTINE_QUEUE_URL,
      }),
    },
    logger: createLogger({ service: 'ingest', level: config.FURROW_LOG_LEVEL }),
    metricsNamespace: config.FURROW_METRICS_NAMESPACE,
    print: (line) => process.stdout.write(`${line}\n`),
  });
}

/** Works on each batch, answers with the messages that must come again, and prints the batch's books. */
export function createLambdaWorker(options: LambdaWorkerOptions): LambdaWorker {
  const { parts, logger, metricsNamespace, print, clock = Date.now } = options;
  return async ({ Records }, context) => {
    const now = clock();
    const messages = Records.map((record) => recordMessage(record, now));
    const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - RESERVE_MS));
    const { failed, ledger } = await ingestBatch(messages, parts, { now, signal });
    await flushContacts(parts);
    for (const { messageId, reason } of failed)
      logger.warn({ messageId, reason }, 'message returned to the queue');
    for (const line of embeddedMetrics(ledger, metricsNamespace, now)) print(line);
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

/** Between two calls nothing runs, timers included; what is not written in time is written with the next call. */
async function flushContacts({ contacts }: BatchParts): Promise<void> {
  if (contacts === undefined) return;
  const enough = new AbortController();
  const timeLimit = setTimeout(CONTACTS_MS, undefined, { signal: enough.signal }).catch(() => undefined);
  await Promise.race([contacts.flush(), timeLimit]);
  enough.abort();
}
