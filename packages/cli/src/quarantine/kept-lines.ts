import type { KeptMessage, QuarantineEnvelope } from '@furrow/queue';
import { alignColumns } from '../terminal/columns.ts';
import { safeCell } from '../terminal/safe-text.ts';

/** Rows of the summary, and messages below it, that are shown at most. */
const SHOWN_GROUPS = 40;
const SHOWN_MESSAGES = 10;
const NOTHING = '–';

interface Group {
  readonly cells: readonly string[];
  messages: number;
  readings: number;
}

/** Counts messages by reason, organization, device and day while they are looked at; keeps the newest ones. */
export class KeptSummary {
  readonly #groups = new Map<string, Group>();
  #newest: KeptMessage[] = [];
  #messages = 0;

  /** How many messages were added. */
  get messages(): number {
    return this.#messages;
  }

  add(message: KeptMessage): void {
    this.#messages += 1;
    const reasons = Object.entries(message.reasons);
    if (reasons.length === 0) this.#count(message, message.kind, 0);
    for (const [reason, readings] of reasons) this.#count(message, reason, readings);
    this.#newest.push(withoutBodies(message));
    this.#newest.sort((a, b) => b.since - a.since);
    this.#newest.length = Math.min(this.#newest.length, SHOWN_MESSAGES);
  }

  /** A table of the groups, the largest first, and one of the newest messages; nothing when there are none. */
  lines(): string[] {
    if (this.#messages === 0) return [];
    const groups = [...this.#groups.values()].sort((a, b) => b.messages - a.messages);
    const rows = groups
      .slice(0, SHOWN_GROUPS)
      .map(({ cells, messages, readings }) => [...cells, countText(messages), countText(readings)]);
    const more = groups.length - rows.length;
    return [
      ...alignColumns([['reason', 'org', 'device', 'day', 'messages', 'readings'], ...rows], [4, 5]),
      ...(more > 0 ? [`and ${countText(more)} more rows; filters narrow them down`] : []),
      '',
      this.#messages > this.#newest.length ? `The newest ${this.#newest.length}:` : 'The messages:',
      ...alignColumns(this.#newest.map(messageCells)),
    ];
  }

  #count(message: KeptMessage, reason: string, readings: number): void {
    const day = timeText(message.since).slice(0, 10);
    const cells = [reason, message.orgId ?? NOTHING, message.device ?? NOTHING, day];
    const shown = cells.map((cell) => safeCell(cell, 40));
    const key = JSON.stringify(cells);
    const group = this.#groups.get(key) ?? { cells: shown, messages: 0, readings: 0 };
    group.messages += 1;
    group.readings += readings;
    this.#groups.set(key, group);
  }
}

/** A count with separators, as people read it. */
export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 message`, `1,234 messages`. */
export function messagesText(count: number): string {
  return `${countText(count)} ${count === 1 ? 'message' : 'messages'}`;
}

/** A time in RFC 3339, UTC, with milliseconds; a number that is no time, as it is: envelopes come from outside. */
export function timeText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString();
}

function messageCells(message: KeptMessage): string[] {
  const { kind, id, since, reasons, problem } = message;
  const what = Object.entries(reasons).map(([reason, times]) => `${times} × ${safeCell(reason, 40)}`);
  const sentence = message.envelope?.rejects[0]?.message ?? problem ?? '';
  return [
    `  ${safeCell(id, 40)}`,
    timeText(since),
    safeCell(what.join(', ') || kind, 60),
    safeCell(problem ?? sentence, 100),
  ];
}

/** What the table needs; the bodies, up to 1 MiB each, are let go. */
function withoutBodies(message: KeptMessage): KeptMessage {
  const { envelope } = message;
  const original: QuarantineEnvelope['original'] = { encoding: 'gzip', data: '' };
  return { ...message, original: undefined, queued: [], envelope: envelope && { ...envelope, original } };
}

/** A message as a line of JSON: what `list --json` prints for each. Times are RFC 3339. */
export function keptJson(message: KeptMessage): string {
  const { envelope, original } = message;
  return JSON.stringify({
    id: message.id,
    kind: message.kind,
    message_id: message.messageId,
    since: timeText(message.since),
    sent_at: timeText(message.sentAt),
    org_id: message.orgId,
    device: message.device,
    stage: envelope?.stage,
    reasons: message.reasons,
    first: envelope?.rejects[0],
    redrive_id: message.redriveId,
    problem: message.problem,
    body_bytes: original && Buffer.byteLength(original.body),
    queued: message.queued.length,
  });
}
