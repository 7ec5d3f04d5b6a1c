import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { BUNDLE_OPTIONS } from '../src/bundling/bundle-options.ts';
import { type BundledPackage, bundledPackages } from './bundled-packages.ts';
import { leaveOutEmbedded } from './leave-out-embedded.ts';
import { leaveOutLocales } from './leave-out-locales.ts';
import { licenceTexts } from './licence-texts.ts';
import { PROGRAMS, type Program, type ProgramName } from './programs.ts';
import { softwareBillOfMaterials } from './software-bill-of-materials.ts';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface Bundle {
  readonly program: Program;
  /** The one file, with what it needs beside it: the folder may be copied anywhere, nothing is installed. */
  readonly mainFile: string;
  readonly bytes: number;
  /** What of other people is inside, by name and version. */
  readonly packages: readonly BundledPackage[];
}

/**
 * Bundles one program into `<folder>/services/<name>/main.mjs`, with its assets, its source map, its software bill of materials (CycloneDX) and
 * the licences of all that is inside. `<folder>/migrations` stands where the registry looks for it, two folders above its code. The
 * same sources give the same bytes.
 */
export async function bundleProgram(name: ProgramName, folder: string): Promise<Bundle> {
  const program: Program = PROGRAMS[name];
  const home = join(folder, 'services', name);
  const mainFile = join(home, 'main.mjs');
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  const { metafile } = await build({
    ...BUNDLE_OPTIONS,
    absWorkingDir: ROOT,
    entryPoints: [program.entry],
    outfile: mainFile,
    sourcemap: 'external',
    sourcesContent: false,
    external: ['pg-native'],
    plugins: [leaveOutLocales, ...(program.embedded ? [] : [leaveOutEmbedded])],
    metafile: true,
    logLevel: 'warning',
  });
  const assets = copyAssets(program, home);
  const packages = bundledPackages(metafile, ROOT, assets);
  writeFileSync(join(home, 'sbom.cdx.json'), softwareBillOfMaterials(program, packages));
  writeFileSync(join(home, 'THIRD-PARTY-LICENCES.txt'), licenceTexts(packages));
  cpSync(join(ROOT, 'packages/registry/migrations'), join(folder, 'migrations'), { recursive: true });
  return { program, mainFile, bytes: readFileSync(mainFile).length, packages };
}

/** Copies what the program reads from beside its file; returns where it came from. */
function copyAssets({ assets = {} }: Program, home: string): readonly string[] {
  const { resolve: find } = createRequire(join(ROOT, 'services/api/package.json'));
  return Object.entries(assets).map(([place, specifier]) => {
    const source = find(specifier);
    cpSync(source, join(home, place));
    return relative(ROOT, realpathSync(source));
  });
}
