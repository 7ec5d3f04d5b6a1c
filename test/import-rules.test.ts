import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

/** docs/architecture.md, "Rooms": what each room may import of ours. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'packages/contracts': [],
  'packages/runtime': [],
  'packages/decoding': ['contracts'],
  'packages/queue': ['contracts'],
  'packages/timeseries': ['contracts'],
  'packages/registry': ['contracts', 'decoding'],
  'services/ingest': ['contracts', 'decoding', 'queue', 'registry', 'runtime', 'timeseries'],
  'services/api': ['contracts', 'decoding', 'queue', 'registry', 'runtime', 'timeseries'],
  infra: ['contracts', 'queue', 'runtime'],
  'services/downlink': ['contracts', 'decoding', 'queue', 'registry', 'runtime'],
  'packages/cli': [
    'contracts',
    'decoding',
    'queue',
    'registry',
    'runtime',
    'timeseries',
    'ingest',
    'api',
    'downlink',
  ],
};

/** The one folder in which a vendor's client may be imported. */
const VENDOR_HOME: Readonly<Record<string, string>> = {
  '@aws-sdk/client-sqs': 'packages/queue/src/',
  'sqs-consumer': 'packages/queue/src/',
  fauxqs: 'packages/queue/src/embedded/',
  '@duckdb/node-api': 'packages/timeseries/src/duckdb/',
  '@aws-sdk/client-timestream-query': 'packages/timeseries/src/timestream/',
  '@aws-sdk/client-timestream-write': 'packages/timeseries/src/timestream/',
  '@electric-sql/pglite': 'packages/registry/src/',
  pg: 'packages/registry/src/',
  'drizzle-orm': 'packages/registry/src/',
  '@aws-sdk/rds-signer': 'packages/registry/src/engine/',
  pino: 'packages/runtime/src/',
  'prom-client': 'packages/runtime/src/',
  mqtt: 'services/downlink/src/',
  aedes: 'services/downlink/src/embedded/',
  fastify: 'services/api/src/',
  'aws-cdk-lib': 'infra/src/',
  'cdk-nag': 'infra/src/',
  '@aws-sdk/client-ecs': 'infra/src/functions/',
  '@aws-sdk/client-secrets-manager': 'infra/src/functions/',
  '@fastify/multipart': 'services/api/src/',
  '@fastify/rate-limit': 'services/api/src/',
  '@opentelemetry/api': 'packages/runtime/src/',
  '@opentelemetry/sdk-trace': 'packages/runtime/src/',
};

/** Files that may read the environment of the process: where a process begins. */
const MAY_READ_ENVIRONMENT =
  /^(services\/[^/]+\/src\/(config|main|lambda)\.ts|packages\/cli\/src\/(main\.ts|commands\/.*))$/;

const IMPORT =
  /(?:^|\n)\s*(?:import|export)[^'"\n;]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s*['"]([^'"]+)['"]/g;

interface SourceFile {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const sources: SourceFile[] = globSync(['{packages,services}/*/src/**/*.ts', 'infra/src/**/*.ts'], {
  cwd: ROOT,
}).map((path) => {
  const text = readFileSync(resolve(ROOT, path), 'utf8');
  const joined = text.replace(/\{[^{}]*\}(?=\s*from)/g, '');
  const imports = [...joined.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
  return { path, room: path.slice(0, path.indexOf('/src/')), text, imports };
});

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(resolve(ROOT, folder, 'package.json'), 'utf8'));

function violations(find: (file: SourceFile) => readonly string[]): string[] {
  return sources.flatMap((file) => find(file).map((what) => `${file.path}: ${what}`));
}

describe('the import rules of docs/architecture.md', () => {
  it('reads the source of every room', () => {
    expect([...new Set(sources.map(({ room }) => room))].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
    expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(200);
  });

  it('lets a room import only the rooms it may', () => {
    const found = violations(({ room, imports }) =>
      imports.filter(
        (name) =>
          name.startsWith('@furrow/') &&
          !MAY_IMPORT[room]?.includes(packageOf(name).slice('@furrow/'.length)),
      ),
    );
    expect(found).toEqual([]);
  });

  it('lets a package.json name only the rooms that may be imported', () => {
    const found = Object.entries(MAY_IMPORT).flatMap(([room, allowed]) => {
      const { dependencies = {} } = manifestOf(room);
      const ours = Object.keys(dependencies).filter((name) => name.startsWith('@furrow/'));
      return ours
        .filter((name) => !allowed.includes(name.slice('@furrow/'.length)))
        .map((name) => `${room}: ${name}`);
    });
    expect(found).toEqual([]);
  });

  it('keeps every relative import inside its room, on a file that exists', () => {
    const found = violations(({ path, room, imports }) =>
      imports
        .filter((name) => name.startsWith('.'))
        .filter((name) => {
          const target = resolve(ROOT, dirname(path), name);
          // A file that a package keeps out of its exports.
          if (target.startsWith(resolve(ROOT, room, 'node_modules/'))) return !existsSync(target);
          return relative(resolve(ROOT, room, 'src'), target).startsWith('..') || !existsSync(target);
        }),
    );
    expect(found).toEqual([]);
  });

  it('imports a vendor only in the one folder that is its home', () => {
    const found = violations(({ path, imports }) =>
      imports.filter((name) => {
        const home = VENDOR_HOME[packageOf(name)];
        return home !== undefined && !path.startsWith(home);
      }),
    );
    expect(found).toEqual([]);
  });

  it('imports nothing that its package.json does not name; a conformance suite also what tests may use', () => {
    const testing = manifestOf('.').devDependencies;
    const found = violations(({ path, room, imports }) => {
      const manifest = manifestOf(room);
      const allowed = {
        ...manifest.dependencies,
        ...(path.includes('/conformance/') && testing),
        [manifest.name]: '',
      };
      const outside = imports.filter((specifier) => !/^(\.|node:)/.test(specifier)).map(packageOf);
      const types = { ...manifest.dependencies, ...manifest.devDependencies };
      return outside.filter((specifier) => !(specifier in allowed) && !(`@types/${specifier}` in types));
    });
    expect(found).toEqual([]);
  });

  it('reads the environment of the process only where a process begins', () => {
    const found = violations(({ path, text }) =>
      /process\.env/.test(text) && !MAY_READ_ENVIRONMENT.test(path) ? ['process.env'] : [],
    );
    expect(found).toEqual([]);
  });
});
