import { existsSync, globSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { Image } from './import-image.ts';
import { USER_ID } from './root-file-system.ts';

/**
 * A server that Furrow's services need around them, whose image is made of what Debian's packages have put on this machine, where no
 * registry can be asked for the official one. It takes the official image's place in compose.yaml and in the tests: the same variables,
 * command, ports and folders, as far as those use them. For this machine only; never to be passed on.
 */
export interface Server {
  readonly name: string;
  /** The Debian packages that must be installed. */
  readonly packages: readonly string[];
  /** Throws when something of it is not on this machine. */
  image(): Image;
}

const USER = `USER ${USER_ID}:${USER_ID}`;
/** What the entry points are written in, and where each lies. */
const SHELL = { 'bin/sh': '/bin/sh', 'bin/sleep': '/bin/sleep' };
const ENTRY = 'entry.sh';

/** One entry a server. */
export const SERVERS = {
  postgres: { name: 'postgres', packages: ['postgresql'], image: postgresImage },
  influxdb: { name: 'influxdb', packages: ['influxdb', 'influxdb-client'], image: influxImage },
  mosquitto: { name: 'mosquitto', packages: ['mosquitto'], image: mosquittoImage },
} as const satisfies Record<string, Server>;

export type ServerName = keyof typeof SERVERS;

/** PostgreSQL looks for its own files where Debian has them, so they keep their places. */
function postgresImage(): Image {
  const [home] = globSync('/usr/lib/postgresql/*/bin/initdb')
    .map((initdb) => dirname(dirname(initdb)))
    .sort((a, b) => b.localeCompare(a, undefined, { numeric: true }));
  if (home === undefined) throw new Error('initdb is not on this machine');
  const share = home.replace('/lib/', '/share/');
  const programs = ['postgres', 'initdb', 'pg_ctl', 'pg_isready', 'createdb', 'psql'];
  // The two that initdb loads.
  const libraries = ['plpgsql.so', 'dict_snowball.so'];
  const binaries = [
    ...programs.map((name) => `${home}/bin/${name}`),
    ...libraries.map((name) => `${home}/lib/${name}`),
  ];
  const zone = '/usr/share/zoneinfo/UTC';
  return {
    contents: {
      binaries: { ...SHELL, ...Object.fromEntries(binaries.map((file) => [file.slice(1), file])) },
      copies: { [share.slice(1)]: share, [zone.slice(1)]: zone, [ENTRY]: ours('postgres.sh') },
      writable: ['var/lib/postgresql/data', 'var/run/postgresql'],
    },
    instructions: [
      // A folder inside the volume, because the volume's own belongs to root.
      `ENV PATH=${home}/bin:/bin PGDATA=/var/lib/postgresql/data/cluster`,
      'EXPOSE 5432',
      USER,
      `ENTRYPOINT ["/${ENTRY}"]`,
      'CMD ["postgres"]',
    ],
  };
}

function influxImage(): Image {
  const data = '/var/lib/influxdb';
  return {
    contents: {
      binaries: {
        ...SHELL,
        'usr/bin/influxd': installed('influxd'),
        'usr/bin/influx': installed('influx'),
      },
      copies: { [ENTRY]: ours('influxdb.sh') },
      writable: [data.slice(1)],
    },
    instructions: [
      'ENV PATH=/usr/bin:/bin HOME=/tmp',
      `ENV INFLUXDB_META_DIR=${data}/meta INFLUXDB_DATA_DIR=${data}/data INFLUXDB_DATA_WAL_DIR=${data}/wal`,
      'EXPOSE 8086',
      USER,
      `ENTRYPOINT ["/${ENTRY}"]`,
      'CMD ["influxd"]',
    ],
  };
}

function mosquittoImage(): Image {
  const configuration = 'mosquitto-no-auth.conf';
  return {
    contents: {
      binaries: { 'usr/sbin/mosquitto': installed('mosquitto') },
      copies: { [configuration]: ours(configuration) },
    },
    instructions: ['ENV PATH=/usr/sbin', 'EXPOSE 1883', USER, `CMD ["mosquitto", "-c", "/${configuration}"]`],
  };
}

function ours(file: string): string {
  return join(import.meta.dirname, 'servers', file);
}

/** The program of the PATH, or of where Debian keeps those of the administrator. */
function installed(program: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  const file = folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
  if (file === undefined) throw new Error(`${program} is not on this machine`);
  return realpathSync(file);
}
