import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { BUNDLE_OPTIONS } from '../bundling/bundle-options.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/** Engines for development, and an optional native driver: never in a function. */
const LEFT_OUT = ['@duckdb/node-api', '@electric-sql/pglite', 'pg-native'];
const NOTHING = resolve(import.meta.dirname, 'left-out.cjs');

/** What goes into a function's package beside its code: folders of the repository, each with its name there. */
export type BesideCode = Readonly<Record<string, string>>;

/**
 * The code of a function from its TypeScript entry (a path from the root of the repository), as one file `<folder>/index.mjs` with all that it
 * imports. Built while the templates are written; the same sources give the same bytes, so nothing is deployed that did not change.
 */
export function bundleFunction(entry: string, folder = '.', beside: BesideCode = {}): Code {
  const tryBundle = (outputDir: string): boolean => {
    buildSync({
      ...BUNDLE_OPTIONS,
      absWorkingDir: ROOT,
      entryPoints: [entry],
      outfile: join(outputDir, folder, 'index.mjs'),
      // Not as external ones: those would be looked for as soon as the function starts.
      alias: Object.fromEntries(LEFT_OUT.map((name) => [name, NOTHING])),
      logLevel: 'error',
    });
    for (const [name, source] of Object.entries(beside)) {
      cpSync(join(ROOT, source), join(outputDir, name), { recursive: true });
    }
    return true;
  };
  return Code.fromAsset(resolve(ROOT, entry, '..'), {
    assetHashType: AssetHashType.OUTPUT,
    // The image is asked for by the interface and never used: bundling is local.
    bundling: { image: DockerImage.fromRegistry('none'), local: { tryBundle } },
  });
}
