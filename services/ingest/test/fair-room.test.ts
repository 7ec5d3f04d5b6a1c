import { describe, expect, it } from 'vitest';
import { FairRoom } from '../src/fair-room.ts';

const live = new AbortController().signal;

describe('FairRoom', () => {
  it('gives room in turns, so a device with many messages does not stand before the others', async () => {
    const room = new FairRoom({ maxMessages: 100, maxBytes: 10 });
    const leave = await room.enter('noisy', 10, live);
    const order: string[] = [];
    const work = async (device: string): Promise<void> => {
      const done = await room.enter(device, 10, live);
      order.push(device);
      done();
    };
    const all = ['noisy', 'noisy', 'noisy', 'a', 'b', 'a'].map(work);
    expect(room.waiting).toBe(6);
    leave();
    await Promise.all(all);
    expect(order.indexOf('b')).toBeLessThan(4);
    expect(order.slice(0, 3).sort()).toEqual(['a', 'b', 'noisy']);
    expect(room.waiting).toBe(0);
  });

  it('lets a message that is larger than the room in alone', async () => {
    const room = new FairRoom({ maxMessages: 100, maxBytes: 10 });
    const first = await room.enter('a', 50, live);
    let entered = false;
    const second = room.enter('b', 1, live).then((leave) => {
      entered = true;
      return leave;
    });
    await Promise.resolve();
    expect(entered).toBe(false);
    first();
    (await second)();
    expect(entered).toBe(true);
  });

  it('never puts off a device that is alone, nor one of several with equal shares', async () => {
    const room = new FairRoom({ maxMessages: 100, maxBytes: 1e9 });
    for (let index = 0; index < 100; index += 1) await room.enter('a', 1, live);
    expect(room.isOverShare('a')).toBe(false);
    const shared = new FairRoom({ maxMessages: 90, maxBytes: 1e9 });
    for (let index = 0; index < 69; index += 1) await shared.enter(`d-${index % 3}`, 1, live);
    expect(['d-0', 'd-1', 'd-2'].map((device) => shared.isOverShare(device))).toEqual([false, false, false]);
  });

  it('puts a device off that has more than its share while the hand is nearly full, and nobody else', async () => {
    const room = new FairRoom({ maxMessages: 100, maxBytes: 1e9 });
    const leaves = [];
    for (let index = 0; index < 70; index += 1) leaves.push(await room.enter('noisy', 1, live));
    await room.enter('quiet', 1, live);
    expect(room.isOverShare('noisy')).toBe(false);
    for (let index = 0; index < 5; index += 1) leaves.push(await room.enter('noisy', 1, live));
    expect(room.isOverShare('noisy')).toBe(true);
    expect(room.isOverShare('quiet')).toBe(false);
    expect(room.isOverShare('new')).toBe(false);
    for (const leave of leaves) leave();
    expect(room.isOverShare('noisy')).toBe(false);
  });

  it('forgets a message that is given up while it waits', async () => {
    const room = new FairRoom({ maxMessages: 100, maxBytes: 10 });
    const leave = await room.enter('a', 10, live);
    const aborter = new AbortController();
    const waiting = room.enter('b', 10, aborter.signal);
    const next = room.enter('c', 10, live);
    aborter.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
    leave();
    (await next)();
    expect(room.waiting).toBe(0);
  });
});
