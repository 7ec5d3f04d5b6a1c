import { parseTimestamp } from '@furrow/contracts';
import { type Command, InvalidArgumentError } from 'commander';
import { wholeNumber } from '../quarantine/quarantine-flags.ts';
import { parseTarget, type ReplayFlags } from './replay-options.ts';

const HELP = `
Sources
  uplinks.ndjson       a message a line: {"v":1,…}, a bare array of items, or {"body":…,"attributes":{"device_agri_id":"…"}}
  rows.csv             with --mapping mapping.json; docs/replay.md describes it
  folder/              archived messages, all folders below it: .json, .ndjson, no extension, each also .gz; refused messages of the
                       quarantine are unpacked
  -                    NDJSON, or with --mapping CSV, on standard input
  --synthetic <spec>   a fleet that exists only here: devices=500,interval=10s,for=1h,poison=0.01 (docs/replay.md; "" is all defaults)

Targets (--to)
  http://host:8080     the API; the token in FURROW_TOKEN, or --token-file with one a line (each for the devices that it reaches)
  http://sqs…/123456789012/queue   a queue; endpoint, region and credentials by the AWS SDK's own variables
  file:out.ndjson      a new file, to be replayed later

It is an open loop: a message is due by the rate, whatever became of those before it, and its latency runs from when it was due. So a
target that is too slow shows as latency, and as late sends, and never as a load that quietly became smaller. With --fast nothing is due.

--verify reads every point back and compares it with what the fleet file and the decoder say must be there. Without --fleet only readings
that say "scaled": true can be compared. Points are read through the API (--to or --api), or from the --store; a DuckDB file only when
no other process has it open.

FURROW_UPLINK_QUEUE_URL and FURROW_QUARANTINE_QUEUE_URL, where set, show backlog and quarantine beside an API (. data/env).

Exit codes: 0 all was sent, and with --verify all of it read back right; 1 a flag, the source or the target is wrong; 2 some messages were
not taken, or points are missing, wrong or duplicate; 130 stopped by Ctrl-C, with the report of what was done.`;

/** Adds `furrow replay` to the program. */
export function addReplayCommand(program: Command): void {
  const command = program
    .command('replay')
    .description('send recorded or synthetic uplinks, to load-test, to backfill, or to check a new store')
    .argument('[source]', 'NDJSON or CSV file (also .gz), folder of messages, or - for standard input');
  addSendFlags(command);
  addProofFlags(command);
  command
    .addHelpText('after', HELP)
    .showHelpAfterError(false)
    .action(async (source: string | undefined, flags: ReplayFlags) =>
      (await import('../commands/replay.ts')).replay(source, flags),
    );
}

function addSendFlags(command: Command): void {
  command
    .option('--synthetic <spec>', 'a synthetic fleet instead of a source')
    .option(
      '--write-fleet <file>',
      'with --synthetic: write its fleet file for furrow seed; without --to that is all',
    )
    .option('--mapping <file>', 'what the columns of a CSV file mean')
    .option('--to <target>', 'where to send', checkedTarget)
    .option('--speed <times>', 'send as recorded, so many times as fast; 1 is as recorded', positiveNumber)
    .option('--rate <n>', 'send so many readings a second', positiveNumber)
    .option('--fast', 'send as fast as the target takes')
    .option('--connections <n>', 'requests at a time', wholeNumber(1, 1_024), 16)
    .option('--time <mode>', 'recorded, or now: moved so that the newest is now (synthetic: now)', timeMode)
    .option(
      '--newest <time>',
      'for --time now: the newest time of the source, instead of reading it twice',
      time,
    )
    .option('--limit <n>', 'send this many messages at most', wholeNumber(1, 999_999_999))
    .option('--strict', 'stop at the first thing in the source that is no message')
    .option('--token-file <file>', 'tokens for the API, one a line')
    .option(
      '--devices <file>',
      'for an API that lists no devices: {"<agri_id>":{"project_id":"…","device_pk":1}}',
    );
}

function addProofFlags(command: Command): void {
  command
    .option('--verify', 'read every point back afterwards')
    .option(
      '--fleet <file>',
      'the fleet file of the devices, or api: what the API says of them; a synthetic fleet knows its own',
    )
    .option('--sample <share>', 'with --verify: only this share of the factors, such as 0.05', share, 1)
    .option('--api <url>', 'with --verify: the API to read from')
    .option('--store <store>', 'with --verify: the store to read from, as for FURROW_STORE')
    .option(
      '--wait <seconds>',
      'wait so long for the queue to drain and for the last points',
      wholeNumber(0, 86_400),
      60,
    )
    .option('--report <file>', 'write the report as JSON')
    .option('--html <file>', 'write the report as one HTML page')
    .option('--watch <url>', 'the /metrics of a process to watch; may be repeated', collect, []);
}

function checkedTarget(text: string): string {
  if (parseTarget(text)) return text;
  throw new InvalidArgumentError(
    'It is the URL of an API or of a queue (sqs:<url> or api:<url> where its path does not say), or file:<path>.',
  );
}

function positiveNumber(text: string): number {
  const number = Number(text);
  if (/^\d{1,9}(?:\.\d{1,6})?$/.test(text) && number > 0) return number;
  throw new InvalidArgumentError('It is a number above 0.');
}

function share(text: string): number {
  const number = positiveNumber(text);
  if (number <= 1) return number;
  throw new InvalidArgumentError('It is a share above 0 and at most 1.');
}

function timeMode(text: string): string {
  if (text === 'recorded' || text === 'now') return text;
  throw new InvalidArgumentError('It is recorded or now.');
}

function time(text: string): number {
  const ms = parseTimestamp(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError(
    'It is UTC seconds, 13-digit milliseconds or RFC 3339 text: 2026-01-31T06:00:00Z.',
  );
}

function collect(value: string, before: readonly string[]): string[] {
  if (!URL.canParse(value))
    throw new InvalidArgumentError('It is a URL, such as http://127.0.0.1:9464/metrics.');
  return [...before, value];
}
