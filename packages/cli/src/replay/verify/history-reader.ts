import { type AgriId, agriIdSchema } from '@furrow/contracts';
import { MAX_PAGE_SIZE, type PointStore } from '@furrow/timeseries';
import { ApiAnswerError } from '../../open-api-client.ts';
import type { DeviceDirectory } from '../target/device-directory.ts';

/** A point that was read back. `t` in milliseconds since 1970 UTC. */
export interface ReadPoint {
  readonly t: number;
  readonly value: number;
}

/** Reads points back, from wherever they are. */
export interface HistoryReader {
  /** For people: where the points were read. */
  readonly description: string;
  /** A factor's points from `fromT` (milliseconds since 1970 UTC, included) on, newest first, a page at a time. */
  read(factor: string, fromT: number, signal: AbortSignal): AsyncIterable<readonly ReadPoint[]>;
}

/** Points of a page of the API. */
const API_PAGE_SIZE = 5_000;

/** Reads through the API, as anybody would. */
export function apiReader(url: string, directory: DeviceDirectory): HistoryReader {
  return {
    description: `the API at ${url}`,
    read: async function* (factor, fromT, signal) {
      const api = directory.apiOf(factor as AgriId);
      if (!api) throw new Error('there is no token to read with');
      // The API knows whole seconds, and gives what is after them.
      const after = Math.max(0, Math.ceil(fromT / 1000) - 1);
      try {
        for await (const page of api.history(factor, API_PAGE_SIZE, signal, after)) {
          yield page.map(({ t, v }) => ({ t: Math.round(t * 1000), value: v })).filter(({ t }) => t >= fromT);
        }
      } catch (error) {
        // A factor that the API does not know has no points: they are missing, and the rest is still to be read.
        if (!(error instanceof ApiAnswerError && error.status === 404)) throw error;
      }
    },
  };
}

/** Reads from the store itself. */
export function storeReader(name: string, store: Pick<PointStore, 'history'>): HistoryReader {
  return {
    description: `the store ${name}`,
    read: async function* (factor, fromT, signal) {
      const agriId = agriIdSchema.parse(factor);
      let limits: { readonly maxT?: number } = {};
      // Points of the oldest time of a page that were given already: a time that stands there twice may stand on two pages.
      let given = 0;
      for (;;) {
        const query = { agriId, page: 1, pageSize: MAX_PAGE_SIZE, minT: fromT - 1, ...limits };
        const { points, total } = await store.history(query, signal);
        if (points.length > given) yield points.slice(given);
        const last = points.at(-1);
        if (!last || points.length >= total) return;
        given = points.filter(({ t }) => t === last.t).length;
        const isStuck = given === points.length;
        limits = { maxT: isStuck ? last.t - 1 : last.t };
        if (isStuck) given = 0;
      }
    },
  };
}
