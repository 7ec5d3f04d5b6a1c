import type { Fault } from './fault.ts';

export const storeLostAnswers: Fault = {
  name: 'store-lost-answers',
  what: 'the store writes, and the connection breaks before half of the answers',
  perMinute: 0.8,
  seconds: [4, 10],
  begin: ({ store }) => store.set('lostAnswers', 0.5),
  end: ({ store }) => store.set('lostAnswers', 0),
};
