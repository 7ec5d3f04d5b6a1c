import {
  type AgriId,
  agriId,
  type Factor,
  factorAgriId,
  factorDefinitionSchema,
  type Point,
  type UplinkMessage,
} from '@furrow/contracts';
import { compilePlan } from '@furrow/decoding';
import { packUplinks } from '@furrow/queue';
import type {
  AccessToken,
  DevicePlan,
  FactorOfDevice,
  RegisteredDevice,
  TokenVerdict,
} from '@furrow/registry';
import { createLogger, createMetricsRegistry, createOperations, Readiness } from '@furrow/runtime';
import type { HistoryQuery, PointStore } from '@furrow/timeseries';
import type { ServerDeps } from '../src/api-deps.ts';
import { ResponseCache } from '../src/response-cache.ts';
import { createServer } from '../src/server.ts';

export const NOW = Date.UTC(2026, 0, 15, 12);
export const DEVICE = agriId('d-1000-abcd');
export const TEMP = factorAgriId(DEVICE, 1, 0, 0);
export const DATA_PATH = '/api/v2/projects/greenhouse-alpha/devices/42/data/';
export const FACTOR_PATH = '/api/v2/devices/42/factors/7/data/';
export const AGRI_ID_PATH = `/api/v2/factors/${TEMP}/data/`;

const TEMP_FACTOR: Factor = {
  ...factorDefinitionSchema.parse({
    unit: 1,
    address: 0,
    modbus_type: 'holding',
    data_type: 'int16',
    data_factor: 0.1,
    the_type: 'temp',
  }),
  agri_id: TEMP,
};

const TOKENS: Readonly<Record<string, TokenVerdict>> = {
  manager: { ok: true, token: token({}) },
  reader: { ok: true, token: token({ id: 2, role: 'reader' }) },
  elsewhere: { ok: true, token: token({ projects: ['cold-chain-east'] }) },
  inactive: { ok: false, reason: 'inactive' },
  expired: { ok: false, reason: 'expired' },
  orphaned: { ok: false, reason: 'org_invalid' },
};

function token(change: Partial<AccessToken>): AccessToken {
  return {
    id: 1,
    name: 'test',
    orgId: 'yanji-lab',
    orgPk: 1,
    role: 'manager',
    projects: null,
    expiresAt: null,
    ...change,
  };
}

/** A retryable failure, as every room throws it when its engine does not answer. */
export class DownError extends Error {
  readonly retryable = true;
}

/** The API over stand-ins for registry, queue and store that a test can look into and change. */
export function apiUnderTest(change: Partial<Pick<ServerDeps, 'logger' | 'settings'>> = {}) {
  const sent: UplinkMessage[] = [];
  const asked: HistoryQuery[] = [];
  const contacts: number[] = [];
  const points: Point[] = [];
  const device = {
    pk: 42,
    agriId: DEVICE,
    orgId: 'yanji-lab',
    orgPk: 1,
    projectId: 'greenhouse-alpha',
    allow: true,
    scaled: false,
  } as RegisteredDevice;
  const state = { device, failing: undefined as Error | undefined, clock: NOW };
  const ifUp = <T>(value: T): Promise<T> =>
    state.failing ? Promise.reject(state.failing) : Promise.resolve(value);
  const factor = (): FactorOfDevice => ({
    device: state.device,
    factor: { ...TEMP_FACTOR, pk: 7, devicePk: 42, name: '' },
  });
  const store: Partial<PointStore> = {
    history: (query) => {
      asked.push(query);
      return ifUp({
        total: points.length,
        points: points.map(({ t, value, version }) => ({ t, value, version })),
      });
    },
    latest: () => ifUp(points),
  };
  const cache = new ResponseCache();
  const metrics = createMetricsRegistry('api');
  const deps: ServerDeps = {
    // The routes that these tests call ask for no more.
    registry: {
      verifyToken: (text) => ifUp<TokenVerdict>(TOKENS[text] ?? { ok: false, reason: 'unknown' }),
      findDevice: async (_scope, { devicePk, projectId }) =>
        devicePk === 42 && projectId === 'greenhouse-alpha' ? state.device : undefined,
      findFactor: async (_scope, { devicePk, factorPk }) =>
        devicePk === 42 && factorPk === 7 ? factor() : undefined,
      findFactorByAgriId: async (_scope, id) => (id === TEMP ? factor() : undefined),
      contacts: { note: (devicePk) => void contacts.push(devicePk) },
      plans: {
        plansFor: async () =>
          new Map<AgriId, DevicePlan>([
            [DEVICE, { device, plan: compilePlan([TEMP_FACTOR]), subDevices: [] }],
          ]),
      },
    } as Partial<ServerDeps['registry']> as ServerDeps['registry'],
    producer: {
      send: async (uplink) => {
        await ifUp(undefined);
        packUplinks(uplink);
        sent.push(uplink);
      },
    },
    store: store as PointStore,
    cache,
    operations: createOperations(new Readiness(), metrics),
    metrics,
    logger: createLogger({ service: 'api', level: 'silent' }),
    receivedAt: () => state.clock,
    ...change,
  };
  const server = createServer(deps);
  const call = async (
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    options: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
  ) => {
    const { token: bearer = 'manager', body, headers = {} } = options;
    const payload =
      body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await server.inject({
      method,
      url,
      headers: { authorization: `Bearer ${bearer}`, ...type, ...headers },
      ...payload,
    });
    return { status: response.statusCode, headers: response.headers, json: response.json() };
  };
  return { server, call, sent, asked, contacts, points, state, cache };
}

/** A stored point of the temperature factor. */
export function tempPoint(t: number, value: number): Point {
  return {
    agriId: TEMP,
    t,
    value,
    version: NOW,
    device: DEVICE,
    orgId: 'yanji-lab',
    projectId: 'greenhouse-alpha',
    theType: 'temp',
  };
}
