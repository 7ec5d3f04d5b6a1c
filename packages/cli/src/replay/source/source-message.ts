import type { RejectReason } from '@furrow/contracts';
import type { MessageText } from '@furrow/queue';

/** One message of a source, as it lay on a queue or would. */
export interface SourceMessage extends MessageText {
  /** The sending device, where attribute or source name it; an envelope names its own in the body. */
  readonly device: string | undefined;
  /** Where it stands, for people: `line 12`, `2024/02/16/a.json.gz`. */
  readonly where: string;
  /** The reason for which a synthetic bad message must be refused; undefined for every other. */
  readonly poison?: RejectReason;
}

/** A message, or what stood there that is none. */
export type SourceEntry =
  | { readonly ok: true; readonly message: SourceMessage }
  | { readonly ok: false; readonly where: string; readonly problem: string };

/** Where messages come from. Holds no more than a few of them in memory. */
export interface ReplaySource {
  /** For people and for the report. */
  readonly description: string;
  /** Milliseconds since 1970 UTC, where the source knows it without being read. */
  readonly newest: number | undefined;
  /** False for standard input, which cannot be read twice. */
  readonly repeatable: boolean;
  /** How many messages there are, where it is known. */
  readonly messages: number | undefined;
  /** The messages in their order, from the beginning at each call. Rejects when the source cannot be read. */
  entries(): AsyncIterable<SourceEntry>;
}

/** A source that says nothing of itself before it is read, as recordings are. */
export function recordedSource(
  description: string,
  repeatable: boolean,
  entries: () => AsyncIterable<SourceEntry>,
): ReplaySource {
  return { description, newest: undefined, messages: undefined, repeatable, entries };
}
