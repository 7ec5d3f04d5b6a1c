import type { OpenApiClient } from '../open-api-client.ts';
import type { WeatherHour } from './series.ts';
import { hourAsFrame, hourAsItems, STATION_QUANTITIES } from './station.ts';
import { playedTime } from './time-scale.ts';

/** Hours in one post: what a gateway sends that was offline for four days. */
const HOURS_PER_POST = 100;

export interface WeatherReplay {
  readonly hours: readonly WeatherHour[];
  /** The time of the newest hour, milliseconds since 1970 UTC. */
  readonly newestT: number;
  /** Where to go on: hours before this index were accepted by the API in an earlier run. */
  readonly fromHour: number;
  readonly projectId: string;
  readonly devicePk: number;
}

/**
 * Posts the hours in order, as a gateway does: one post after the other, in turn as items and as register frames.
 * `onAccepted` is told after each post how many hours the API has accepted so far.
 */
export async function replayWeather(
  replay: WeatherReplay,
  api: OpenApiClient,
  onAccepted: (hours: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { hours, newestT, projectId, devicePk } = replay;
  for (let start = replay.fromHour; start < hours.length; start += HOURS_PER_POST) {
    signal.throwIfAborted();
    const posted = hours.slice(start, start + HOURS_PER_POST).map((hour, offset) => ({
      hour,
      t: playedTime(start + offset, hours.length, newestT),
    }));
    const asFrames = Math.floor(start / HOURS_PER_POST) % 2 === 1;
    const body = asFrames
      ? { frames: posted.map(({ hour, t }) => hourAsFrame(hour, t)) }
      : posted.flatMap(({ hour, t }) => hourAsItems(hour, t));
    await api.postData(projectId, devicePk, body, signal);
    await onAccepted(start + posted.length);
  }
}

/** Readings in the whole series. */
export function readingCount(hours: readonly WeatherHour[]): number {
  return hours.length * STATION_QUANTITIES.length;
}
