/** A program that is shipped as one file in an image of its own. */
export interface Program {
  readonly name: string;
  /** Its entry file, from the root of the repository. */
  readonly entry: string;
  /** Where it answers in its image, and the path that says whether it is well; left out for one that only runs commands. */
  readonly serves?: { readonly port: number; readonly healthPath: string };
  /** Files that it reads from beside its own: the place there, and the module specifier by which the API's package finds them. */
  readonly assets?: Readonly<Record<string, string>>;
  /** Whether the embedded engines, which are for development, are inside. */
  readonly embedded?: boolean;
}

/** The reference page of the API. */
const API_ASSETS = {
  'swagger-ui/swagger-ui.css': 'swagger-ui-dist/swagger-ui.css',
  'swagger-ui/swagger-ui-bundle.js': 'swagger-ui-dist/swagger-ui-bundle.js',
};
const SERVES = { port: 8080, healthPath: '/healthz' };

/** One line a program. */
export const PROGRAMS = {
  ingest: { name: 'ingest', entry: 'services/ingest/src/main.ts', serves: SERVES },
  api: { name: 'api', entry: 'services/api/src/main.ts', serves: SERVES, assets: API_ASSETS },
  downlink: { name: 'downlink', entry: 'services/downlink/src/main.ts', serves: SERVES },
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
