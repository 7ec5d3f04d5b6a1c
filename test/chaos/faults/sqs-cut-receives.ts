import type { Fault } from './fault.ts';

export const sqsCutReceives: Fault = {
  name: 'sqs-cut-receives',
  what: 'a fifth of the receives breaks off in the middle of its answer',
  perMinute: 0.6,
  seconds: [3, 6],
  begin: ({ sqs }) => sqs.set('cutReceives', 0.2),
  end: ({ sqs }) => sqs.set('cutReceives', 0),
};
