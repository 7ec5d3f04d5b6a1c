import type { Fault } from './fault.ts';

export const sqsLostDeletes: Fault = {
  name: 'sqs-lost-deletes',
  what: 'half of the deletes succeed and are never answered',
  perMinute: 0.8,
  seconds: [4, 10],
  begin: ({ sqs }) => sqs.set('lostDeletes', 0.5),
  end: ({ sqs }) => sqs.set('lostDeletes', 0),
};
