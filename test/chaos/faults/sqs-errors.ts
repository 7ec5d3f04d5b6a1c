import type { Fault } from './fault.ts';

export const sqsErrors: Fault = {
  name: 'sqs-errors',
  what: 'SQS answers every third request with 500',
  perMinute: 0.8,
  seconds: [4, 10],
  begin: ({ sqs }) => sqs.set('errors', 0.33),
  end: ({ sqs }) => sqs.set('errors', 0),
};
