import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { createLogger, LogDigest } from '../src/index.ts';

it('LogDigest writes the first line of a kind at once, and the number of the others once a window', () => {
  const lines: { msg: string; kind: string; more?: number }[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const digest = new LogDigest(createLogger({ service: 'test', level: 'info', destination }));
  for (let index = 0; index < 80; index += 1)
    digest.write('warn', 'message returned', 'disk full', { index });
  digest.write('warn', 'message returned', 'timeout', {});
  digest.flush();
  digest.flush();
  expect(lines.map(({ msg, kind, more }) => [msg, kind, more])).toEqual([
    ['message returned', 'disk full', undefined],
    ['message returned', 'timeout', undefined],
    ['message returned: 79 more', 'disk full', 79],
  ]);
});
