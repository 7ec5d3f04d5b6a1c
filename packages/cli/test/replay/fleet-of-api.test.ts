import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OpenApiClient } from '../../src/open-api-client.ts';
import { DeviceDirectory } from '../../src/replay/target/device-directory.ts';
import { readUplink } from '../../src/replay/time/read-uplink.ts';
import { Judge } from '../../src/replay/verify/judge.ts';
import { askPlanBook } from '../../src/replay/verify/plan-book.ts';

const NOW = 1_708_070_500_000;
const PLACE = { unit: 1, address: 0, data_index: 0, modbus_type: 'holding' };
const FACTOR = { ...PLACE, data_type: 'int16', the_type: 'temp' };

interface Told {
  readonly allow?: boolean;
  readonly scaled?: boolean;
}

/** What a replay expects of one item to device d-1-a, about which the API says `device` and `factor`. */
async function judged(device: Told, item: object, factor: object = { ...FACTOR, data_factor: 0.1 }) {
  const server = createServer((request, response) => {
    const data = request.url?.includes('/factors/')
      ? [{ ...factor, agri_id: 'd-1-a-1-00' }]
      : [{ id: 1, agri_id: 'd-1-a', project: { project_id: 'p' }, ...device }];
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const directory = await DeviceDirectory.open([new OpenApiClient(url, 'token')], undefined);
  const plans = await askPlanBook(directory);
  const body = JSON.stringify([{ agri_id: 'd-1-a-1-00', t: NOW - 1_000, ...item }]);
  const message = { body, attributes: [], device: 'd-1-a', where: 'line 1' };
  const read = readUplink(message);
  const judge = new Judge({ plans, throughApi: true, now: () => NOW });
  const { points, refused, unverifiable } = judge.judge({
    message,
    uplink: read.ok ? read.uplink : undefined,
  });
  return [...points.map(({ value }) => value), ...refused.keys(), ...unverifiable.keys()];
}

const UNTOLD = 'it does not say whether it is scaled, and the API does not tell that of its device';

describe('askPlanBook', () => {
  it.each([
    ['a device whose gateway scales', { scaled: true }, { value: 24.3 }, [24.3]],
    ['a device that sends raw readings', { scaled: false }, { value: 243 }, [24.3]],
    ['a reading that says it itself', { scaled: false }, { value: 24.3, scaled: true }, [24.3]],
    ['a device that is blocked', { scaled: false, allow: false }, { value: 243 }, ['device_blocked']],
    ['nothing of scaling', {}, { value: 243 }, [UNTOLD]],
    ['nothing, and the reading does', {}, { value: 243, scaled: false }, [24.3]],
    ['nothing, and the reading is registers', {}, { raw: '00f3' }, [24.3]],
    ['nothing, and the reading has failed', {}, { value: null }, ['no_reading']],
    ['nothing, and the time is bad', {}, { value: 243, t: 'soon' }, ['bad_timestamp']],
  ])('tells what becomes of a reading when the API speaks of %s', async (_, device, item, expected) => {
    expect(await judged(device, item)).toEqual(expected);
  });

  it('knows a reading that is the same with and without scaling', async () => {
    expect(await judged({}, { value: 243 }, FACTOR)).toEqual([243]);
  });

  it('names a factor that this release cannot decode, rather than expect its readings to be refused', async () => {
    const factor = { ...FACTOR, data_type: 'int128' };
    await expect(judged({ scaled: false }, { value: 1 }, factor)).rejects.toThrow(
      /the API tells of the factor d-1-a-1-00: data_type: /,
    );
  });
});
