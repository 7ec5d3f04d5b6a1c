import { Readable, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { decodeLines } from '../src/decode/decode-lines.ts';

const LINE = '{"hex":"FFD6","data_type":"int16"}\n';
const ANSWER = '{"ok":true,"raw":-42,"value":-42}\n';

/** An output that keeps what it takes; `take` says when it has. */
function output(take: (done: (error?: Error) => void) => void) {
  let text = '';
  const stream = new Writable({
    write(chunk, _, done) {
      text += chunk;
      take(done);
    },
  });
  return { stream, text: () => text };
}

describe('decodeLines', () => {
  it('answers each line in order, the last one also without a line feed', async () => {
    const { stream, text } = output((done) => done());
    await decodeLines(Readable.from([Buffer.from(`${LINE}x`), Buffer.from(`\n${LINE.trimEnd()}`)]), stream);
    const answers = text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).ok);
    expect(answers).toEqual([true, false, true]);
    expect(text().endsWith(ANSWER)).toBe(true);
  });

  it('writes nothing for no input', async () => {
    const { stream, text } = output((done) => done());
    await decodeLines(Readable.from([]), stream);
    expect(text()).toBe('');
  });

  it('reads on only when its answers have been taken', async () => {
    let chunks = 0;
    async function* endless() {
      for (;;) {
        chunks += 1;
        yield Buffer.from(LINE);
      }
    }
    const waiting: (() => void)[] = [];
    const { stream, text } = output((done) => waiting.push(done));
    void decodeLines(endless(), stream);
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    expect([chunks, text()]).toEqual([1, ANSWER]);
    waiting.shift()?.();
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    expect([chunks, text()]).toEqual([2, ANSWER + ANSWER]);
  });

  it('writes in parts where one chunk has very many lines', async () => {
    const parts: number[] = [];
    const stream = new Writable({
      write(chunk, _, done) {
        parts.push(chunk.length);
        done();
      },
    });
    await decodeLines(Readable.from([Buffer.from('\n'.repeat(50_000))]), stream);
    const answer = '{"ok":false,"reason":"malformed_json","message":"the line is empty"}\n';
    expect(parts.reduce((sum, length) => sum + length, 0)).toBe(50_000 * answer.length);
    expect(Math.max(...parts)).toBeLessThan(64 * 1024 + answer.length);
  });

  it('ends quietly, and lets go of its input, when nobody reads any more', async () => {
    const input = Readable.from([Buffer.from(LINE), Buffer.from(LINE)]);
    const { stream } = output((done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })));
    await decodeLines(input, stream);
    expect(input.destroyed).toBe(true);
  });

  it('rejects when the output fails otherwise, or the input does', async () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const { stream } = output((done) => done(full));
    await expect(decodeLines(Readable.from([Buffer.from(LINE)]), stream)).rejects.toBe(full);
    const failing = new Readable({
      read() {
        this.destroy(new Error('the disk is gone'));
      },
    });
    await expect(decodeLines(failing, output((done) => done()).stream)).rejects.toThrow('the disk is gone');
  });
});
