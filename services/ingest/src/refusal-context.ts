import type { Uplink } from '@furrow/contracts';
import type { FindOwner } from './pipeline/authorize.ts';

/** What a refusal is kept with: the version of the sender's factors by which it was judged; nothing when no sender is known. */
export function refusalContext(uplink: Uplink, findOwner: FindOwner): Readonly<Record<string, string>> {
  const owner = uplink.device === undefined ? undefined : findOwner(uplink.device);
  return owner ? { factors_version: String(owner.device.version) } : {};
}
