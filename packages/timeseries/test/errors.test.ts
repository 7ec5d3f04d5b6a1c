import {
  BadQueryError,
  StoreAbortedError,
  StoreBusyError,
  StoreClosedError,
  StoreConfigError,
  StoreCorruptError,
  StoreError,
  StoreLockedError,
  StoreSetupError,
  StoreUnavailableError,
} from '@furrow/timeseries';
import { describe, expect, it } from 'vitest';

describe('StoreError', () => {
  it.each([
    [new StoreUnavailableError('x'), 'store_unavailable', true],
    [new StoreBusyError('x'), 'store_busy', true],
    [new StoreClosedError(), 'store_closed', true],
    [new StoreAbortedError(AbortSignal.abort()), 'store_aborted', true],
    [new StoreLockedError('a', 1), 'store_locked', true],
    [new StoreCorruptError('a', 'b'), 'store_corrupt', false],
    [new StoreConfigError(['a']), 'store_config', false],
    [new BadQueryError(['a']), 'bad_query', false],
    [new StoreSetupError(['a']), 'store_setup', false],
  ])('%s tells the caller what to do', (error, code, retryable) => {
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code, retryable, name: error.constructor.name });
  });

  it.each([
    [process.pid, 'this process'],
    [4_000_000, 'process 4000000'],
    [undefined, 'process of unknown number'],
  ])('names the holder of a locked file: %s', (pid, words) => {
    expect(new StoreLockedError('points.duckdb', pid).message).toContain(
      `points.duckdb is in use by ${words};`,
    );
  });
});
