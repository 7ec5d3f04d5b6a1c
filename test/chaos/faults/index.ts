import { apiKill } from './api-kill.ts';
import { apiStop } from './api-stop.ts';
import type { Fault } from './fault.ts';
import { registryOutage } from './registry-outage.ts';
import { sqsCutReceives } from './sqs-cut-receives.ts';
import { sqsErrors } from './sqs-errors.ts';
import { sqsExpiredReceipts } from './sqs-expired-receipts.ts';
import { sqsLostDeletes } from './sqs-lost-deletes.ts';
import { sqsLostSends } from './sqs-lost-sends.ts';
import { sqsStall } from './sqs-stall.ts';
import { sqsThrottles } from './sqs-throttles.ts';
import { storeCutLines } from './store-cut-lines.ts';
import { storeLostAnswers } from './store-lost-answers.ts';
import { storeOutage } from './store-outage.ts';
import { storeThrottles } from './store-throttles.ts';
import { workerKill } from './worker-kill.ts';
import { workerStop } from './worker-stop.ts';

export type { Chaos, Fault } from './fault.ts';

/**
 * Every kind of fault that comes and goes. Three more are there from the first message to the last: duplicate deliveries, clocks that
 * are wrong, and points that the store refuses.
 */
export const FAULTS: readonly Fault[] = [
  workerKill,
  workerStop,
  apiKill,
  apiStop,
  sqsErrors,
  sqsThrottles,
  sqsStall,
  sqsExpiredReceipts,
  sqsLostDeletes,
  sqsLostSends,
  sqsCutReceives,
  storeThrottles,
  storeLostAnswers,
  storeCutLines,
  storeOutage,
  registryOutage,
];
