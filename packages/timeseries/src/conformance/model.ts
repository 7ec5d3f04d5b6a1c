import { type AgriId, belongsTo, type Point } from '@furrow/contracts';
import { pointRefusal, retentionFloor } from '../point-rules.ts';
import type { Bucket, BucketQuery, HistoryPage, HistoryQuery } from '../point-store.ts';

/** The port's promises in a few lines of arrays and maps: what every engine is compared with. */
export class ModelStore {
  readonly #factors = new Map<AgriId, Map<number, Point>>();

  write(
    points: readonly Point[],
    nowMs: number,
  ): { stored: number; alreadyStored: number; rejected: number[] } {
    const rejected: number[] = [];
    const written = new Set<string>();
    points.forEach((point, index) => {
      if (pointRefusal(point, nowMs) !== undefined) {
        rejected.push(index);
        return;
      }
      const byTime = this.#factors.get(point.agriId) ?? new Map<number, Point>();
      this.#factors.set(point.agriId, byTime);
      const before = byTime.get(point.t);
      if (before !== undefined && before.version >= point.version) return;
      byTime.set(point.t, point);
      written.add(`${point.agriId} ${point.t}`);
    });
    const alreadyStored = points.length - rejected.length - written.size;
    return { stored: written.size, alreadyStored, rejected };
  }

  history(query: HistoryQuery, nowMs: number): HistoryPage {
    const { agriId, page, pageSize, minT, maxT = Number.POSITIVE_INFINITY } = query;
    const points = this.#newestFirst(agriId, nowMs).filter(({ t }) => t > minT && t <= maxT);
    const start = (page - 1) * pageSize;
    return {
      total: points.length,
      points: points.slice(start, start + pageSize).map(({ t, value, version }) => ({ t, value, version })),
    };
  }

  latest(device: AgriId, nowMs: number): Point[] {
    return [...this.#factors.keys()]
      .filter((agriId) => belongsTo(agriId, device))
      .sort()
      .flatMap((agriId) => this.#newestFirst(agriId, nowMs).slice(0, 1));
  }

  buckets(query: BucketQuery, nowMs: number): Bucket[] {
    const groups = new Map<number, Point[]>();
    for (const point of this.#newestFirst(query.agriId, nowMs).reverse()) {
      if (point.t < query.from || point.t >= query.to) continue;
      const start = Math.floor(point.t / query.intervalMs) * query.intervalMs;
      groups.set(start, [...(groups.get(start) ?? []), point]);
    }
    return [...groups].map(([t, points]) => {
      const values = points.map(({ value }) => value);
      const avg = values.reduce((sum, value) => sum + value / values.length, 0);
      return {
        t,
        min: Math.min(...values),
        max: Math.max(...values),
        avg,
        last: values.at(-1) ?? 0,
        count: values.length,
      };
    });
  }

  #newestFirst(agriId: AgriId, nowMs: number): Point[] {
    return [...(this.#factors.get(agriId)?.values() ?? [])]
      .filter(({ t }) => t >= retentionFloor(nowMs))
      .sort((a, b) => b.t - a.t);
  }
}
