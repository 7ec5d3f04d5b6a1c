import type { Fault } from './fault.ts';

export const storeOutage: Fault = {
  name: 'store-outage',
  what: 'the store is gone: connections break and none is taken',
  perMinute: 0.2,
  seconds: [60, 60],
  outage: true,
  begin: ({ storeLine }) => storeLine.cut(),
  end: ({ storeLine }) => storeLine.restore(),
};
