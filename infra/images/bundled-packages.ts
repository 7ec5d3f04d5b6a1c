import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { z } from 'zod';

/** A package of somebody else, some file of which is inside a bundle or beside it. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** The licence as its package.json says it: an SPDX expression. */
  readonly licence: string;
  /** Folder of its files. */
  readonly folder: string;
}

const manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)]),
});

const PACKAGE_FOLDER = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/**
 * The packages whose files ended in the bundle or are copied beside it (`assets`), by name and version: what was resolved but shaken out is
 * not among them. All paths are relative to `root`. Throws when a package does not say its licence.
 */
export function bundledPackages(
  metafile: Metafile,
  root: string,
  assets: readonly string[],
): readonly BundledPackage[] {
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
  const folders = new Set([...used, ...assets].flatMap((file) => PACKAGE_FOLDER.exec(file)?.[1] ?? []));
  const packages = [...folders].map((path) => readPackage(join(root, path)));
  const byName = new Map(packages.map((found) => [`${found.name}@${found.version}`, found]));
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, found]) => found);
}

function readPackage(folder: string): BundledPackage {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) throw new Error(`${file} is not there, so the licence of ${folder} is not known`);
  const parsed = manifest.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file}: ${parsed.error.issues[0]?.message}`);
  const { name, version, license } = parsed.data;
  return { name, version, licence: license, folder };
}
