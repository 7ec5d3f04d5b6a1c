import { randomBytes } from 'node:crypto';
import { startEmbeddedBroker } from '../../src/embedded/index.ts';

/** A broker that the suites run on. */
export interface TestBroker {
  readonly name: 'aedes' | 'mosquitto';
  readonly protocolVersion: 4 | 5;
  open(): Promise<{ readonly url: string; close(): Promise<void> }>;
}

/**
 * The embedded broker always, Mosquitto when FURROW_TEST_MQTT is the URL of one that lets everybody in. With
 * FURROW_TEST_ENGINES=required a missing server is a failure; otherwise it is said loudly.
 */
export function testBrokers(): readonly TestBroker[] {
  const url = process.env['FURROW_TEST_MQTT'];
  if (url)
    return [
      aedes,
      { name: 'mosquitto', protocolVersion: 5, open: async () => ({ url, close: async () => {} }) },
    ];
  const missing = 'FURROW_TEST_MQTT is not set: the downlink is NOT tested on Mosquitto, only on aedes.';
  if (process.env['FURROW_TEST_ENGINES'] === 'required') throw new Error(missing);
  process.stderr.write(`\n*** ${missing} ***\n\n`);
  return [aedes];
}

const aedes: TestBroker = { name: 'aedes', protocolVersion: 4, open: () => startEmbeddedBroker() };

/** Topics that no other run on the same broker has. */
export function ownTopics() {
  const run = `test-${randomBytes(6).toString('hex')}`;
  return { down: `${run}/{device_id}/down`, up: `${run}/{device_id}/up` };
}
