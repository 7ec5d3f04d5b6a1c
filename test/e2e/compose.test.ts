import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { provideQueues } from '../../infra/localstack/provide-queues.ts';
import { expectCommandToPass, expectReadingToPass } from '../support/deployment.ts';
import { missingImages } from '../support/engines/container-engine.ts';
import { tempFolder } from '../support/temp-folder.ts';

const COMPOSE_FILE = resolve(import.meta.dirname, '../../infra/localstack/compose.yaml');
/** The token of `fleet.json`, and the key of its only device. */
const TOKEN = 'fur_local-development-only';
const DEVICE_PK = 1;

/** What `npm run image` makes; the images of servers that somebody names are taken instead. */
const SERVER_IMAGES = {
  LOCALSTACK_IMAGE: process.env['LOCALSTACK_IMAGE'] ?? 'furrow-embedded-sqs:local',
  POSTGRES_IMAGE: process.env['POSTGRES_IMAGE'] ?? 'furrow-postgres:local',
  INFLUXDB_IMAGE: process.env['INFLUXDB_IMAGE'] ?? 'furrow-influxdb:local',
  MOSQUITTO_IMAGE: process.env['MOSQUITTO_IMAGE'] ?? 'furrow-mosquitto:local',
};
const SERVERS = ['sqs', 'postgres', 'influxdb', 'mosquitto'];
const SERVICES = ['ingest', 'api', 'downlink'];

/** Any free ports, so that a system that somebody has up on the usual ones is left alone. */
const OWN_PORTS = `services:
  sqs: { ports: !override ["127.0.0.1::4566"] }
  mosquitto: { ports: !override ["127.0.0.1::1883"] }
  api: { ports: !override ["127.0.0.1::8080"] }
`;

const run = promisify(execFile);
const missing = await missingParts();

if (missing !== undefined) {
  describe('compose.yaml', () => {
    it('is not started without Docker, its compose and the images of `npm run image`', () => {
      process.stderr.write(`\n*** compose.yaml is NOT started, only read: ${missing}. ***\n\n`);
      expect(process.env['FURROW_TEST_COMPOSE']).not.toBe('required');
    });
  });
} else {
  describe('compose.yaml', () => {
    it('brings up a system that takes a reading and a command', { timeout: 300_000 }, async () => {
      const project = await Project.create();
      await project.up(SERVERS);
      await provideQueues(`http://${await project.address('sqs', 4566)}`);
      const seeded = await project.compose('run', '--rm', '--pull', 'never', 'furrow', 'seed', '/fleet.json');
      expect(seeded).toContain('devices: 1 created');
      await project.up(SERVICES);

      const api = `http://${await project.address('api', 8080)}`;
      await expectReadingToPass(api, DEVICE_PK, TOKEN);
      const broker = {
        FURROW_MQTT_URL: `mqtt://${await project.address('mosquitto', 1883)}`,
        FURROW_MQTT_VERSION: '5',
        FURROW_MQTT_DOWN_TOPIC: 'furrow/{device_id}/down',
        FURROW_MQTT_UP_TOPIC: 'furrow/{device_id}/up',
      };
      await expectCommandToPass(api, DEVICE_PK, broker, TOKEN);
    });
  });
}

/** The containers, the network and the volumes of one test. */
class Project {
  readonly #files: readonly string[];
  readonly #name = `furrow-test-${randomBytes(4).toString('hex')}`;

  private constructor(files: readonly string[]) {
    this.#files = files;
  }

  /** Everything of it is removed when the test has finished; its logs are printed when it failed. */
  static async create(): Promise<Project> {
    const ownPorts = join(await tempFolder(), 'own-ports.yaml');
    await writeFile(ownPorts, OWN_PORTS);
    const project = new Project([COMPOSE_FILE, ownPorts]);
    onTestFinished(async ({ task }) => {
      if (task.result?.state === 'fail') process.stderr.write(await project.compose('logs', '--no-color'));
      await project.compose('down', '--volumes', '--timeout', '10');
    });
    return project;
  }

  /** Starts these and what they need, and waits until all are healthy. Nothing is built or pulled. */
  async up(services: readonly string[]): Promise<void> {
    await this.compose('up', '--detach', '--wait', '--no-build', '--pull', 'never', ...services);
  }

  /** Host and port on this machine of what a service listens on. */
  async address(service: string, port: number): Promise<string> {
    return (await this.compose('port', service, String(port))).trim();
  }

  async compose(...args: readonly string[]): Promise<string> {
    const files = this.#files.flatMap((file) => ['--file', file]);
    const { stdout } = await run('docker', ['compose', '--project-name', this.#name, ...files, ...args], {
      env: { ...process.env, ...SERVER_IMAGES },
    });
    return stdout;
  }
}

async function missingParts(): Promise<string | undefined> {
  const programs = [...SERVICES, 'furrow'].map((name) => `furrow-${name}:local`);
  const image = await missingImages([...programs, ...Object.values(SERVER_IMAGES)]);
  if (image !== undefined) return image;
  return await run('docker', ['compose', 'version']).then(
    () => undefined,
    () => 'Docker has no compose',
  );
}
