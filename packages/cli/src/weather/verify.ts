import type { HistoryReading, OpenApiClient } from '../open-api-client.ts';
import type { WeatherHour } from './series.ts';
import { STATION_QUANTITIES } from './station.ts';
import { playedTime } from './time-scale.ts';

const PAGE_SIZE = 1000;
const MAX_DIFFERENCES = 10;

/** What reading every point back found. */
export interface Verification {
  readonly sent: number;
  /** Points read back, expected or not. */
  readonly stored: number;
  readonly missing: number;
  /** Points with another value than the file has, at a time that was never sent, or read twice. */
  readonly wrong: number;
  /** The first differences, one line each. */
  readonly differences: readonly string[];
}

/**
 * Reads every point of the replay back through the API and compares it with the file: same time, same value, once, newest
 * first. `newestT` is the time that the replay gave to the newest hour, milliseconds since 1970 UTC.
 */
export async function verifyWeather(
  hours: readonly WeatherHour[],
  newestT: number,
  api: OpenApiClient,
): Promise<Verification> {
  const tally = { sent: 0, stored: 0, missing: 0, wrong: 0, differences: [] as string[] };
  const note = (difference: string): void => {
    if (tally.differences.length < MAX_DIFFERENCES) tally.differences.push(difference);
  };
  for (const { agriId, field } of STATION_QUANTITIES) {
    const expected = new Map(
      hours.map((hour, index) => [playedTime(index, hours.length, newestT) / 1000, hour[field]]),
    );
    tally.sent += expected.size;
    let previous = Number.POSITIVE_INFINITY;
    for await (const page of api.history(agriId, PAGE_SIZE)) {
      for (const reading of page) {
        tally.stored += 1;
        const problem = compare(reading, expected, previous);
        previous = reading.t;
        expected.delete(reading.t);
        if (problem === undefined) continue;
        tally.wrong += 1;
        note(`${agriId} at ${reading.t}: ${problem}`);
      }
    }
    tally.missing += expected.size;
    for (const [t, value] of expected) note(`${agriId} at ${t}: missing, ${value} was sent`);
  }
  return tally;
}

function compare(
  reading: HistoryReading,
  expected: ReadonlyMap<number, number>,
  previous: number,
): string | undefined {
  const value = expected.get(reading.t);
  if (value === undefined) return `${reading.v} was not sent, or stands there twice`;
  if (reading.v !== value) return `${reading.v} is stored, ${value} was sent`;
  if (reading.t >= previous) return 'not newest first';
  return undefined;
}
