import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OpenApiClient } from '../src/open-api-client.ts';
import { STATION_QUANTITIES } from '../src/weather/station.ts';
import { PLAYED_HOUR_MS } from '../src/weather/time-scale.ts';
import { isWhole, verifyWeather } from '../src/weather/verify.ts';

const NEWEST = 1_708_070_400_000;
const HOURS = [10.5, 11, 11.5].map((temperature, hour) => ({
  date: `2010-01-01T0${hour}:00:00`,
  ...{ temperature, pressure: 1_000 + hour, wind: hour / 10 },
}));
const [PRESSURE, TEMPERATURE] = STATION_QUANTITIES.map(({ agriId }) => agriId);

type Reading = readonly [t: number, v: number];

/** What verifying finds when `change` was done to the right histories. */
async function verified(change: (agriId: string, readings: readonly Reading[]) => readonly Reading[]) {
  const server = createServer((request, response) => {
    const found = STATION_QUANTITIES.find(({ agriId }) => request.url?.includes(`/${agriId}/`));
    const right = HOURS.toReversed().map(
      (hour, back): Reading => [NEWEST - back * PLAYED_HOUR_MS, found ? hour[found.field] : 0],
    );
    const readings = change(found?.agriId ?? '', right).map(([t, v]) => ({
      ...{ agri_id: found?.agriId, v, t: t / 1000 },
    }));
    const body = { data: { total: readings.length, data: readings } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api = new OpenApiClient(url, 'token');
  return await verifyWeather(HOURS, NEWEST, { url, api, signal: new AbortController().signal });
}

describe('verifyWeather', () => {
  it('is content with every reading of the file, once', async () => {
    const found = await verified((_, readings) => readings);
    expect(found).toMatchObject({ expected: 9, read: 9, right: 9 });
    expect(isWhole(found)).toBe(true);
  });

  it('names what is missing, wrong and double', async () => {
    const found = await verified((agriId, [newest = [0, 0], middle = [0, 0], oldest = [0, 0]]) => {
      if (agriId === PRESSURE) return [newest, oldest];
      return agriId === TEMPERATURE ? [newest, newest, [middle[0], 12], oldest] : [newest, middle, oldest];
    });
    const before = NEWEST - PLAYED_HOUR_MS;
    expect(found).toMatchObject({
      ...{ expected: 9, right: 7, missing: 1, wrong: 1, duplicate: 1, others: 0 },
      firstMissing: { agriId: PRESSURE, t: before, expected: 1_001 },
      firstWrong: { agriId: TEMPERATURE, t: before, expected: 11, read: 12 },
      firstDuplicate: { agriId: TEMPERATURE, t: NEWEST, read: 11.5 },
    });
    expect(isWhole(found)).toBe(false);
  });

  it('is not content when there is more than was sent', async () => {
    const found = await verified((_, readings) => [...readings, [NEWEST - 10 * PLAYED_HOUR_MS, 1]]);
    expect(found).toMatchObject({ right: 9, missing: 0, wrong: 0, others: 3 });
    expect(isWhole(found)).toBe(false);
  });
});
