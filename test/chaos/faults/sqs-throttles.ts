import type { Fault } from './fault.ts';

export const sqsThrottles: Fault = {
  name: 'sqs-throttles',
  what: 'SQS throttles every second request',
  perMinute: 0.8,
  seconds: [4, 10],
  begin: ({ sqs }) => sqs.set('throttles', 0.5),
  end: ({ sqs }) => sqs.set('throttles', 0),
};
