import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { linkSignal } from '../../src/timestream/linked-signal.ts';

describe('linkSignal', () => {
  it('fires with the reason of the first that fires', () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const link = linkSignal([first.signal, undefined, second.signal]);
    second.abort('second');
    first.abort('first');
    link.stop('stop');
    expect(link.signal.reason).toBe('second');
  });

  it('is fired from the beginning when a parent was', () => {
    expect(linkSignal([AbortSignal.abort('before')]).signal.reason).toBe('before');
  });

  it('fires when its time is over', async () => {
    const { signal } = linkSignal([], 5);
    await expect.poll(() => signal.aborted).toBe(true);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('leaves nothing behind on its parents', () => {
    const parent = new AbortController();
    const links = Array.from({ length: 100 }, () => linkSignal([parent.signal], 60_000));
    expect(getEventListeners(parent.signal, 'abort')).toHaveLength(100);
    for (const link of links) link.release();
    expect(getEventListeners(parent.signal, 'abort')).toEqual([]);
  });
});
