import { MAX_AHEAD_MS } from '@furrow/contracts';
import type { ReplaySource } from '../source/source-message.ts';
import { readUplink } from './read-uplink.ts';

/** The times of a whole source, milliseconds since 1970 UTC. */
export interface SourceSpan {
  readonly oldest: number;
  readonly newest: number;
  readonly messages: number;
}

/**
 * Reads the source once for its times. Times that were ahead of the clock when they were recorded (by their message's own time of
 * reception) do not count: a wrong gateway clock must not set the measure. Undefined when no message has a time.
 */
export async function findSpan(
  source: ReplaySource,
  onMessage: (messages: number) => void,
  signal: AbortSignal,
): Promise<SourceSpan | undefined> {
  let [oldest, newest, messages] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for await (const entry of source.entries()) {
    signal.throwIfAborted();
    messages += 1;
    onMessage(messages);
    const read = entry.ok ? readUplink(entry.message) : undefined;
    if (!read?.ok) continue;
    const { uplink } = read;
    const limit =
      uplink.receivedAt === undefined ? Number.POSITIVE_INFINITY : uplink.receivedAt + MAX_AHEAD_MS;
    if (uplink.newest !== undefined && uplink.newest <= limit) newest = Math.max(newest, uplink.newest);
    else if (uplink.receivedAt !== undefined) newest = Math.max(newest, uplink.receivedAt);
    if (uplink.oldest !== undefined) oldest = Math.min(oldest, uplink.oldest);
  }
  return Number.isFinite(newest) ? { oldest, newest, messages } : undefined;
}
