import type { ReceivedAttribute } from '../consumer/received-message.ts';

/** The message attribute that a message carries which was sent again out of the quarantine or the dead letters. */
export const REDRIVE_ATTRIBUTE = 'furrow_redrive';

/** What a redriven message remembers of the message it was. */
export interface RedriveMark {
  /** The run that sent it again; how its message is recognized when it is refused again. */
  readonly runId: string;
  /** SQS's id of the message as it came first. */
  readonly messageId: string;
  /**
   * When the queue took the message first, milliseconds since 1970 UTC. SQS gives a message that is sent again a new time; by that one
   * an old reading would replace its newer correction, and a reading without a time would move to the day of the redrive.
   */
  readonly sentAt: number;
}

const MARK = /^1 ([0-9a-z-]{1,40}) (\d{13}) ([\x21-\x7e]{1,100})$/;

/** The value of the attribute: `1 <run> <sent at> <message id>`. */
export function formatRedriveMark({ runId, messageId, sentAt }: RedriveMark): string {
  return `1 ${runId} ${sentAt} ${messageId}`;
}

/** The mark among a message's attributes; undefined when there is none, or one of another form. */
export function readRedriveMark(attributes: readonly ReceivedAttribute[]): RedriveMark | undefined {
  const value = attributes.find(({ name }) => name === REDRIVE_ATTRIBUTE)?.value ?? '';
  const [, runId, sentAt, messageId] = MARK.exec(value) ?? [];
  if (runId === undefined || messageId === undefined) return undefined;
  return { runId, messageId, sentAt: Number(sentAt) };
}
