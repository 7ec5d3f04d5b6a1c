import { COMMAND_REASON_CODES } from '@furrow/contracts';
import { Counter, Gauge, Histogram, type MetricsRegistry } from '@furrow/runtime';
import type { Delivery } from './deliver-command.ts';

/** What the downlink measures. */
export interface DownlinkMetrics {
  delivered(delivery: Delivery, seconds: number): void;
  unreadable(): void;
  pollFailed(): void;
}

/** Declares the downlink's metrics in `registry`; `inHand` and `isConnected` are asked at each scrape. */
export function createDownlinkMetrics(
  registry: MetricsRegistry,
  inHand: () => number,
  isConnected: () => boolean,
): DownlinkMetrics {
  const registers = [registry];
  const ends = new Counter({
    name: 'furrow_downlink_commands_total',
    help: 'Commands that were sent and are over, by how they ended.',
    labelNames: ['end'],
    registers,
  });
  for (const end of ['confirmed', ...COMMAND_REASON_CODES]) ends.inc({ end }, 0);
  const notSent = new Counter({
    name: 'furrow_downlink_not_sent_total',
    help: 'Messages of the queue whose command was not sent, by why: taken (delivered again), expired, refused, unknown, unreadable.',
    labelNames: ['because'],
    registers,
  });
  const seconds = new Histogram({
    name: 'furrow_downlink_command_seconds',
    help: 'Time from receiving a command to its end.',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60],
    registers,
  });
  const failures = new Counter({
    name: 'furrow_downlink_queue_failures_total',
    help: 'Receives that failed after their retries.',
    registers,
  });
  new Gauge({
    name: 'furrow_downlink_in_hand',
    help: 'Commands in hand: waiting for their turn, or for the device.',
    registers,
    collect() {
      this.set(inHand());
    },
  });
  new Gauge({
    name: 'furrow_downlink_broker_connected',
    help: '1 while there is a connection to the broker.',
    registers,
    collect() {
      this.set(isConnected() ? 1 : 0);
    },
  });
  return {
    delivered: (delivery, elapsed) => {
      if (delivery.kind === 'nothing') notSent.inc({ because: delivery.because });
      if (delivery.kind !== 'ended') return;
      ends.inc({ end: delivery.end });
      seconds.observe(elapsed);
    },
    unreadable: () => notSent.inc({ because: 'unreadable' }),
    pollFailed: () => failures.inc(),
  };
}
