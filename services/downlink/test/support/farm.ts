import { randomUUID } from 'node:crypto';
import type { CommandAction, CommandState } from '@furrow/contracts';
import { CommandSender, createSqsClient, ensureQueues, probeQueue } from '@furrow/queue';
import { type EmbeddedSqs, startEmbeddedSqs } from '@furrow/queue/embedded';
import { openRegistry, parseFleet, type Registry } from '@furrow/registry';
import { createLogger, createMetricsRegistry, Readiness } from '@furrow/runtime';
import { onTestFinished, vi } from 'vitest';
import { type GatewayAnswer, SimulatedGateway } from '../../src/embedded/index.ts';
import { BrokerLink, DownlinkWorker } from '../../src/index.ts';
import { ownTopics, type TestBroker } from './brokers.ts';
import { type Cable, layCable } from './cable.ts';

/** How long a device of these tests may take to confirm, where nothing else is said. */
export const CONFIRM_MS = 500;
export const ON: CommandAction = { kind: 'switch', unit: 1, address: 3, on: true };
export const OFF: CommandAction = { kind: 'switch', unit: 1, address: 3, on: false };

const DEVICES = ['hw-1', 'hw-2', 'hw-3'];
const FLEET = parseFleet({
  orgs: [
    {
      slug: 'yanji-lab',
      tokens: [{ name: 'm', role: 'manager', token: 'token-of-the-manager' }],
      projects: [
        {
          project_id: 'alpha',
          devices: DEVICES.map((device_id) => ({ device_id, agri_id: `d-${device_id}` })),
        },
      ],
    },
  ],
});

/** Registry, queue and broker of one test file; each test takes workers and gateways of its own. */
export class Farm {
  readonly #testBroker: TestBroker;
  #parts:
    | { registry: Registry; sqs: EmbeddedSqs; broker: Awaited<ReturnType<TestBroker['open']>> }
    | undefined;
  readonly #pks = new Map<string, number>();
  topics = ownTopics();
  queueUrl = '';
  deadLetterUrl = '';
  #next = 0;

  constructor(testBroker: TestBroker) {
    this.#testBroker = testBroker;
  }

  get #open() {
    if (!this.#parts) throw new Error('the farm is not open');
    return this.#parts;
  }

  get registry(): Registry {
    return this.#open.registry;
  }

  async open(): Promise<void> {
    const registry = await openRegistry('pglite::memory:', {
      tokens: { cacheMs: 0 },
      contacts: { gatherMs: 1 },
    });
    const [sqs, broker] = [await startEmbeddedSqs({ queues: [] }), await this.#testBroker.open()];
    this.#parts = { registry, sqs, broker };
    await registry.applyFleet(FLEET);
    const verdict = await registry.verifyToken('token-of-the-manager');
    if (!verdict.ok) throw new Error('no token');
    this.scope = verdict.token;
    for (const device of await registry.devices.list(this.scope, {}))
      this.#pks.set(device.deviceId, device.pk);
  }

  scope = { id: 0, orgPk: 0, projects: null as readonly string[] | null };

  async close(): Promise<void> {
    await this.#open.broker.close();
    await this.#open.sqs.close();
    await this.#open.registry.close();
  }

  /** Fresh queues, topics and devices without commands. */
  async begin(): Promise<void> {
    this.topics = ownTopics();
    await this.registry.commands.forgetBefore(new Date(Date.now() + 60_000));
    for (const pk of this.#pks.values()) {
      await this.registry.devices.update(this.scope, { devicePk: pk }, { allow: true });
    }
    const client = this.client();
    const name = `commands-${++this.#next}-${randomUUID()}`;
    const urls = await ensureQueues(client, [
      { name, deadLetter: { name: `${name}-dead`, maxReceiveCount: 3 } },
    ]);
    this.queueUrl = urls.get(name) ?? '';
    this.deadLetterUrl = urls.get(`${name}-dead`) ?? '';
  }

  client() {
    const client = createSqsClient(this.#open.sqs.clientConfig);
    onTestFinished(() => client.destroy());
    return client;
  }

  pk(deviceId: string): number {
    return this.#pks.get(deviceId) ?? Number.NaN;
  }

  /** A gateway on the broker itself, whatever becomes of the worker's cable. */
  async gateway(answer?: GatewayAnswer, deviceId = 'hw-1'): Promise<SimulatedGateway> {
    const gateway = await SimulatedGateway.start({
      brokerUrl: this.#open.broker.url,
      downTopic: this.topics.down.replace('{device_id}', deviceId),
      upTopic: this.topics.up.replace('{device_id}', deviceId),
      ...(answer && { answer }),
    });
    onTestFinished(() => gateway.close());
    return gateway;
  }

  /** A worker at work, and the cable by which it reaches the broker. */
  async worker(confirmMs = CONFIRM_MS): Promise<{
    worker: DownlinkWorker;
    cable: Cable;
    readiness: Readiness;
    metrics(): Promise<string>;
  }> {
    const cable = await layCable(this.#open.broker.url);
    const readiness = new Readiness();
    const metrics = createMetricsRegistry('downlink');
    const link = await BrokerLink.connect({
      url: cable.url,
      clientId: `test-${randomUUID()}`,
      protocolVersion: this.#testBroker.protocolVersion,
      onChange: (reason) => worker.brokerChanged(reason),
      reconnect: { firstWaitMs: 20, longestWaitMs: 100 },
    });
    const worker = new DownlinkWorker({
      client: this.client(),
      queueUrl: this.queueUrl,
      commands: this.registry.commands,
      contacts: this.registry.contacts,
      link,
      topics: this.topics,
      confirmMs,
      readiness,
      logger: createLogger({ service: 'downlink', level: 'silent' }),
      metrics,
      pollers: 2,
      waitTimeSeconds: 1,
    });
    onTestFinished(async () => {
      await worker.stop(0);
      await link.close();
      await cable.cut();
    });
    worker.start();
    return { worker, cable, readiness, metrics: () => metrics.metrics() };
  }

  /** Writes a command down, as the API does; its token. */
  async issue(
    action: CommandAction,
    options: { deviceId?: string; ttlSeconds?: number } = {},
  ): Promise<string> {
    const { deviceId = 'hw-1', ttlSeconds = 30 } = options;
    const issued = await this.registry.commands.issue(
      this.scope,
      { devicePk: this.pk(deviceId) },
      { action, requestedBy: this.scope.id, ttlSeconds },
    );
    if (issued.kind !== 'issued') throw new Error(issued.kind);
    return issued.token;
  }

  /** Puts a command on the queue, as the API does. */
  async send(token: string, deviceId = 'hw-1'): Promise<void> {
    const sender = new CommandSender({ client: this.client(), queueUrl: this.queueUrl });
    const device = (await this.registry.devices.list(this.scope, {})).find(
      (row) => row.deviceId === deviceId,
    );
    if (!device) throw new Error(`no ${deviceId}`);
    await sender.send({ v: 1, org_id: 'yanji-lab', device: device.agriId, token });
  }

  async give(
    action: CommandAction,
    options: { deviceId?: string; ttlSeconds?: number } = {},
  ): Promise<string> {
    const token = await this.issue(action, options);
    await this.send(token, options.deviceId);
    return token;
  }

  /** How the command stands. */
  async look(token: string) {
    const found = await this.registry.commands.find(this.scope, token);
    return { state: found?.state, reason: found?.reason ?? null, detail: found?.detail ?? '' };
  }

  /** Waits until the command is in one of the states. */
  async until(token: string, ...states: CommandState[]) {
    return await vi.waitFor(
      async () => {
        const look = await this.look(token);
        if (!states.some((state) => state === look.state)) throw new Error(`it is ${look.state}`);
        return look;
      },
      { timeout: 15_000, interval: 25 },
    );
  }

  /** Waits until the queue holds nothing, in hand or not. */
  async untilEmpty(): Promise<void> {
    const client = this.client();
    await vi.waitFor(
      async () => {
        const { messagesVisible, messagesInFlight } = await probeQueue({ client, queueUrl: this.queueUrl });
        if (messagesVisible + messagesInFlight > 0) throw new Error('there are messages');
      },
      { timeout: 15_000, interval: 50 },
    );
  }
}
