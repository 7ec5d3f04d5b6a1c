import { setTimeout as sleep } from 'node:timers/promises';
import { RETENTION_MS } from '@furrow/contracts';
import type { AllInOne } from '../all-in-one/start-all-in-one.ts';
import { OpenApiClient } from '../open-api-client.ts';
import { startProgress } from '../terminal/progress.ts';
import { weatherFleet } from './fleet.ts';
import { readingCount, replayWeather } from './replay.ts';
import { readReplayState, writeReplayState } from './replay-state.ts';
import type { WeatherHour } from './series.ts';
import { STATION_QUANTITIES, WEATHER_STATION } from './station.ts';
import { describeTimeScale, newestPlayedTime } from './time-scale.ts';

const POLL_MS = 50;

export interface WeatherPlay {
  readonly furrow: AllInOne;
  readonly hours: readonly WeatherHour[];
  readonly token: string;
  /** Folder that remembers how far the replay has come. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/**
 * Registers the station, posts the year through the API and waits until the worker has it all. A replay that was cut off goes on where
 * the API's last acknowledgement was. Resolves to the time of the newest hour, milliseconds since 1970 UTC.
 */
export async function playWeather(play: WeatherPlay): Promise<number> {
  const { furrow, hours, token, folder, signal, print } = play;
  await furrow.registry.applyFleet(weatherFleet(token));
  const state = (await readReplayState(folder)) ?? {
    newestT: newestPlayedTime(Date.now()),
    acceptedHours: 0,
  };
  const { newestT, acceptedHours: fromHour } = state;
  const left = readingCount(hours.slice(fromHour));
  if (left === 0) {
    print(`The year is here already; its newest hour was played at ${new Date(newestT).toISOString()}.`);
  } else {
    print(
      `Playing ${hours.length.toLocaleString('en-US')} hours of weather in Seattle: ${describeTimeScale(hours.length)}.`,
    );
    if (fromHour > 0)
      print(`  Going on at hour ${fromHour.toLocaleString('en-US')}, where the API's last answer was.`);
  }
  await writeReplayState(folder, state);
  const api = new OpenApiClient(furrow.url, token);
  const devicePk = await stationKey(furrow);
  const progress = startProgress('readings', Math.max(1, left));
  const done = new AbortController();
  const showing = showProgress(furrow, progress.update, done.signal);
  try {
    const accept = (acceptedHours: number) => writeReplayState(folder, { newestT, acceptedHours });
    await replayWeather(
      { hours, newestT, fromHour, projectId: WEATHER_STATION.projectId, devicePk },
      api,
      accept,
      signal,
    );
    await untilDrained(furrow, signal);
  } finally {
    done.abort();
    await showing;
    progress.stop();
  }
  return newestT;
}

/** What is in the store now, a line a person understands for each quantity. */
export async function describeWeather(furrow: AllInOne): Promise<string[]> {
  const to = Date.now() + 1;
  return await Promise.all(
    STATION_QUANTITIES.map(async ({ agriId, field, definition: { info: unit } }) => {
      const [all] = await furrow.store.buckets({ agriId, from: to - RETENTION_MS, to, intervalMs: 2 * to });
      if (!all) return `${field}: no readings`;
      return `${field}: ${all.count.toLocaleString('en-US')} readings from ${all.min} to ${all.max} ${unit}, the newest ${all.last} ${unit}`;
    }),
  );
}

/** Waits until nothing of the replay is on the queue or in the worker's hands. */
async function untilDrained(furrow: AllInOne, signal: AbortSignal): Promise<void> {
  while ((await furrow.backlog()) > 0 || furrow.ledger().messages.inFlight > 0)
    await sleep(POLL_MS, undefined, { signal });
}

async function showProgress(
  furrow: AllInOne,
  update: (done: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const settled = (): number => {
    const { stored, alreadyStored, rejected } = furrow.ledger().readings;
    return stored + alreadyStored + rejected;
  };
  while (!signal.aborted) {
    update(settled());
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  update(settled());
}

async function stationKey(furrow: AllInOne): Promise<number> {
  const plans = await furrow.registry.plans.plansFor([WEATHER_STATION.agriId]);
  const station = plans.get(WEATHER_STATION.agriId);
  if (!station)
    throw new Error(`the registry does not know ${WEATHER_STATION.agriId} although it was just registered`);
  return station.device.pk;
}
