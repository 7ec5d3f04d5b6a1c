import type { Fault } from './fault.ts';

export const storeThrottles: Fault = {
  name: 'store-throttles',
  what: 'the store throttles 7 of 10 writes',
  perMinute: 0.6,
  seconds: [4, 10],
  begin: ({ store }) => store.set('throttles', 0.7),
  end: ({ store }) => store.set('throttles', 0),
};
