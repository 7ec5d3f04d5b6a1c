import type { Plugin } from 'esbuild';

/**
 * The esbuild plugin that leaves out zod's messages in other languages than English, which nobody asks for: half a megabyte that cannot be
 * shaken out, because `z` is one object that has them all.
 */
export const leaveOutLocales: Plugin = {
  name: 'leave-out-locales',
  setup(build) {
    build.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({ contents: 'export {};' }));
  },
};
