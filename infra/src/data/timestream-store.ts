import { RETENTION_DAYS } from '@furrow/contracts';
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-timestream';
import { Construct } from 'constructs';
import { accept } from '../accept-finding.ts';
import { removalPolicyOf } from '../removal-policy.ts';
import type { StageConfig } from '../stage-config.ts';
import { createPrivateBucket } from './private-bucket.ts';
import type { StoreConnection } from './store-connection.ts';

/** Hours in which points may come and be changed at full speed. What is older goes to the magnetic store at once. */
const MEMORY_HOURS = 24;
const TABLE = 'points';
/** The finding that the service takes no new customers. */
const MAINTENANCE = 'CloudFormation-Validate::W3697';

/**
 * Timestream for LiveAnalytics: a table that keeps points for 90 days, split by device, that takes late points too. What the magnetic store
 * refuses later (older versions of a point it has) is written to a bucket.
 */
export class TimestreamStore extends Construct {
  readonly connection: StoreConnection;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    const databaseName = `furrow${config.nameSuffix}`;
    const database = new CfnDatabase(this, 'Database', { databaseName });
    accept(
      database,
      'AwsSolutions-TS3',
      'Encrypted with the key that AWS manages; who may read is settled by IAM alone.',
    );
    const refused = createPrivateBucket(this, 'RefusedLater', config);
    refused.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('timestream.amazonaws.com')],
        actions: ['s3:GetBucketAcl', 's3:PutObject'],
        resources: [refused.bucketArn, refused.arnForObjects('*')],
        conditions: { StringEquals: { 'aws:SourceAccount': config.account } },
      }),
    );
    const table = new CfnTable(this, 'Table', {
      databaseName,
      tableName: TABLE,
      schema: {
        compositePartitionKey: [{ type: 'DIMENSION', name: 'device', enforcementInRecord: 'REQUIRED' }],
      },
      // CDK hands these two on as they are, so their keys are CloudFormation's.
      retentionProperties: {
        MemoryStoreRetentionPeriodInHours: String(MEMORY_HOURS),
        MagneticStoreRetentionPeriodInDays: String(RETENTION_DAYS - MEMORY_HOURS / 24),
      },
      magneticStoreWriteProperties: {
        EnableMagneticStoreWrites: true,
        MagneticStoreRejectedDataLocation: {
          S3Configuration: { BucketName: refused.bucketName, EncryptionOption: 'SSE_S3' },
        },
      },
    });
    table.addResourceDependency(database);
    for (const resource of [database, table]) {
      resource.applyRemovalPolicy(removalPolicyOf(config));
      accept(resource, MAINTENANCE, 'For accounts that have it; the others set store to influxdb.');
    }
    const tableArn = Stack.of(this).formatArn({
      service: 'timestream',
      resource: 'database',
      resourceName: `${databaseName}/table/${TABLE}`,
    });
    this.connection = {
      url: `timestream://${databaseName}/${TABLE}`,
      permissions: () => tablePermissions(tableArn),
    };
  }
}

function tablePermissions(tableArn: string): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'PointsTable',
      actions: ['timestream:DescribeTable', 'timestream:Select', 'timestream:WriteRecords'],
      resources: [tableArn],
    }),
    new PolicyStatement({
      sid: 'TimestreamCells',
      // Neither knows resources: finding the cell to talk to, and ending a query of one's own.
      actions: ['timestream:CancelQuery', 'timestream:DescribeEndpoints'],
      resources: ['*'],
    }),
  ];
}
