import type { OpenApiClient } from '../open-api-client.ts';
import { DeviceDirectory } from '../replay/target/device-directory.ts';
import type { ExpectedHistories } from '../replay/verify/expectations.ts';
import { apiReader } from '../replay/verify/history-reader.ts';
import { type Verification, verifyPoints } from '../replay/verify/verify-points.ts';
import type { WeatherHour } from './series.ts';
import { STATION_QUANTITIES } from './station.ts';
import { playedTime } from './time-scale.ts';

/**
 * Reads every point of the station back through the API at `url` and compares it with the file. `newestT` is the time that the replay gave
 * to the newest hour, milliseconds since 1970 UTC. Rejects with ApiAnswerError.
 */
export async function verifyWeather(
  hours: readonly WeatherHour[],
  newestT: number,
  { url, api, signal }: { readonly url: string; readonly api: OpenApiClient; readonly signal: AbortSignal },
): Promise<Verification> {
  return await verifyPoints({
    expectations: weatherHistories(hours, newestT),
    reader: apiReader(url, DeviceDirectory.empty([api])),
    patienceMs: 0,
    signal,
  });
}

/** True when the store holds what was sent, each point once, and nothing else. */
export function isWhole({ expected, read, right }: Verification): boolean {
  return right === expected && read === expected;
}

function weatherHistories(hours: readonly WeatherHour[], newestT: number): ExpectedHistories {
  const fields = new Map(STATION_QUANTITIES.map(({ agriId, field }) => [agriId as string, field]));
  return {
    factors: [...fields.keys()],
    // All that there is, so that points which nobody sent are found too.
    oldestOf: () => 0,
    *pointsOf(factor) {
      const field = fields.get(factor);
      if (field === undefined) return;
      for (let index = hours.length - 1; index >= 0; index -= 1) {
        const value = hours[index]?.[field];
        if (value === undefined) continue;
        yield { t: playedTime(index, hours.length, newestT), value, contested: false };
      }
    },
  };
}
