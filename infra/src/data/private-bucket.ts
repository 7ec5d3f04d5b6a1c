import { Duration } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { removalPolicyOf } from '../removal-policy.ts';
import type { StageConfig } from '../stage-config.ts';

const KEPT_DAYS = 90;

/**
 * A bucket that nobody reads but this account: encrypted, TLS only, with versions, emptied of what is older than 90 days, and with its
 * accesses logged: to `accessLogs`, or under a prefix of its own.
 */
export function createPrivateBucket(
  scope: Construct,
  id: string,
  config: StageConfig,
  accessLogs?: IBucket,
): IBucket {
  const bucket = new Bucket(scope, id, {
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    versioned: true,
    ...(accessLogs && { serverAccessLogsBucket: accessLogs }),
    serverAccessLogsPrefix: `access/${id}/`,
    lifecycleRules: [
      {
        expiration: Duration.days(KEPT_DAYS),
        noncurrentVersionExpiration: Duration.days(1),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ],
    removalPolicy: removalPolicyOf(config),
  });
  return bucket as IBucket;
}
