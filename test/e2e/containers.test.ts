import { GenericContainer, Wait } from 'testcontainers';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  expectCommandToPass,
  expectReadingToPass,
  sharedDeployment,
  untilReady,
} from '../support/deployment.ts';
import { missingImages } from '../support/engines/container-engine.ts';
import { freePort } from '../support/free-port.ts';

/** What `npm run image` makes. */
const IMAGES = {
  ingest: 'furrow-ingest:local',
  api: 'furrow-api:local',
  downlink: 'furrow-downlink:local',
};

const missing = await missingImages(Object.values(IMAGES));

if (missing !== undefined) {
  describe('the images', () => {
    it('are not tested without Docker and `npm run image`, of which CI has both', () => {
      process.stderr.write(`\n*** The images are NOT tested, only the bundles: ${missing}. ***\n\n`);
      expect(process.env['FURROW_TEST_CONTAINERS']).not.toBe('required');
    });
  });
} else {
  describe('the images', () => {
    const prepare = sharedDeployment();

    it('take a reading from the POST to the reader and a command to the gateway, as nobody, on a root file system that cannot be written', {
      timeout: 180_000,
    }, async () => {
      const { env, devicePk } = await prepare();
      const ingest = await startService('ingest', env);
      const api = await startService('api', env);
      const downlink = await startService('downlink', env);
      await expectReadingToPass(api.url, devicePk);
      await expectCommandToPass(api.url, devicePk, env);
      for (const { name, container, startedInMs } of [ingest, api, downlink]) {
        process.stderr.write(`The container of ${name}: ready in ${startedInMs.toFixed(0)} ms\n`);
        expect(await container.exec(['node', '-e', PROBE])).toMatchObject({
          output: 'uid 10001, /furrow EROFS',
          exitCode: 0,
        });
      }
    });
  });
}

/** Says who runs in the container, and why it cannot write there. */
const PROBE = `try { fs.writeFileSync('/furrow/x', ''); } catch ({ code }) { process.stdout.write('uid ' + process.getuid() + ', /furrow ' + code); }`;

class ReadOnlyContainer extends GenericContainer {
  constructor(image: string) {
    super(image);
    this.hostConfig.ReadonlyRootfs = true;
    this.hostConfig.CapDrop = ['ALL'];
  }
}

/** A service in a container that shares the host's network, where the engines of the tests listen on loopback. */
async function startService(name: keyof typeof IMAGES, env: Readonly<Record<string, string>>) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const created = performance.now();
  const container = await new ReadOnlyContainer(IMAGES[name])
    .withNetworkMode('host')
    .withEnvironment({ ...env, FURROW_HTTP: `127.0.0.1:${port}` })
    .withWaitStrategy(Wait.forLogMessage(/consuming uplinks|Server listening|delivering commands/))
    .start();
  onTestFinished(async () => void (await container.stop()));
  await untilReady(url);
  return { name, url, container, startedInMs: performance.now() - created };
}
