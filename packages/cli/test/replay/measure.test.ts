import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from '../../src/replay/measure/latency.ts';
import { emptyWindow, Timeline } from '../../src/replay/measure/timeline.ts';
import { readMetrics } from '../../src/replay/measure/watch-metrics.ts';

describe('LatencyHistogram', () => {
  it('adds up as if every value had been recorded in one', () => {
    const [a, b, whole] = [new LatencyHistogram(3), new LatencyHistogram(3), new LatencyHistogram(3)];
    for (let ms = 1; ms <= 1_000; ms += 1) {
      (ms % 3 === 0 ? a : b).record(ms);
      whole.record(ms);
    }
    a.add(b);
    expect(a.summary()).toEqual(whole.summary());
    expect(whole.summary().p99).toBeCloseTo(990, -1);
    expect(whole.summary().count).toBe(1_000);
  });

  it('says zeros when nothing was measured, and keeps what is longer than ten minutes', () => {
    expect(new LatencyHistogram().summary()).toMatchObject({ count: 0, p50: 0, max: 0 });
    const long = new LatencyHistogram();
    long.record(3_600_000);
    expect(long.summary().max).toBeGreaterThan(590_000);
  });
});

describe('Timeline', () => {
  it('holds a run of any length in few windows, and loses no count and no latency', () => {
    const timeline = new Timeline();
    const hours = 3 * 3_600;
    for (let second = 0; second < hours; second += 1) {
      const window = {
        ...emptyWindow(second),
        toSeconds: second + 1,
        messages: 1,
        readings: 10,
        backlog: second,
      };
      window.latency.record(second % 100);
      timeline.add(window);
    }
    const { windows } = timeline;
    expect(windows.length).toBeLessThanOrEqual(360);
    expect(windows.reduce((sum, { messages }) => sum + messages, 0)).toBe(hours);
    expect(windows.reduce((sum, { latency }) => sum + latency.summary().count, 0)).toBe(hours);
    expect(windows.every((w, at) => w.fromSeconds === (windows[at - 1]?.toSeconds ?? 0))).toBe(true);
    expect(windows.at(-1)).toMatchObject({ toSeconds: hours, backlog: hours - 1 });
  });

  it('joins the stub of a window to the one before, whose rate it would distort', () => {
    const timeline = new Timeline();
    timeline.add({ ...emptyWindow(0), toSeconds: 1, messages: 5 });
    timeline.add({ ...emptyWindow(1), toSeconds: 1.01, messages: 3 });
    expect(timeline.windows).toMatchObject([{ toSeconds: 1.01, messages: 8 }]);
  });
});

describe('readMetrics', () => {
  it('reads memory, CPU, and refusals by reason', () => {
    const text = [
      '# HELP process_cpu_seconds_total …',
      'process_cpu_seconds_total{service="dev"} 12.5',
      'process_resident_memory_bytes{service="dev"} 104857600',
      'furrow_ledger_rejected_readings{reason="frame_crc",service="dev"} 3',
      'furrow_ledger_rejected_readings{reason="too_old",service="dev"} 0',
      'furrow_ledger_readings{entry="already_stored",service="dev"} 7',
      'furrow_ledger_readings{entry="stored",service="dev"} 42',
      'nonsense',
    ].join('\n');
    expect(readMetrics(text)).toEqual({
      rssMiB: 100,
      cpuSeconds: 12.5,
      refused: { frame_crc: 3 },
      stored: 42,
    });
  });
});
