import { Counter, Gauge, type MetricsRegistry } from '@furrow/runtime';
import type { StoreEvent } from '@furrow/timeseries';

/** Counts what a store behind a network costs: requests and bytes written, throttles, bytes that queries scanned and are billed for. */
export function createStoreMetrics(registry: MetricsRegistry): (event: StoreEvent) => void {
  const registers = [registry];
  const requests = new Counter({
    name: 'furrow_store_requests_total',
    help: 'Requests with points to the store.',
    registers,
  });
  const bytes = new Counter({
    name: 'furrow_store_bytes_total',
    help: 'Bytes sent to the store before compression, and bytes that its queries scanned and are billed for.',
    labelNames: ['kind'],
    registers,
  });
  const throttles = new Counter({
    name: 'furrow_store_throttles_total',
    help: 'Times the store asked to slow down.',
    registers,
  });
  const concurrency = new Gauge({
    name: 'furrow_store_write_concurrency',
    help: 'Requests with points that may be in flight since the store last asked to slow down.',
    registers,
  });
  return (event) => {
    if (event.kind === 'write') {
      requests.inc();
      bytes.inc({ kind: 'written' }, event.bodyBytes);
    } else if (event.kind === 'throttled') {
      throttles.inc();
      concurrency.set(event.concurrency);
    } else {
      bytes.inc({ kind: 'scanned' }, event.bytesScanned);
      bytes.inc({ kind: 'metered' }, event.bytesMetered);
    }
  };
}
