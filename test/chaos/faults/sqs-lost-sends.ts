import type { Fault } from './fault.ts';

export const sqsLostSends: Fault = {
  name: 'sqs-lost-sends',
  what: 'a third of the sends, of the API and into quarantine, succeeds and is never answered',
  perMinute: 0.8,
  seconds: [4, 10],
  begin: ({ sqs }) => sqs.set('lostSends', 0.33),
  end: ({ sqs }) => sqs.set('lostSends', 0),
};
