import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dataHex, EXCHANGES } from './exchanges.ts';
import { runFurrow, startFurrow, textOf } from './furrow-command.ts';

/** Prints, as its last line on standard error, the most memory that the process ever had, in KiB. */
const REPORT_MEMORY = `data:text/javascript,process.on('exit',()=>console.error(process.resourceUsage().maxRSS))`;

const answersOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('furrow decode', () => {
  it('decodes the ten exchanges of the manuals', async () => {
    const queries = EXCHANGES.flatMap((exchange) => [
      { query: { frame: exchange.response_hex, framing: 'rtu' }, expected: { ok: exchange.crc_valid } },
      ...exchange.factors
        .filter(({ byte_offset }) => byte_offset === undefined)
        .map(({ data_type, data_endian, data_index, data_factor, data_delta, expected }) => ({
          query: { hex: dataHex(exchange), data_type, data_endian, data_index, data_factor, data_delta },
          expected: { ok: true, value: expected },
        })),
    ]);
    expect(queries.length).toBeGreaterThan(20);
    const { code, stdout, stderr } = await runFurrow(
      ['decode'],
      queries.map(({ query }) => JSON.stringify(query)).join('\r\n'),
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(answersOf(stdout)).toEqual(queries.map(({ expected }) => expect.objectContaining(expected)));
  });

  it('finds the answer behind the echo of its request', async () => {
    const lines = EXCHANGES.filter(
      ({ request_hex, crc_valid }) => request_hex !== undefined && crc_valid,
    ).map(({ request_hex, response_hex }) => JSON.stringify({ frame: `${request_hex}${response_hex}` }));
    const { stdout } = await runFurrow(['decode'], `${lines.join('\n')}\n`);
    const answers = answersOf(stdout);
    expect(answers).toHaveLength(lines.length);
    for (const answer of answers) {
      expect(answer).toMatchObject({ ok: true, skipped: [expect.stringMatching(/^the request/)] });
    }
  });

  it('answers 200,000 lines in order in bounded memory', async () => {
    const count = 200_000;
    const padding = 'x'.repeat(900);
    // Garbage that V8 lets wait on a busy machine says nothing of what the command holds.
    const smallHeap = ['--max-semi-space-size=8', '--max-old-space-size=96'];
    const child = startFurrow(['decode'], ['--import', REPORT_MEMORY, ...smallHeap]);
    const stderr = textOf(child.stderr);
    const feed = async () => {
      for (let from = 0; from < count; from += 500) {
        let text = '';
        for (let number = from; number < from + 500; number += 1) {
          const hex = number.toString(16).padStart(8, '0');
          text += `{"hex":"${hex}","data_type":"uint32","padding":"${padding}"}\n`;
        }
        if (!child.stdin.write(text)) await once(child.stdin, 'drain');
      }
      child.stdin.end();
    };
    const read = async () => {
      let next = 0;
      let rest = '';
      for await (const chunk of child.stdout) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (line !== `{"ok":true,"raw":${next},"value":${next}}`) throw new Error(`line ${next}: ${line}`);
          next += 1;
        }
      }
      return next;
    };
    const [, answers] = await Promise.all([feed(), read()]);
    expect(answers).toBe(count);
    // The input is 190 MB; the process alone has about 100 MB.
    expect(Number(await stderr)).toBeLessThan(180 * 1024);
  });

  it('ends quietly when nobody reads any more', async () => {
    const child = startFurrow(['decode']);
    const stderr = textOf(child.stderr);
    const line = `${'{"hex":"FFD6","data_type":"int16"}\n'.repeat(1000)}`;
    child.stdin.on('error', () => {});
    const closed = once(child, 'close');
    const feeding = setInterval(() => child.stdin.write(line), 1);
    onTestFinished(() => clearInterval(feeding));
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = await closed;
    expect([code, await stderr]).toEqual([0, '']);
  });

  it('answers a line at once, before the input ends', async () => {
    const child = startFurrow(['decode']);
    child.stdin.write('{"hex":"FFD6","data_type":"int16"}\n');
    const [chunk] = await once(child.stdout, 'data');
    expect(String(chunk)).toBe('{"ok":true,"raw":-42,"value":-42}\n');
    child.stdin.end();
    await finished(child.stdout);
  });

  it('answers a line beyond the limit with one line', async () => {
    const { code, stdout } = await runFurrow(
      ['decode'],
      `${'x'.repeat(3_000_000)}\n{"hex":"0001","data_type":"int16"}`,
    );
    expect(code).toBe(0);
    expect(answersOf(stdout)).toEqual([
      { ok: false, reason: 'malformed_json', message: expect.stringContaining('3000000 bytes') },
      { ok: true, raw: 1, value: 1 },
    ]);
  });

  it('reads a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'furrow-decode-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'lines.ndjson');
    await writeFile(file, '{"hex":"FFD6","data_type":"int16","data_factor":0.1}\n');
    expect(await runFurrow(['decode', file])).toEqual({
      code: 0,
      stdout: '{"ok":true,"raw":-42,"value":-4.2}\n',
      stderr: '',
    });
  });

  it('shows one value as a table', async () => {
    const flags = '--hex FFD6 --data-type int16 --data-factor 0.1 --data-delta -40'.split(' ');
    expect(await runFurrow(['decode', ...flags])).toEqual({
      code: 0,
      stdout:
        'bytes    FFD6\ntype     int16\norder    ABCD\nraw      -42\nscaling  raw × 0.1 + -40\nvalue    -44.2\n',
      stderr: '',
    });
  });

  it('exits with 1 when the one frame cannot be decoded', async () => {
    expect(await runFurrow(['decode', '--frame', '018302C0F1'])).toMatchObject({ code: 1, stderr: '' });
  });

  it.each([
    ['lines.ndjson --frame 00', /^furrow: give a file of lines, or one value by flags, not both$/],
    ['no-such-file.ndjson', /^furrow: cannot read no-such-file.ndjson: no such file or directory$/],
    ['packages', /^furrow: cannot read packages: illegal operation on a directory$/],
    ['--hex FFD6', /^furrow: --hex needs --data-type$/],
    ['--data-index -1', /^error: .*--data-index.*whole number from 0 on\.$/],
    ['--data-factor x', /^error: .*--data-factor.*It is a number\.$/],
    ['--datatype int16', /^error: unknown option '--datatype'/],
  ])('says in one line what is wrong with %s', async (flags, line) => {
    const { code, stdout, stderr } = await runFurrow(['decode', ...flags.split(' ')]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr.split('\n').filter((text) => text !== '' && !text.startsWith('(Did you mean'))).toEqual([
      expect.stringMatching(line),
    ]);
  });

  it('states its limits and exit codes', async () => {
    const { code, stdout } = await runFurrow(['decode', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/A line has at most 1 MiB/);
    expect(stdout).toMatch(/Exit code: 0 .*failures are data/);
  });
});
