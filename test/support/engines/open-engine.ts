import { afterAll } from 'vitest';

/** A server that a test file uses. */
export interface OpenEngine {
  /** Where it comes from, for the report. */
  readonly from: string;
  close(): Promise<void>;
}

/**
 * Opens an engine once for the running test file, when it is first asked for, says where it comes from, and closes it after the last test.
 * To be called where tests are described.
 */
export function sharedEngine<Engine extends OpenEngine>(
  name: string,
  open: () => Promise<Engine>,
): () => Promise<Engine> {
  let opened: Promise<Engine> | undefined;
  afterAll(async () => {
    await (await opened?.catch(() => undefined))?.close();
  });
  return () => {
    opened ??= open().then((engine) => {
      process.stderr.write(`End to end: ${name} is ${engine.from}\n`);
      return engine;
    });
    return opened;
  };
}
