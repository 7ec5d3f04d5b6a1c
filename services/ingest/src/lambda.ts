import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type CallContext, type LambdaWorker, openLambdaWorker } from './lambda/lambda-worker.ts';

let opening: Promise<LambdaWorker> | undefined;

/** The worker as a Lambda function on the uplink queue. Opens its parts with its first call; what does not open is tried again. */
export async function handler(event: SQSEvent, context: CallContext): Promise<SQSBatchResponse> {
  opening ??= openLambdaWorker(process.env);
  try {
    const work = await opening;
    return await work(event, context);
  } catch (error) {
    opening = undefined;
    throw error;
  }
}
