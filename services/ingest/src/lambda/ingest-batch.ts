import type { Point, Reject } from '@furrow/contracts';
import type { Quarantine, ReceivedMessage } from '@furrow/queue';
import type { ContactLog, PlanSource } from '@furrow/registry';
import type { PointStore, WriteReport } from '@furrow/timeseries';
import { Ledger, type LedgerTotals, type MessageAccount } from '../ledger.ts';
import { noteContacts } from '../note-contacts.ts';
import { findOwners } from '../pipeline/find-owners.ts';
import { readMessage } from '../pipeline/read-message.ts';
import { refusalStage } from '../refusal-stage.ts';

/** What a batch is worked on with. */
export interface BatchParts {
  readonly plans: PlanSource;
  readonly store: Pick<PointStore, 'write'>;
  readonly quarantine: Quarantine;
  /** Told which devices were heard of, and when; nobody when left out. */
  readonly contacts?: Pick<ContactLog, 'note' | 'flush'>;
}

/** A message that must come again, and why. */
export interface FailedMessage {
  readonly messageId: string;
  readonly reason: string;
}

/** What became of a batch: every message that is not in `failed` is done with, and may be deleted. */
export interface BatchReport {
  readonly failed: readonly FailedMessage[];
  /** The books of this batch. */
  readonly ledger: LedgerTotals;
}

/** A message on its way. */
interface Work {
  readonly message: ReceivedMessage;
  readonly account: MessageAccount;
  readonly points: readonly Point[];
  readonly rejects: readonly Reject[];
  readonly failure: string | undefined;
}

/**
 * The worker for messages that somebody else takes off the queue and deletes: all points of the batch go to the store in one write, and what
 * is refused is in quarantine before its message counts as done. Never rejects; a message whose part failed comes again, the others do not.
 */
export async function ingestBatch(
  messages: readonly ReceivedMessage[],
  parts: BatchParts,
  { now, signal }: { readonly now: number; readonly signal: AbortSignal },
): Promise<BatchReport> {
  const ledger = new Ledger();
  const works = await Promise.all(
    messages.map((message) => read(message, ledger.receive(), parts, { now, signal })),
  );
  const points = works.flatMap((work) => work.points);
  const report = await writeAll(points, parts.store, signal);
  ledger.written(report);
  const ends = await Promise.all(
    shares(works, report).map((share) => settle(share, parts.quarantine, signal)),
  );
  return { failed: ends.filter((end) => end !== undefined), ledger: ledger.totals() };
}

async function read(
  message: ReceivedMessage,
  account: MessageAccount,
  { plans, contacts }: BatchParts,
  { now, signal }: { readonly now: number; readonly signal: AbortSignal },
): Promise<Work> {
  try {
    const reading = await readMessage(
      message,
      (uplink) => findOwners(uplink, plans, signal),
      () => now,
    );
    const { sender, findOwner, readings, points, rejects } = reading;
    account.found(readings);
    if (sender !== undefined) noteContacts(contacts, sender, points, findOwner);
    return { message, account, points, rejects, failure: undefined };
  } catch (error) {
    return { message, account, points: [], rejects: [], failure: reasonOf(error) };
  }
}

/** A store that fails has kept every point back. */
async function writeAll(
  points: readonly Point[],
  store: Pick<PointStore, 'write'>,
  signal: AbortSignal,
): Promise<WriteReport> {
  if (points.length === 0) return { stored: 0, alreadyStored: 0, rejected: [], keep: [] };
  try {
    return await store.write(points, signal);
  } catch (error) {
    const keep = points.map((_, index) => index);
    return { stored: 0, alreadyStored: 0, rejected: [], keep, keepReason: reasonOf(error) };
  }
}

/** Each message with its part of the report, in the order in which the points were written. */
function shares(works: readonly Work[], report: WriteReport): Work[] {
  const kept = new Set(report.keep);
  const refused = new Map(report.rejected.map(({ index, message }) => [index, message]));
  let offset = 0;
  return works.map((work) => {
    const start = offset;
    offset += work.points.length;
    const own = work.points.map((_, index) => start + index);
    const byStore = work.points.flatMap((point, index): Reject[] => {
      const message = refused.get(start + index);
      if (message === undefined) return [];
      return [{ reason: 'store_rejected', message, path: '', agriId: point.agriId }];
    });
    const keptHere = own.filter((index) => kept.has(index)).length;
    work.account.durable(work.points.length - byStore.length - keptHere);
    const failure = keptHere > 0 ? (report.keepReason ?? 'the store kept points back') : work.failure;
    return { ...work, rejects: [...work.rejects, ...byStore], failure };
  });
}

async function settle(
  { message, account, rejects, failure }: Work,
  quarantine: Quarantine,
  signal: AbortSignal,
): Promise<FailedMessage | undefined> {
  const { messageId } = message;
  const returned = (reason: string): FailedMessage => {
    account.settle('returned');
    return { messageId, reason };
  };
  if (failure !== undefined) return returned(failure);
  if (rejects.length === 0) {
    account.settle('acked');
    return undefined;
  }
  try {
    await quarantine.put({ message, stage: refusalStage(rejects), rejects }, signal);
  } catch (error) {
    return returned(reasonOf(error));
  }
  account.settle('quarantined', rejects);
  return undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
