import { WriteRecordsCommand, type WriteRecordsCommandInput } from '@aws-sdk/client-timestream-write';
import type { WriteClient } from './clients.ts';
import type { Target } from './encode-call.ts';
import { isThrottle } from './errors.ts';

/** What the sender's middleware tells of each attempt that the SDK makes, its own retries included. */
export interface AttemptObserver {
  /** The service throttled an attempt that began at `startedAt` (`performance.now()`). */
  onThrottle(startedAt: number): void;
}

const WRITE_COMMAND = 'WriteRecordsCommand';

/** Sends a prepared body; rejects with what the SDK rejects with. */
export type SendCall = (body: string) => Promise<void>;

/**
 * Teaches the client two things, through the SDK's own middleware stack, and gives back what sends a body:
 *
 * - The body of a call replaces what the SDK serialised, right after its serialiser and before anything else: content length, user
 *   agent, endpoint discovery, retries and the signature see the prepared body as if the SDK had written it. The serialiser itself
 *   gets a call without records, which costs it next to nothing.
 * - Each attempt is watched inside the SDK's retry loop, so that a throttle counts even when the SDK's next attempt succeeds.
 *
 * Install it once a client.
 */
export function installCallSender(client: WriteClient, target: Target, observer: AttemptObserver): SendCall {
  const bodies = new WeakMap<object, string>();
  client.middlewareStack.add(
    (next) => (args) => {
      const body = bodies.get(args.input);
      if (body !== undefined && isBodied(args.request)) args.request.body = body;
      return next(args);
    },
    { name: 'preparedBody', step: 'build', priority: 'high', override: true },
  );
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const startedAt = performance.now();
      try {
        return await next(args);
      } catch (error) {
        if (context.commandName === WRITE_COMMAND && isThrottle(error)) observer.onThrottle(startedAt);
        throw error;
      }
    },
    { name: 'attemptObserver', step: 'finalizeRequest', priority: 'low', override: true },
  );
  return async (body) => {
    const input: WriteRecordsCommandInput = {
      DatabaseName: target.database,
      TableName: target.table,
      Records: [],
    };
    bodies.set(input, body);
    await client.send(new WriteRecordsCommand(input));
  };
}

function isBodied(request: unknown): request is { body: unknown } {
  return typeof request === 'object' && request !== null && 'body' in request;
}
