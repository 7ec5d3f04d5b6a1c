import { agriId, type CommandMessage, type Point, type UplinkMessage } from '@furrow/contracts';
import { openRegistry, parseFleet, type Registry } from '@furrow/registry';
import { createLogger, createMetricsRegistry, createOperations, Readiness } from '@furrow/runtime';
import type { PointStore } from '@furrow/timeseries';
import type { FastifyInstance } from 'fastify';
import type { ApiSettings } from '../src/api-deps.ts';
import { DEFAULT_CONTROL } from '../src/control.ts';
import { ResponseCache } from '../src/response-cache.ts';
import { createServer } from '../src/server.ts';

const temp = (over: object = {}) => ({
  unit: 1,
  address: 0,
  modbus_type: 'holding',
  data_type: 'int16',
  data_factor: 0.1,
  the_type: 'temp',
  name: 'Air temperature',
  ...over,
});

export const ALPHA = '/api/v2/projects/greenhouse-alpha/devices';
export const EAST = '/api/v2/projects/cold-chain-east/devices';
export const SAFE_CODE = '8K2P';
export const FREE_DEVICE = '868686000999999';

/** Tokens by what they may do; the texts are their own names. */
export const TOKENS = {
  manager: 'token-of-the-manager',
  reader: 'token-of-the-reader',
  alphaManager: 'token-of-alpha-manager',
  eastManager: 'token-of-east-manager',
  foreign: 'token-of-a-foreign-manager',
  expired: 'token-that-is-expired',
  inactive: 'token-that-is-inactive',
  orphaned: 'token-of-a-closed-org',
} as const;

export type TokenName = keyof typeof TOKENS;

const manager = (name: string, token: string, over: object = {}) => ({
  name,
  role: 'manager',
  token,
  ...over,
});

const FLEET = {
  orgs: [
    {
      slug: 'yanji-lab',
      tokens: [
        manager('manager', TOKENS.manager),
        manager('reader', TOKENS.reader, { role: 'reader' }),
        manager('alpha', TOKENS.alphaManager, { projects: ['greenhouse-alpha'] }),
        manager('east', TOKENS.eastManager, { projects: ['cold-chain-east'] }),
        manager('expired', TOKENS.expired, { expires_at: '2020-01-01T00:00:00Z' }),
      ],
      projects: [
        {
          project_id: 'greenhouse-alpha',
          name: 'Greenhouse Alpha',
          devices: [
            {
              device_id: '868686000123456',
              agri_id: 'd-1000-abcd',
              device_name: 'Gateway #1',
              info: 'North 100%_wall',
              safe_code: SAFE_CODE,
              factors: [temp(), temp({ address: 1, the_type: 'humi', name: '', min: 0, max: 100 })],
            },
            {
              device_id: '868686000123457',
              agri_id: 'd-1001-abcd',
              device_name: 'Second GATEWAY',
              info: '100 walls',
            },
          ],
        },
        {
          project_id: 'cold-chain-east',
          name: 'Cold Chain East',
          devices: [
            {
              device_id: '868686000200000',
              agri_id: 'd-1002-abcd',
              device_name: 'Freezer',
              factors: [temp()],
            },
          ],
        },
      ],
    },
    {
      slug: 'strangers',
      tokens: [manager('manager', TOKENS.foreign)],
      projects: [
        {
          project_id: 'greenhouse-alpha',
          devices: [{ device_id: 'foreign-1', agri_id: 'd-2000-wxyz', safe_code: 'ZZZZ', factors: [temp()] }],
        },
        { project_id: 'far-away', devices: [] },
      ],
    },
    { slug: 'closed', is_active: false, tokens: [manager('manager', TOKENS.orphaned)] },
  ],
};

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  // What a test expects of it is what it is about.
  // biome-ignore lint/suspicious/noExplicitAny: the tests read answers by the documents' names
  readonly json: any;
}

export type Ask = (
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  options?: {
    readonly token?: TokenName;
    readonly body?: unknown;
    readonly payload?: string | Buffer;
    readonly headers?: Readonly<Record<string, string>>;
  },
) => Promise<Answer>;

/** The API on a registry of its own, with a queue and a store that tests look into. */
export class LivingApi {
  readonly sent: UplinkMessage[] = [];
  /** What came to the commands queue, and what that queue refuses it with. */
  readonly commandsSent: CommandMessage[] = [];
  commandsRefusedWith: Error | undefined;
  readonly points: Point[] = [];
  /** Primary keys by device_id of the fleet. */
  readonly pks = new Map<string, number>();
  #registry: Registry | undefined;
  #server: FastifyInstance | undefined;
  #oneCommand = '';

  get registry(): Registry {
    if (!this.#registry) throw new Error('the registry is not open');
    return this.#registry;
  }

  get server(): FastifyInstance {
    if (!this.#server) throw new Error('there is no server');
    return this.#server;
  }

  async open(): Promise<void> {
    this.#registry = await openRegistry('pglite::memory:', {
      tokens: { cacheMs: 0 },
      contacts: { gatherMs: 1 },
    });
    const seeded = parseFleet(FLEET);
    await this.registry.applyFleet(seeded);
    await this.registry.devices.register({ deviceId: FREE_DEVICE, safeCode: SAFE_CODE });
    this.restart();
    for (const token of ['manager', 'foreign'] as const) {
      const { json } = await this.ask('GET', '/api/v2/devices/', { token });
      for (const { id, device_id } of json.data) this.pks.set(device_id, id);
    }
  }

  /** A new server on the same registry: empty caches, other settings. */
  restart(settings: Partial<ApiSettings> = { requestsPerMinute: 0 }, hasControl = true): void {
    const metrics = createMetricsRegistry('api');
    const store: Partial<PointStore> = {
      history: async ({ agriId: id }) => {
        const points = this.points.filter((point) => point.agriId === id);
        return { total: points.length, points };
      },
      latest: async (device) => this.points.filter((point) => point.agriId.startsWith(`${device}-`)),
    };
    this.#server = createServer({
      registry: {
        ...this.registry,
        // No fleet file can say that a token is switched off.
        verifyToken: async (text) =>
          text === TOKENS.inactive
            ? { ok: false, reason: 'inactive' }
            : await this.registry.verifyToken(text),
      },
      producer: { send: async (uplink) => void this.sent.push(uplink) },
      store: store as PointStore,
      cache: new ResponseCache(),
      operations: createOperations(new Readiness(), metrics),
      metrics,
      logger: createLogger({ service: 'api', level: 'silent' }),
      receivedAt: Date.now,
      ...(hasControl && { control: { sender: { send: this.#sendCommand }, settings: DEFAULT_CONTROL } }),
      settings,
    });
  }

  readonly #sendCommand = async (message: CommandMessage): Promise<void> => {
    if (this.commandsRefusedWith) throw this.commandsRefusedWith;
    this.commandsSent.push(message);
  };

  /** The token of a command to the first gateway; always the same one. */
  async oneCommand(): Promise<string> {
    if (this.#oneCommand !== '') return this.#oneCommand;
    const verdict = await this.registry.verifyToken(TOKENS.manager);
    if (!verdict.ok) throw new Error(verdict.reason);
    const issued = await this.registry.commands.issue(
      verdict.token,
      { devicePk: this.pk('868686000123456') },
      { action: { kind: 'reboot' }, requestedBy: verdict.token.id, ttlSeconds: 600 },
    );
    if (issued.kind !== 'issued') throw new Error(issued.kind);
    this.#oneCommand = issued.token;
    return issued.token;
  }

  async close(): Promise<void> {
    await this.#server?.close();
    await this.#registry?.close();
  }

  pk(deviceId: string): number {
    return this.pks.get(deviceId) ?? 0;
  }

  readonly ask: Ask = async (method, url, options = {}) => {
    const { token = 'manager', body, payload, headers = {} } = options;
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = body === undefined ? payload : JSON.stringify(body);
    const response = await this.server.inject({
      method,
      url,
      headers: { authorization: `Bearer ${TOKENS[token]}`, ...json, ...headers },
      ...(sent !== undefined && { payload: sent }),
    });
    const text = response.body;
    return {
      status: response.statusCode,
      headers: response.headers,
      body: text,
      json: text === '' ? undefined : JSON.parse(text),
    };
  };
}

/** A stored point, by its label, type and value. */
export function point(id: string, theType: string, value: number, t = 1708070400_000): Point {
  const device = agriId(id.split('-').slice(0, 3).join('-'));
  return {
    agriId: agriId(id),
    t,
    value,
    version: t,
    device,
    orgId: 'yanji-lab',
    projectId: 'greenhouse-alpha',
    theType,
  };
}
