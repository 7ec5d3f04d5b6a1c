import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { burst, burstArrivals, simulateQueue } from './queue-simulation.ts';

describe('simulateQueue', () => {
  const arrivals = burst({ base: 30, high: 250, from: 1, to: 5 });

  it('has no backlog while workers are faster', () => {
    const { peakBacklog, longestWait } = simulateQueue({
      arrivals: () => 90,
      perWorker: 50,
      workers: 2,
      seconds: 20,
    });
    expect(peakBacklog).toBeCloseTo(0);
    expect(longestWait).toBeCloseTo(0);
  });

  it('is what arithmetic says of one burst', () => {
    const outcome = simulateQueue({ arrivals, perWorker: 100, workers: 1, seconds: 30 });
    // 4 s of 150 too many; the last of them waits as long as the backlog takes; it shrinks by 70 a second.
    expect(outcome.peakBacklog).toBeCloseTo(600, -1);
    expect(outcome.longestWait).toBeCloseTo(6, 0);
    expect(outcome.emptyAt).toBeCloseTo(5 + 600 / 70, 0);
  });

  it('never empties under more than the workers can do', () => {
    const { emptyAt } = simulateQueue({ arrivals: () => 110, perWorker: 100, workers: 1, seconds: 60 });
    expect(emptyAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('counts the time that a message takes anyway', () => {
    const model = { arrivals: () => 90, perWorker: 50, workers: 2, seconds: 20 };
    const { peakBacklog, longestWait } = simulateQueue({ ...model, serviceSeconds: 0.5 });
    expect(peakBacklog).toBeCloseTo(45, 0);
    expect(longestWait).toBeCloseTo(0.5, 1);
    const alone = simulateQueue({ ...model, arrivals, workers: 1, perWorker: 100, seconds: 30 });
    const slow = simulateQueue({
      ...{ ...model, arrivals, workers: 1, perWorker: 100, seconds: 30 },
      serviceSeconds: 0.5,
    });
    // At the peak half a second's work is in hand.
    expect(slow.peakBacklog - alone.peakBacklog).toBeCloseTo(50, 0);
    expect(slow.longestWait - alone.longestWait).toBeGreaterThan(0);
  });

  it('adds workers as the backlog asks for them, up to the most', () => {
    const scaling = { most: 4, backlogPerWorker: 100, lookSeconds: 1, startSeconds: 2 };
    const alone = simulateQueue({ arrivals, perWorker: 100, workers: 1, seconds: 60 });
    const scaled = simulateQueue({ arrivals, perWorker: 100, workers: 1, seconds: 60, scaling });
    expect(scaled.mostWorkers).toBe(4);
    expect(scaled.emptyAt).toBeLessThan(alone.emptyAt);
  });

  it('keeps what arrives while the store is out', () => {
    const outage = { from: 10, to: 20 };
    const outcome = simulateQueue({ arrivals: () => 50, perWorker: 100, workers: 1, seconds: 60, outage });
    expect(outcome.peakBacklog).toBeCloseTo(500, -1);
    expect(outcome.longestWait).toBeCloseTo(10, 0);
    expect(outcome.emptyAt).toBeCloseTo(30, 0);
  });
});

describe('burstArrivals', () => {
  const shape = { base: 30, high: 250, from: 1, to: 5 };

  it.each([
    [0, 0],
    [1, 30],
    [3, 530],
    [5, 1_030],
    [7, 1_090],
  ])('by second %i counts %i', (second, messages) => {
    expect(burstArrivals(shape).arrivedBy(second)).toBe(messages);
  });

  it('tells when a message came', () => {
    const { arrivedBy, cameAt } = burstArrivals(shape);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 20, noNaN: true }), (second) => {
        expect(cameAt(arrivedBy(second))).toBeCloseTo(second, 6);
      }),
    );
  });
});
