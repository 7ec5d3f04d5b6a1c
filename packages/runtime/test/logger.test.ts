import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../src/index.ts';

function capture(isTTY = false) {
  const chunks: string[] = [];
  const destination = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        chunks.push(String(chunk));
        done();
      },
    }),
    { isTTY },
  );
  return { destination, text: () => chunks.join('') };
}

describe('createLogger', () => {
  it('writes one JSON object a line, with service, level by name and ISO time', () => {
    const { destination, text } = capture();
    createLogger({ service: 'ingest', level: 'info', destination }).info({ points: 3 }, 'flushed');
    const line = JSON.parse(text());
    expect(line).toMatchObject({ service: 'ingest', level: 'info', points: 3, msg: 'flushed' });
    expect(new Date(line.time).toISOString()).toBe(line.time);
  });

  it('leaves out lines below its level', () => {
    const { destination, text } = capture();
    createLogger({ service: 'ingest', level: 'warn', destination }).info('quiet');
    expect(text()).toBe('');
  });

  it('masks credentials in keys and in the URLs of errors', () => {
    const { destination, text } = capture();
    const logger = createLogger({ service: 'api', level: 'info', destination });
    logger.info({ headers: { authorization: 'Bearer hunter2' }, token: 'hunter2' }, 'request');
    logger.error({ err: new Error('cannot reach postgres://admin:hunter2@db.example/furrow now') }, 'failed');
    expect(text()).not.toContain('hunter2');
    expect(text()).toContain('cannot reach postgres://***@db.example/furrow now');
  });

  it('is readable text on a terminal', () => {
    const { destination, text } = capture(true);
    createLogger({ service: 'dev', level: 'info', destination }).info('hello');
    expect(text()).toContain('INFO');
    expect(text()).not.toContain('{"');
  });
});
