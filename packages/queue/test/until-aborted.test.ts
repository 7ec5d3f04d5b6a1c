import { describe, expect, it } from 'vitest';
import { untilAborted } from '../src/until-aborted.ts';

describe('untilAborted', () => {
  it('gives the result of the work', async () => {
    expect(await untilAborted(Promise.resolve(1), new AbortController().signal)).toBe(1);
  });

  it('ends with the reason of the signal although the work goes on', async () => {
    const aborter = new AbortController();
    const waiting = untilAborted(new Promise(() => {}), aborter.signal);
    aborter.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(untilAborted(Promise.reject(new Error('late')), aborter.signal)).rejects.toThrow();
  });
});
