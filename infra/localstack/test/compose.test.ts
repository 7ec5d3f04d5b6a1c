import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseFleet } from '../../../packages/registry/src/index.ts';
import { loadApiConfig } from '../../../services/api/src/config.ts';
import { loadDownlinkConfig } from '../../../services/downlink/src/config.ts';
import { loadIngestConfig } from '../../../services/ingest/src/config.ts';
import { PROGRAMS } from '../../images/programs.ts';

interface Service {
  readonly image?: string;
  readonly build?: {
    readonly context: string;
    readonly dockerfile: string;
    readonly args: { PROGRAM: string };
  };
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, object>>;
}

const FOLDER = resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');
const { services }: { services: Record<string, Service> } = parse(read('compose.yaml'), { merge: true });
const named = Object.entries(services);

describe('compose.yaml', () => {
  it.each([
    ['sqs', 'LOCALSTACK_IMAGE', 'localstack/localstack:4.14.0'],
    ['postgres', 'POSTGRES_IMAGE', 'postgres:17-alpine'],
    ['influxdb', 'INFLUXDB_IMAGE', 'influxdb:1.11-alpine'],
    ['mosquitto', 'MOSQUITTO_IMAGE', 'eclipse-mosquitto:2'],
  ])('takes a known image of %s, which %s changes', (name, variable, image) => {
    expect(services[name]?.image).toBe(`\${${variable}:-${image}}`);
  });

  it.each(named)('%s is a pinned image or a program of ours', (_name, { image, build }) => {
    if (build === undefined) return expect(image).toMatch(/:[\w.-]*\d[\w.-]*\}?$/);
    expect(existsSync(join(FOLDER, build.context, build.dockerfile))).toBe(true);
    expect(Object.keys(PROGRAMS)).toContain(build.args.PROGRAM);
    expect(image, 'what `npm run image` makes').toBe(`furrow-${build.args.PROGRAM}:local`);
  });

  it.each(named)(
    '%s publishes on loopback only, mounts what is there, and needs what is there',
    (_name, service) => {
      for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
      for (const volume of service.volumes ?? []) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('.')) expect(existsSync(join(FOLDER, source)), volume).toBe(true);
      }
      expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(service.depends_on ?? {})));
    },
  );

  it('configures services that start with it', () => {
    expect(loadIngestConfig(services['ingest']?.environment ?? {}).FURROW_STORE).toMatch(/^influx/);
    expect(loadDownlinkConfig(services['downlink']?.environment ?? {}).FURROW_MQTT_URL).toMatch(/mosquitto/);
    expect(loadApiConfig(services['api']?.environment ?? {}).FURROW_HTTP).toEqual({
      host: '0.0.0.0',
      port: 8080,
    });
  });

  it('has a Prometheus that asks the services, and a fleet that loads', () => {
    const { scrape_configs: jobs } = parse(read('prometheus.yml'));
    for (const target of jobs[0].static_configs[0].targets)
      expect(services[target.replace(':8080', '')]).toBeDefined();
    expect(parseFleet(JSON.parse(read('fleet.json'))).orgs).toHaveLength(1);
  });
});
