import type { Fault } from './fault.ts';

export const sqsExpiredReceipts: Fault = {
  name: 'sqs-expired-receipts',
  what: 'a tenth of the receipt handles expires in hand, and the messages are delivered again',
  perMinute: 0.6,
  seconds: [6, 12],
  begin: ({ sqs }) => sqs.set('expiredReceipts', 0.1),
  end: ({ sqs }) => sqs.set('expiredReceipts', 0),
};
