import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';

interface LeftOut {
  /** The module as its importer names it. */
  readonly module: RegExp;
  /** What stands in its place: the same exports, which say what is missing and what to use instead. */
  readonly instead: string;
}

/** The engines of development hold native code or WebAssembly of tens of megabytes; a deployed process shares a server instead. */
const LEFT_OUT: readonly LeftOut[] = [
  {
    module: /^\.\/duckdb\/index\.ts$/,
    instead: `import { StoreConfigError } from './errors.ts';
      export const openDuckDbStore = async () => {
        throw new StoreConfigError(['this program was built without DuckDB, which belongs to one process; a deployment takes timestream:// or influx+http(s)://']);
      };`,
  },
  {
    module: /^\.\/pglite-engine\.ts$/,
    instead: `import { RegistryUrlError } from '../errors.ts';
      export const openPglite = async () => {
        throw new RegistryUrlError('this program was built without PGlite, which belongs to one process; a deployment takes postgres://');
      };`,
  },
  {
    module: /^\.\/commands\/dev\.ts$/,
    instead: `export const dev = async () => {
        throw new Error('dev runs from a checkout: npm start');
      };`,
  },
];

/** The esbuild plugin that puts a clear refusal in the place of the embedded engines. */
export const leaveOutEmbedded: Plugin = {
  name: 'leave-out-embedded',
  setup(build) {
    for (const { module, instead } of LEFT_OUT) {
      build.onResolve({ filter: module }, ({ path, importer }) => ({
        path,
        namespace: 'left-out',
        pluginData: { resolveDir: dirname(importer), instead },
      }));
    }
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ pluginData }) => ({
      contents: pluginData.instead,
      resolveDir: pluginData.resolveDir,
      loader: 'ts',
    }));
  },
};
