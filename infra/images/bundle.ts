import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { type BundledPackage, bundledPackages } from './bundled-packages.ts';
import { leaveOutEmbedded } from './leave-out-embedded.ts';
import { licenceTexts } from './licence-texts.ts';
import { PROGRAMS, type Program, type ProgramName } from './programs.ts';
import { softwareBillOfMaterials } from './software-bill-of-materials.ts';

export const ROOT = resolve(import.meta.dirname, '../..');

/** CommonJS packages inside the bundle ask for Node's own modules by `require`. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

export interface Bundle {
  readonly program: Program;
  /** The one file, with what it needs beside it: the folder may be copied anywhere, nothing is installed. */
  readonly mainFile: string;
  readonly bytes: number;
  /** What of other people is inside, by name and version. */
  readonly packages: readonly BundledPackage[];
}

/**
 * Bundles one program into `<folder>/services/<name>/main.mjs`, with its source map, its software bill of materials (CycloneDX) and
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
    absWorkingDir: ROOT,
    entryPoints: [program.entry],
    outfile: mainFile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    keepNames: true,
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    banner: { js: REQUIRE },
    external: ['pg-native'],
    plugins: program.embedded ? [] : [leaveOutEmbedded],
    metafile: true,
    logLevel: 'warning',
  });
  const packages = bundledPackages(metafile, ROOT);
  writeFileSync(join(home, 'sbom.cdx.json'), softwareBillOfMaterials(program, packages));
  writeFileSync(join(home, 'THIRD-PARTY-LICENCES.txt'), licenceTexts(packages));
  cpSync(join(ROOT, 'packages/registry/migrations'), join(folder, 'migrations'), { recursive: true });
  return { program, mainFile, bytes: readFileSync(mainFile).length, packages };
}
