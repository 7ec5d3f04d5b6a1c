import type { SourceMessage } from '../source/source-message.ts';
import type { ReplayUplink } from '../time/read-uplink.ts';

/** A message that is about to be sent: its times are where they shall be. */
export interface OutgoingUplink {
  readonly message: SourceMessage;
  /** What its body says; undefined when that is no uplink. */
  readonly uplink: ReplayUplink | undefined;
}

/** What became of one send. */
export type SendOutcome =
  | {
      readonly ok: true;
      /** Entries that the target took but called malformed. */
      readonly malformed: number;
    }
  | {
      readonly ok: false;
      /** A short name for counting: `api 403 FORBIDDEN`, `sqs AccessDenied`. */
      readonly reason: string;
      readonly message: string;
      /** True when the target may have taken the message all the same. */
      readonly unsure: boolean;
    };

/** Where messages go. */
export interface ReplayTarget {
  readonly description: string;
  /** Messages that may be under way at a time for the connections it was opened with. */
  readonly inFlight: number;
  /** Sends one and waits for the answer, trying again where that helps. Rejects only when no further message can succeed. */
  send(outgoing: OutgoingUplink, signal: AbortSignal): Promise<SendOutcome>;
  close(): Promise<void>;
}
