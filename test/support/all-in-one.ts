import { loadDevConfig, startAllInOne } from '@furrow/cli';
import { parseFleet } from '@furrow/registry';
import { createLogger, Shutdown } from '@furrow/runtime';
import { onTestFinished, vi } from 'vitest';
import type { QueueVariables } from './engines/sqs-engine.ts';
import { tempFolder } from './temp-folder.ts';

export const TOKEN = 'fur_test-token-of-the-greenhouse';
export const DEVICE = 'd-1000-abcd';
/** By which its gateway's topics are known. */
export const DEVICE_ID = '868686000123456';

/** A fleet file of one greenhouse with these devices, and a manager's token for it. */
export function greenhouseWith<Device>(devices: readonly Device[]) {
  const tokens = [{ name: 'test', role: 'manager', token: TOKEN }];
  const projects = [{ project_id: 'greenhouse-alpha', devices }];
  return { orgs: [{ slug: 'yanji-lab', tokens, projects }] };
}

/** A greenhouse with one gateway: a temperature in tenths and a humidity, both int16 in holding registers. */
export const GREENHOUSE = greenhouseWith([
  {
    device_id: DEVICE_ID,
    agri_id: DEVICE,
    factors: [
      {
        unit: 1,
        address: 0,
        data_index: 0,
        modbus_type: 'holding',
        data_type: 'int16',
        data_endian: 'big',
        data_factor: 0.1,
        the_type: 'temp',
      },
      {
        unit: 1,
        address: 0,
        data_index: 1,
        modbus_type: 'holding',
        data_type: 'int16',
        data_endian: 'big',
        data_factor: 0.1,
        the_type: 'humi',
      },
    ],
  },
]);

interface GreenhouseOptions {
  readonly sqsPort?: number;
  readonly folder?: string;
  /** Queues elsewhere; the embedded SQS by default. */
  readonly queues?: QueueVariables;
}

/** The all-in-one process inside this one, on a folder of its own, stopped when the test has finished. */
export async function startGreenhouse(options: GreenhouseOptions = {}) {
  const folder = options.folder ?? (await tempFolder());
  const { queues } = options;
  if (queues !== undefined) useVariables(queues);
  const config = loadDevConfig({ ...queues }, folder, { host: '127.0.0.1', port: 0 }, options.sqsPort ?? 0);
  const logger = createLogger({ service: 'test', level: 'error' });
  const shutdown = new Shutdown({ logger, deadlineMs: 15_000 });
  onTestFinished(async () => {
    await shutdown.run();
  });
  const furrow = await startAllInOne(config, logger, shutdown);
  await furrow.registry.applyFleet(parseFleet(GREENHOUSE));
  const plans = await furrow.registry.plans.plansFor([DEVICE as never]);
  const devicePk = [...plans.values()][0]?.device.pk ?? 0;
  const call = async (
    path: string,
    init: { method?: string; body?: string; headers?: Record<string, string> } = {},
  ) => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...init.headers };
    const response = await fetch(furrow.url + path, { ...init, headers });
    return { status: response.status, json: (await response.json()) as { data: never; error: never } };
  };
  return { furrow, call, dataPath: `/api/v2/projects/greenhouse-alpha/devices/${devicePk}/data/` };
}

/** Sets variables where the AWS SDK looks for them, until the test has finished. */
function useVariables(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}
