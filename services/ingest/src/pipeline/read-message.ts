import { formatIssues, type ParseResult, parseUplink, type Reject, type Uplink } from '@furrow/contracts';
import type { ReceivedMessage } from '@furrow/queue';
import type { FindOwner } from './authorize.ts';
import { type ProcessedUplink, processUplink } from './process-uplink.ts';

/** Who an uplink says that it is from, and when it was received. */
export type UplinkSender = Pick<Uplink, 'device' | 'orgId' | 'receivedAt'>;

/** What a message holds, judged. Nothing of its parsed body is held on to: points wait for the store longer than it is needed. */
export interface MessageReading extends ProcessedUplink {
  /** Undefined for a message that cannot be read, which is one reject. */
  readonly sender: UplinkSender | undefined;
  readonly findOwner: FindOwner;
}

/**
 * Parses a message's body, asks for the plans of its devices and judges each of its readings at `clock()`, milliseconds since 1970 UTC. Rejects
 * only with what `findOwners` rejects with.
 */
export async function readMessage(
  { body, deviceAgriId, attributes }: ReceivedMessage,
  findOwners: (uplink: Uplink) => Promise<FindOwner>,
  clock: () => number,
): Promise<MessageReading> {
  const parsed = parseUplink(body, { deviceAgriId, sentAt: attributes.sentAt });
  if (!parsed.ok) {
    const rejects = [refusedWhole(parsed)];
    return { readings: 1, points: [], rejects, notes: [], sender: undefined, findOwner: () => undefined };
  }
  const findOwner = await findOwners(parsed.value);
  const { device, orgId, receivedAt } = parsed.value;
  return {
    ...processUplink(parsed.value, findOwner, clock()),
    sender: { device, orgId, receivedAt },
    findOwner,
  };
}

/** The one reject of a message that cannot be read. */
function refusedWhole({ reason, issues }: Extract<ParseResult<never>, { ok: false }>): Reject {
  const [first] = issues;
  return { reason, message: formatIssues(issues), path: first?.path ?? '', received: first?.received ?? '' };
}
