import type { SQSClient } from '@aws-sdk/client-sqs';
import { createSqsClient } from '@furrow/queue';

/** The region and the credentials with which everything talks to a server on this machine; it knows no others. */
export const LOCAL_ACCESS = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
} as const;

/** A client for the server at `endpoint`, with {@link LOCAL_ACCESS}. */
export function createLocalClient(endpoint: string): SQSClient {
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = LOCAL_ACCESS;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  return createSqsClient({ endpoint, region: AWS_REGION, credentials });
}
