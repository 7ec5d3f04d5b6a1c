import type { Point } from '@furrow/contracts';
import type { ContactLog } from '@furrow/registry';
import { authorizeDevice, type FindOwner } from './pipeline/authorize.ts';
import type { UplinkSender } from './pipeline/read-message.ts';

/**
 * Notes that the sender of an uplink was heard of when the uplink was received: a device that may send, whatever became of its readings.
 * Where the uplink names no device, those that its points belong to. A backlog brings old times, and makes nobody look online. Returns at
 * once, and does not throw.
 */
export function noteContacts(
  contacts: Pick<ContactLog, 'note'> | undefined,
  { device, orgId, receivedAt }: UplinkSender,
  points: readonly Point[],
  findOwner: FindOwner,
): void {
  if (contacts === undefined) return;
  if (device === undefined) {
    for (const id of new Set(points.map((point) => point.device))) {
      const owner = findOwner(id);
      if (owner) contacts.note(owner.device.pk, receivedAt);
    }
    return;
  }
  const sender = authorizeDevice(findOwner(device), { device, orgId }, device);
  if (sender.ok) contacts.note(sender.device.pk, receivedAt);
}
