import type { Fault } from './fault.ts';

export const storeCutLines: Fault = {
  name: 'store-cut-lines',
  what: 'every connection to the store breaks, in the middle of whatever it carries',
  perMinute: 2,
  seconds: [0, 0],
  begin: ({ storeLine }) => storeLine.breakAll(),
};
