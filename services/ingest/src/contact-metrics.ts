import type { ContactLog } from '@furrow/registry';
import { Gauge, type MetricsRegistry } from '@furrow/runtime';

/** Shows how often the times at which devices were last heard of could not be written; no reading depends on them. */
export function createContactMetrics(
  registry: MetricsRegistry,
  contacts: Pick<ContactLog, 'failures'>,
): void {
  new Gauge({
    name: 'furrow_contact_write_failures',
    help: 'Writes of connect_time that failed since start. Their devices are written with their next uplink; no reading is lost by them.',
    registers: [registry],
    collect() {
      this.set(contacts.failures);
    },
  });
}
