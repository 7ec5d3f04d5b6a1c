import type { Fault } from './fault.ts';

export const sqsStall: Fault = {
  name: 'sqs-stall',
  what: 'SQS takes requests and answers none',
  perMinute: 0.4,
  seconds: [10, 10],
  outage: true,
  begin: ({ sqs }) => sqs.stall(),
  end: ({ sqs }) => sqs.goOn(),
};
