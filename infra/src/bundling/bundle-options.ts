import type { BuildOptions } from 'esbuild';

/** CommonJS packages inside a bundle ask for Node's own modules by `require`. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

/** How everything that is deployed is made one file: the programs of the images and the functions of the stacks. */
export const BUNDLE_OPTIONS = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minify: true,
  // Names of errors and of classes are read by people, and some by the code itself.
  keepNames: true,
  // The licences stand in a file of their own.
  legalComments: 'none',
  banner: { js: REQUIRE },
} as const satisfies BuildOptions;
