import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RejectReason } from '@furrow/contracts';
import { createSqsClient, ensureQueues, probeQueue, QuarantineWriter } from '@furrow/queue';
import { type EmbeddedSqs, startEmbeddedSqs } from '@furrow/queue/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runFurrow, startFurrow, textOf } from './furrow-command.ts';

const SENT_AT = 1_708_070_401_123;
const HOSTILE = '{"a":"\u001b[2J\u001b]0;owned\u0007\u202e"} \u009b31m not JSON';

let sqs: EmbeddedSqs;
let client: ReturnType<typeof createSqsClient>;
let folder = '';

beforeAll(async () => {
  sqs = await startEmbeddedSqs({ queues: [] });
  client = createSqsClient(sqs.clientConfig);
  folder = await mkdtemp(join(tmpdir(), 'furrow-quarantine-'));
});
afterAll(async () => {
  client.destroy();
  await sqs.close();
  await rm(folder, { recursive: true, force: true });
});

/** Queues of a test's own, and the variables by which a command finds them. */
async function openQueues() {
  const id = randomUUID().slice(0, 8);
  const [uplinks, quarantine, dead] = [`uplinks-${id}`, `quarantine-${id}`, `dead-${id}`];
  await ensureQueues(client, [
    { name: uplinks, deadLetter: { name: dead, maxReceiveCount: 5 } },
    { name: quarantine },
  ]);
  const variables = {
    AWS_ENDPOINT_URL_SQS: sqs.endpoint,
    AWS_REGION: sqs.clientConfig.region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    FURROW_UPLINK_QUEUE_URL: sqs.queueUrl(uplinks),
    FURROW_QUARANTINE_QUEUE_URL: sqs.queueUrl(quarantine),
  };
  const writer = new QuarantineWriter({ client, queueUrl: sqs.queueUrl(quarantine) });
  const refuse = async (body: string, reason: RejectReason = 'unknown_factor', orgId = 'yanji-lab') =>
    writer.put({
      message: {
        messageId: randomUUID(),
        body,
        attributes: { sentAt: SENT_AT, receiveCount: 2, messageGroupId: orgId },
        deviceAgriId: 'd-1000-abcd',
        messageAttributes: [{ name: 'device_agri_id', type: 'String', value: 'd-1000-abcd' }],
        receivedAt: SENT_AT,
      },
      stage: 'authorize',
      rejects: [{ reason, message: `because of \u001b[1m${reason}`, path: 'items[0]', received: '\u0007' }],
    });
  const counts = async (name = quarantine): Promise<[number, number]> => {
    const { messagesVisible, messagesInFlight } = await probeQueue({ client, queueUrl: sqs.queueUrl(name) });
    return [messagesVisible, messagesInFlight];
  };
  const run = (args: readonly string[]) => runFurrow(['quarantine', ...args], '', variables);
  return { variables, refuse, counts, run, uplinks };
}

/** No control character but the line break. */
const CONTROLS = /[\p{Cc}\u202e]/u;
const expectHarmless = (text: string): void => expect(CONTROLS.test(text.replaceAll('\n', ''))).toBe(false);

describe('furrow quarantine list', () => {
  it('counts by reason, organization and device, and changes nothing', async () => {
    const { refuse, run, counts } = await openQueues();
    await Promise.all([refuse('[]'), refuse('[]'), refuse('[]', 'too_old', 'other-lab')]);
    const { code, stdout, stderr } = await run(['list']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Quarantine: about 3 messages; looked at 3, 3 match\.$/m);
    expect(stdout).toMatch(/^unknown_factor +yanji-lab +d-1000-abcd +\d{4}-\d\d-\d\d +2 +2$/m);
    expect(stdout).toMatch(/^too_old +other-lab +d-1000-abcd +\d{4}-\d\d-\d\d +1 +1$/m);
    expectHarmless(stdout);
    expect(await counts()).toEqual([3, 0]);
    expect((await run(['list', '--reason', 'too_old', '--org', 'yanji-lab'])).stdout).toMatch(
      /looked at 3, 0 match/,
    );
  });

  it('says at once all that is missing, and how to reach a running npm start', async () => {
    const { code, stderr } = await runFurrow(['quarantine', 'redrive'], '', { AWS_REGION: 'us-east-1' });
    expect(code).toBe(1);
    expect(stderr).toContain('FURROW_UPLINK_QUEUE_URL: ');
    expect(stderr).toContain('FURROW_QUARANTINE_QUEUE_URL: ');
    expect(stderr).toContain('. data/env');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('names a queue that is not there, and one that looking would empty', async () => {
    const { variables } = await openQueues();
    const list = (url: string) =>
      runFurrow(['quarantine', 'list'], '', { ...variables, FURROW_QUARANTINE_QUEUE_URL: url });
    const missing = await list(sqs.queueUrl('nowhere'));
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringMatching(/nowhere: there is no such queue/),
    ]);
    const draining = await list(variables.FURROW_UPLINK_QUEUE_URL);
    expect([draining.code, draining.stderr]).toEqual([
      1,
      expect.stringMatching(/has a redrive policy itself: after 5 looks/),
    ]);
  });
});

describe('furrow quarantine show', () => {
  it('tells the whole story of a hostile message without a control character', async () => {
    const { refuse, run, counts } = await openQueues();
    await refuse(HOSTILE);
    const list = await run(['list', '--json']);
    expect([list.code, list.stderr]).toEqual([0, expect.stringMatching(/^Quarantine: about 1 message;/)]);
    const { id, ...facts } = JSON.parse(list.stdout);
    expect(facts).toMatchObject({
      kind: 'refused',
      reasons: { unknown_factor: 1 },
      sent_at: '2024-02-16T08:00:01.123Z',
    });
    const { code, stdout } = await run(['show', id.slice(0, 8)]);
    expect(code).toBe(0);
    expectHarmless(stdout);
    for (const text of [
      'The device has no factor with this agri_id.',
      'items[0]',
      'd-1000-abcd',
      '2024-02-16T08:00:01.123Z',
      '\\u001b[2J',
      'as it came',
    ])
      expect(stdout).toContain(text);
    const whole = JSON.parse((await run(['show', id, '--json'])).stdout);
    expect(whole.original.body).toBe(HOSTILE);
    expect(await counts()).toEqual([1, 0]);
  });

  it('shows a body of 1 MiB by its beginning, and numbers as they were', async () => {
    const { refuse, run } = await openQueues();
    await refuse(`[{"value":9007199254740993,"x":"${'z'.repeat(1_000_000)}"}]`);
    const [line = ''] = (await run(['list', '--json'])).stdout.split('\n');
    const { stdout } = await run(['show', JSON.parse(line).id]);
    expect(stdout.length).toBeLessThan(20_000);
    expect(stdout).toContain('9007199254740993');
    expect(stdout).toContain('cut here; --json has all of it');
  });

  it('says that there is no such message', async () => {
    const { run } = await openQueues();
    expect(await run(['show', 'abcdef'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no message with an id that begins with "abcdef"/),
    });
    expect(await run(['show', 'abc'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/at least 4 characters/),
    });
  });
});

describe('furrow quarantine redrive', () => {
  it('only says what it would send with --dry-run', async () => {
    const { refuse, run, counts, uplinks } = await openQueues();
    await Promise.all([refuse('[]'), refuse('[]')]);
    const { code, stdout } = await run(['redrive', '--dry-run', '--limit', '1']);
    expect(code).toBe(0);
    expect(stdout).toContain('1 would be sent, 0 could not. Nothing was changed.');
    expect([await counts(), await counts(uplinks)]).toEqual([
      [2, 0],
      [0, 0],
    ]);
  });

  it('does not claim that messages passed on which nobody has worked', async () => {
    const { refuse, run, counts, uplinks } = await openQueues();
    await refuse('[]');
    const { code, stdout } = await run(['redrive', '--wait', '1']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Redrive [0-9a-f]{12}: looked at 1, sent 1 message, left 0/m);
    expect(stdout).toMatch(/not empty yet: 0 came back so far, at most 1 passed/);
    expect([await counts(), await counts(uplinks)]).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });

  it.each(['SIGINT', 'SIGKILL'] as const)('loses nothing when %s ends it in the middle', async (signal) => {
    const { refuse, variables, counts, uplinks } = await openQueues();
    await Promise.all(Array.from({ length: 60 }, () => refuse('[]')));
    const child = startFurrow(['quarantine', 'redrive', '--rate', '20'], [], variables);
    const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
    while ((await counts(uplinks))[0] < 10) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill(signal);
    const [code] = await once(child, 'close');
    const [[visible, hidden], [sent]] = [await counts(), await counts(uplinks)];
    expect(sent).toBeLessThan(60);
    expect(visible + hidden + sent).toBeGreaterThanOrEqual(60);
    if (signal === 'SIGKILL') return;
    expect([code, hidden, visible + sent]).toEqual([130, 0, 60]);
    expect(await stdout).toMatch(
      /sent \d\d messages, left 0 that cannot be sent\. Stopped: the others are where they were/,
    );
    expect(await stderr).toContain('Stopping');
  });

  it('sends dead letters one by one where SQS cannot move them', async () => {
    const { variables, run, uplinks, counts } = await openQueues();
    const dead = variables.FURROW_UPLINK_QUEUE_URL.replace('uplinks-', 'dead-');
    const writer = new QuarantineWriter({ client, queueUrl: dead });
    writer.close();
    const { code, stdout, stderr } = await run(['redrive', '--dead-letter', '--move-task', '--wait', '0']);
    expect(code).toBe(0);
    expect(stderr).toContain('This server cannot move messages by itself (InvalidAction');
    expect(stdout).toContain('sent 0 messages');
    expect(await counts(uplinks)).toEqual([0, 0]);
    expect(await run(['redrive', '--move-task'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/--move-task goes with --dead-letter alone/),
    });
  });
});

describe('furrow quarantine discard', () => {
  it('asks for filters, and for --yes where it cannot ask', async () => {
    const { refuse, run, counts } = await openQueues();
    await refuse('[]');
    expect(await run(['discard', '--yes'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/--all for every one/),
    });
    expect(await run(['discard', '--all'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no terminal to ask on; --yes/),
    });
    expect((await run(['discard', '--all', '--dry-run'])).stdout).toContain(
      '1 would be discarded. Nothing was changed.',
    );
    expect(await counts()).toEqual([1, 0]);
  });

  it('writes to a new file what it deletes, for its owner only', async () => {
    const { refuse, run, counts } = await openQueues();
    await Promise.all([refuse('[1]'), refuse('[2]', 'too_old')]);
    const file = join(folder, 'refused.ndjson');
    const { code, stdout } = await run(['discard', '--reason', 'too_old', '--yes', '--to', file]);
    expect([code, stdout]).toEqual([0, `Discarded 1 of 2 looked at; they are in ${file}.\n`]);
    const [line = '', rest] = (await readFile(file, 'utf8')).split('\n');
    expect(rest).toBe('');
    expect(JSON.parse(JSON.parse(line).body).original.message.body).toBe('[2]');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await counts()).toEqual([1, 0]);
    const again = await run(['discard', '--all', '--yes', '--to', file]);
    expect([again.code, again.stderr]).toEqual([1, expect.stringMatching(/cannot make the file .*exists/)]);
    expect(await counts()).toEqual([1, 0]);
  });
});
