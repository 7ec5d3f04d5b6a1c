import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter, MAX_LINE_BYTES } from '../src/decode/line-splitter.ts';

function split(chunks: readonly Uint8Array[]): (string | number)[] {
  const splitter = new LineSplitter();
  const lines = [...chunks.flatMap((chunk) => [...splitter.push(chunk)]), ...splitter.end()];
  return lines.map((line) => (line.ok ? Buffer.from(line.bytes).toString() : line.length));
}

describe('LineSplitter', () => {
  it.each([
    ['', []],
    ['\n', ['']],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\n\nb', ['a', '', 'b']],
    ['a\r\nb\r\n', ['a\r', 'b\r']],
  ])('cuts %j into lines', (text, lines) => {
    expect(split([Buffer.from(text)])).toEqual(lines);
  });

  it('gives the same lines however the bytes are cut into chunks', () => {
    const text = fc.array(fc.constantFrom('ab', 'ü', '\n', '\r\n', '"'), { maxLength: 40 });
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 60 })), (parts, cuts) => {
        const bytes = Buffer.from(parts.join(''));
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(split(chunks)).toEqual(split([bytes]));
      }),
    );
  });

  it('takes a line of the limit, and only counts a longer one', () => {
    const half = Buffer.alloc(MAX_LINE_BYTES / 2, 'x');
    const [longest] = split([half, half, Buffer.from('\nnext\n')]);
    expect(longest).toHaveLength(MAX_LINE_BYTES);
    expect(split([half, half, Buffer.from('x\nnext\n')])).toEqual([MAX_LINE_BYTES + 1, 'next']);
    expect(split([half, half, half])).toEqual([MAX_LINE_BYTES * 1.5]);
  });
});
