import { type AuthorizedDevice, authorizeDevice } from './authorize.ts';
import type { UplinkContext } from './reading-result.ts';

/** The device of an uplink, proven once for all of its readings. */
export interface PlainSender {
  readonly context: UplinkContext;
  readonly authorized: AuthorizedDevice;
}

/** The sender that an uplink names, when it may send; undefined otherwise, and then no reading of it is plain. */
export function plainSender(context: UplinkContext): PlainSender | undefined {
  const { uplink, findOwner } = context;
  if (uplink.device === undefined) return undefined;
  const authorized = authorizeDevice(findOwner(uplink.device), uplink, uplink.device);
  return authorized.ok ? { context, authorized } : undefined;
}
