import { type AgriId, belongsTo, type RejectReason } from '@furrow/contracts';
import type { PlannedFactor } from '@furrow/decoding';
import type { DevicePlan, RegisteredDevice } from '@furrow/registry';

/** A refusal, before it is known where in the uplink it happened. */
export interface Refusal {
  readonly ok: false;
  readonly reason: RejectReason;
  readonly message: string;
}

/** Who sent a message, as far as the message says. */
export interface Sender {
  /** The device that the message names; undefined when it names none. */
  readonly device: AgriId | undefined;
  /** The organization that the message or the item claims; undefined when it claims none. */
  readonly orgId: string | undefined;
}

/** Plan of the registered device that an agri_id belongs to; undefined when there is none. */
export type FindOwner = (id: AgriId) => DevicePlan | undefined;

/** A device that may send, with the project that its readings belong to. */
export interface AuthorizedDevice {
  readonly ok: true;
  readonly plans: DevicePlan;
  readonly device: RegisteredDevice;
  readonly projectId: string;
}

/** The factor that a reading is for; `device` is the one it hangs on, the sender or one of its sub-devices. */
export interface AuthorizedFactor extends AuthorizedDevice {
  readonly planned: PlannedFactor;
}

/** The prefix rule: the reading's agri_id is the sender's or begins with it and a dash. This line refuses foreign readings. */
export function authorizePrefix(id: AgriId, sender: Sender): Refusal | undefined {
  if (sender.device === undefined || belongsTo(id, sender.device)) return undefined;
  return refuse('prefix_mismatch', `${id} does not begin with ${sender.device}-`);
}

/** The device is registered, in the organization that the sender claims, and may relay data. */
export function authorizeDevice(
  plans: DevicePlan | undefined,
  sender: Sender,
  id: AgriId,
): AuthorizedDevice | Refusal {
  if (plans === undefined) {
    return refuse(
      'unknown_device',
      `no device is registered ${sender.device ? `as ${sender.device}` : `for ${id}`}`,
    );
  }
  const { device } = plans;
  if (sender.orgId !== undefined && sender.orgId !== device.orgId) {
    return refuse('unknown_device', `organization ${sender.orgId} has no device ${device.agriId}`);
  }
  return mayRelay(plans, device);
}

/** The factor exists on the device or on one of its sub-devices, and is switched on. */
export function authorizeFactor(id: AgriId, authorized: AuthorizedDevice): AuthorizedFactor | Refusal {
  const found = findFactor(id, authorized);
  if (!found.ok || found.planned.factor.enabled) return found;
  return refuse('factor_disabled', `factor ${id} is switched off`);
}

function findFactor(id: AgriId, authorized: AuthorizedDevice): AuthorizedFactor | Refusal {
  const { plans } = authorized;
  const own = plans.plan.find(id);
  if (own) return { ...authorized, planned: own };
  for (const sub of plans.subDevices) {
    const planned = belongsTo(id, sub.device.agriId) ? sub.plan.find(id) : undefined;
    if (!planned) continue;
    const relaying = mayRelay(plans, sub.device);
    return relaying.ok ? { ...relaying, planned } : relaying;
  }
  return refuse('unknown_factor', `device ${plans.device.agriId} has no factor ${id}`);
}

function mayRelay(plans: DevicePlan, device: RegisteredDevice): AuthorizedDevice | Refusal {
  if (!device.allow) return refuse('device_blocked', `device ${device.agriId} is blocked (allow = false)`);
  if (device.projectId === null)
    return refuse('device_blocked', `device ${device.agriId} is bound to no project`);
  return { ok: true, plans, device, projectId: device.projectId };
}

function refuse(reason: RejectReason, message: string): Refusal {
  return { ok: false, reason, message };
}
