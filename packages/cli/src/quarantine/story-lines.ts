import type { KeptMessage } from '@furrow/queue';
import { alignColumns } from '../terminal/columns.ts';
import { safeCell, safeLines } from '../terminal/safe-text.ts';
import { countText, timeText } from './kept-lines.ts';

/** Rejects, attributes' text and body that are shown of one message; `--json` has all of it. */
const SHOWN_REJECTS = 20;
const SHOWN_TEXT = 200;
const SHOWN_BODY_LINES = 60;
const SHOWN_BODY_CHARACTERS = 8_000;
const SPACE = /\s+/g;

/** The whole story of one message for people, bounded, with nothing in it that a terminal would obey. */
export function storyLines(message: KeptMessage): string[] {
  return [
    ...alignColumns(factRows(message)),
    ...rejectLines(message),
    '',
    ...attributeLines(message),
    ...bodyLines(message),
  ];
}

function factRows(message: KeptMessage): string[][] {
  const { envelope, queued, redriveId, problem } = message;
  const rows: (readonly [string, string | undefined])[] = [
    ['id', message.id],
    ['what', WHAT[message.kind]],
    ['problem', problem],
    ['why', envelope?.summary],
    ['stage', envelope?.stage],
    ['org', message.orgId],
    ['device', message.device],
    ['sent', timeText(message.sentAt)],
    [
      'received',
      envelope?.first_received_at === undefined ? undefined : `${timeText(envelope.first_received_at)} first`,
    ],
    ['deliveries', receivesText(message)],
    ['refused', envelope && timeText(envelope.quarantined_at)],
    ...Object.entries(envelope?.context ?? {}),
    ['redrive', redriveId && `it came back from ${redriveId}`],
    ['message id', message.messageId],
    ['on the queue', queued.length > 1 ? `${queued.length} messages` : undefined],
  ];
  return rows.flatMap(([name, text]) =>
    text === undefined ? [] : [[safeCell(name, 40), safeCell(text, 600)]],
  );
}

const WHAT: Readonly<Record<KeptMessage['kind'], string>> = {
  refused: 'a message of which readings were refused',
  dead: 'a message that nobody could finish, however often it was delivered',
  unknown: 'something on the quarantine queue that Furrow did not put there; redrive leaves it alone',
};

function receivesText({ envelope, queued }: KeptMessage): string | undefined {
  if (envelope) return `${envelope.receive_count} before it was refused`;
  const [first] = queued;
  return first && `${first.attributes.receiveCount}, looks included`;
}

function rejectLines({ envelope }: KeptMessage): string[] {
  if (!envelope) return [];
  const shown = envelope.rejects.slice(0, SHOWN_REJECTS);
  const rows = shown.map(({ path, reason, message, received }) => [
    `  ${safeCell(path || '(whole message)', 40)}`,
    safeCell(reason, 40),
    `${safeCell(message, SHOWN_TEXT)}${received ? `; received ${safeCell(received, SHOWN_TEXT)}` : ''}`,
  ]);
  const more = envelope.rejects_total - shown.length;
  const title = `Refused readings: ${countText(envelope.rejects_total)}`;
  return ['', title, ...alignColumns(rows), ...(more > 0 ? [`  and ${countText(more)} more`] : [])];
}

function attributeLines({ original }: KeptMessage): string[] {
  if (!original || original.attributes.length === 0) return [];
  const rows = original.attributes.map(({ name, type, value }) => [
    `  ${safeCell(name, 60)}`,
    safeCell(type, 30),
    safeCell(value, SHOWN_TEXT),
  ]);
  return ['Attributes', ...alignColumns(rows), ''];
}

function bodyLines({ original, queued }: KeptMessage): string[] {
  const body = original?.body ?? queued[0]?.body ?? '';
  const pretty = prettyJson(body);
  const text = pretty ?? body;
  const lines = safeLines(text.slice(0, SHOWN_BODY_CHARACTERS));
  const whole = text.length <= SHOWN_BODY_CHARACTERS && lines.length <= SHOWN_BODY_LINES;
  const form = pretty === undefined ? 'as it came' : 'JSON, laid out';
  return [
    `Body (${countText(Buffer.byteLength(body))} bytes, ${form})`,
    ...lines.slice(0, SHOWN_BODY_LINES).map((line) => `  ${line}`),
    ...(whole ? [] : ['  … cut here; --json has all of it']),
  ];
}

/** The body laid out, when that shows what is there: no rounded number, no key that came twice. */
function prettyJson(body: string): string | undefined {
  try {
    const json: unknown = JSON.parse(body);
    const same = JSON.stringify(json).replace(SPACE, '') === body.replace(SPACE, '');
    return same ? JSON.stringify(json, undefined, 2) : undefined;
  } catch {
    return undefined;
  }
}

/** Everything of one message as a line of JSON: the envelope without its packing, and the original. */
export function storyJson({ envelope, original, queued, ...facts }: KeptMessage): string {
  const { original: _packed, ...head } = envelope ?? { original: undefined };
  const raw = original ? undefined : queued.map(({ body }) => body);
  return JSON.stringify({ ...facts, envelope: envelope && head, original, raw });
}
