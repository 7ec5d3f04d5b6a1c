import { parseTimestamp } from '@furrow/contracts';
import { type QuarantineEnvelope, readOriginalMessage, readQuarantineEnvelope } from '@furrow/queue';
import { type PointKey, pointKey, type SentLedger } from './sent-ledger.ts';

/** What quarantine and dead-letter queue say, compared with what they should say. */
export interface QuarantineDifferences {
  /** Poison that is in quarantine under another reason or not at all, and good messages that are; a line each. */
  readonly astray: readonly string[];
  /** Messages in the dead-letter queue: nothing here kills a worker by what it contains, so there should be none. */
  readonly deadLetters: readonly string[];
  /** Rejects by reason, each message counted once however often it was quarantined. */
  readonly rejectedByReason: Readonly<Record<string, number>>;
  /** Envelopes of a message that was in quarantine already: at least once is what a crash allows. */
  readonly repeated: number;
}

/** Compares the bodies on the quarantine queue and on the dead-letter queue with what was sent. */
export async function auditQuarantine(
  sent: Pick<SentLedger, 'poison' | 'refused'>,
  quarantined: readonly string[],
  deadLettered: readonly string[],
): Promise<QuarantineDifferences> {
  const byId = Map.groupBy(quarantined.map(readQuarantineEnvelope), ({ id }) => id);
  const astray: string[] = [];
  const rejectedByReason: Record<string, number> = {};
  const poisonFound = new Set<string>();
  const refusedFound = new Set<PointKey>();
  for (const envelopes of byId.values()) {
    const [envelope] = envelopes as [QuarantineEnvelope];
    const { body } = await readOriginalMessage(envelopes);
    for (const [reason, count] of Object.entries(envelope.reasons))
      rejectedByReason[reason] = (rejectedByReason[reason] ?? 0) + count;
    const poison = sent.poison.get(body);
    if (poison !== undefined) {
      poisonFound.add(body);
      if (!isSame(envelope.reasons, poison.reasons))
        astray.push(`"${poison.kind}" has ${JSON.stringify(envelope.reasons)}: ${envelope.summary}`);
      continue;
    }
    const refused = keysIn(body).filter((key) => sent.refused.has(key));
    for (const key of refused) refusedFound.add(key);
    if (refused.length === 0 || !isSame(envelope.reasons, { store_rejected: refused.length }))
      astray.push(`a good message is in quarantine: ${envelope.summary} ${body.slice(0, 200)}`);
  }
  for (const [body, { kind }] of sent.poison)
    if (!poisonFound.has(body)) astray.push(`"${kind}" is not in quarantine: ${body.slice(0, 120)}`);
  for (const key of sent.refused)
    if (!refusedFound.has(key)) astray.push(`${key}, which the store refuses, is not in quarantine`);
  return {
    astray,
    deadLetters: deadLettered.map((body) => {
      const kind = sent.poison.get(body)?.kind;
      return `${kind === undefined ? 'a good message' : `"${kind}"`}: ${body.slice(0, 120)}`;
    }),
    rejectedByReason,
    repeated: [...byId.values()].reduce(
      (sum, envelopes) => sum + envelopes.length - deliveries(envelopes),
      0,
    ),
  };
}

/** How many envelopes of one message are not repetitions: its parts. */
function deliveries([first]: readonly QuarantineEnvelope[]): number {
  return first?.original.encoding === 'gzip_part' ? first.original.parts : 1;
}

function isSame(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** The keys of the items in a message of either form; empty for what is none. */
function keysIn(body: string): PointKey[] {
  try {
    const json: unknown = JSON.parse(body);
    const items: unknown = Array.isArray(json) ? json : Object(json).items;
    if (!Array.isArray(items)) return [];
    return items.map((item) =>
      pointKey(String(Object(item).agri_id), parseTimestamp(Object(item).t) ?? Number.NaN),
    );
  } catch {
    return [];
  }
}
