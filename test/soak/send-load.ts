import { setTimeout as sleep } from 'node:timers/promises';
import type { UplinkProducer } from '@furrow/queue';
import type { Random } from '../bench/random.ts';
import { MESSAGE_READINGS, type SoakLoad } from './load.ts';

/** Messages on their way to the queue at a time; above it the load waits. */
const MOST_UNSENT = 2_000;
/** Share of the messages that are sent twice, as a gateway does that missed its answer. */
const REPEATED_SHARE = 0.02;
const TICK_MS = 20;

export interface SentLoad {
  readonly repeated: number;
  /** Moments in which the load had to wait for the queue. */
  readonly heldBack: number;
  readonly seconds: number;
}

/**
 * Sends all messages of the load at `readingsPerSecond`, whatever the worker does meanwhile. Resolves when the queue has every one of
 * them; rejects when it refused one.
 */
export async function sendLoad(
  producer: UplinkProducer,
  load: SoakLoad,
  options: {
    readonly readingsPerSecond: number;
    readonly random: Random;
    readonly onTick: (sent: number) => void;
  },
): Promise<SentLoad> {
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1000;
  const sending = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const send = (uplink: ReturnType<SoakLoad['uplink']>): void => {
    const one = producer
      .send(uplink)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => sending.delete(one));
    sending.add(one);
  };
  let [sent, repeated, heldBack] = [0, 0, 0];
  while (sent < load.messages && failures.length === 0) {
    const due = Math.min(
      load.messages,
      Math.floor((elapsed() * options.readingsPerSecond) / MESSAGE_READINGS),
    );
    for (; sent < due && sending.size < MOST_UNSENT; sent += 1) {
      const uplink = load.uplink(sent);
      send(uplink);
      if (options.random() >= REPEATED_SHARE) continue;
      send(uplink);
      repeated += 1;
    }
    if (sent < due) heldBack += 1;
    options.onTick(sent);
    await sleep(TICK_MS);
  }
  await Promise.all(sending);
  if (failures.length > 0) throw new Error('a message could not be sent', { cause: failures[0] });
  return { repeated, heldBack, seconds: elapsed() };
}
