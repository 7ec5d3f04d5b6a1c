/** A program that is shipped as one file in an image of its own. */
export interface Program {
  readonly name: string;
  /** Its entry file, from the root of the repository. */
  readonly entry: string;
  /** Where it answers in its image, and the path that says whether it is well; left out for one that only runs commands. */
  readonly serves?: { readonly port: number; readonly healthPath: string };
  /** Files that it reads from beside its own: the place there, and the module specifier by which the API's package finds them. */
  readonly assets?: Readonly<Record<string, string>>;
  /** Options of Node.js that it runs with, unless NODE_OPTIONS says others. */
  readonly nodeOptions?: string;
  /** Whether the embedded engines, which are for development, are inside. */
  readonly embedded?: boolean;
}

/** The reference page of the API. */
const API_ASSETS = {
  'swagger-ui/swagger-ui.css': 'swagger-ui-dist/swagger-ui.css',
  'swagger-ui/swagger-ui-bundle.js': 'swagger-ui-dist/swagger-ui-bundle.js',
};
/**
 * What keeps a service's memory small: without them V8 lets 200 MiB of garbage wait, and in a container takes its limits from the container's.
 * A worker behind a backlog then stays under 256 MiB, for a quarter more CPU.
 */
const SMALL = '--max-semi-space-size=16 --max-old-space-size=512';
const SERVES = { port: 8080, healthPath: '/healthz' };

/** One line a program. */
export const PROGRAMS = {
  ingest: { name: 'ingest', entry: 'services/ingest/src/main.ts', serves: SERVES, nodeOptions: SMALL },
  api: {
    name: 'api',
    entry: 'services/api/src/main.ts',
    serves: SERVES,
    assets: API_ASSETS,
    nodeOptions: SMALL,
  },
  downlink: { name: 'downlink', entry: 'services/downlink/src/main.ts', serves: SERVES, nodeOptions: SMALL },
  /** Every `furrow …` command that works against servers, for tasks of operators. */
  furrow: { name: 'furrow', entry: 'packages/cli/src/main.ts', assets: API_ASSETS },
  /** The embedded SQS on port 4566, for tests and development on container networks. Never for production. */
  'embedded-sqs': {
    name: 'embedded-sqs',
    entry: 'infra/images/embedded-sqs.ts',
    serves: { port: 4566, healthPath: '/health' },
    embedded: true,
  },
} as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof PROGRAMS;
