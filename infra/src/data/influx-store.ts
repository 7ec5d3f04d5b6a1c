import { RETENTION_DAYS } from '@furrow/contracts';
import { CustomResource, Duration } from 'aws-cdk-lib';
import type { IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { CfnInfluxDBInstance } from 'aws-cdk-lib/aws-timestream';
import { Construct } from 'constructs';
import { accept } from '../accept-finding.ts';
import type { InfluxSetupProperties } from '../functions/influx-setup.ts';
import { SetupFunction } from '../functions/setup-function.ts';
import { INFLUX_PORT } from '../ports.ts';
import { removalPolicyOf } from '../removal-policy.ts';
import type { StageConfig } from '../stage-config.ts';
import type { StoreConnection } from './store-connection.ts';

const ORGANIZATION = 'furrow';
const ADMINISTRATOR = 'furrow-admin';
/** The bucket of the points, and the database that the line protocol calls it by. */
const BUCKET = 'furrow';

export interface InfluxStoreOptions {
  readonly config: StageConfig;
  readonly vpc: IVpc;
  readonly group: SecurityGroup;
  /** The group of the function that sets it up. */
  readonly setupGroup: SecurityGroup;
}

/**
 * Timestream for InfluxDB in the isolated subnets. The instance cannot make a bucket with a retention, so a function makes it, and a token
 * that can do nothing but read and write that bucket; it is kept in Secrets Manager.
 */
export class InfluxStore extends Construct {
  readonly connection: StoreConnection;

  constructor(scope: Construct, id: string, options: InfluxStoreOptions) {
    super(scope, id);
    const { config } = options;
    const administrator = new Secret(this, 'Administrator', {
      description: 'First user of InfluxDB; used by the setup function alone',
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: ADMINISTRATOR }),
        generateStringKey: 'password',
        passwordLength: 40,
        excludePunctuation: true,
      },
      removalPolicy: removalPolicyOf(config),
    });
    const token = new Secret(this, 'Token', {
      description: 'Token of InfluxDB that may read and write the points; written by the setup function',
      removalPolicy: removalPolicyOf(config),
    });
    const noRotation = 'InfluxDB changes it only by hand: nothing could rotate it without a deployment.';
    for (const secret of [administrator, token]) accept(secret, 'AwsSolutions-SMG4', noRotation);
    const instance = this.#createInstance(options, administrator);
    this.#createSetup(options, administrator, token, instance.attrEndpoint);
    this.connection = {
      // Several tasks write, so each looks at the versions that are stored.
      url: `influx+https://${instance.attrEndpoint}:${INFLUX_PORT}/${BUCKET}?writers=several`,
      token: token as ISecret,
      permissions: () => [],
    };
  }

  #createInstance({ config, vpc, group }: InfluxStoreOptions, administrator: Secret): CfnInfluxDBInstance {
    const { instanceType, storageGib, standby } = config.influxdb;
    const instance = new CfnInfluxDBInstance(this, 'Instance', {
      name: `furrow${config.nameSuffix}`,
      organization: ORGANIZATION,
      // The first bucket keeps for ever; the points have one of their own.
      bucket: 'unused',
      username: ADMINISTRATOR,
      password: administrator.secretValueFromJson('password').unsafeUnwrap(),
      dbInstanceType: instanceType,
      allocatedStorage: storageGib,
      dbStorageType: 'InfluxIOIncludedT1',
      deploymentType: standby ? 'WITH_MULTIAZ_STANDBY' : 'SINGLE_AZ',
      publiclyAccessible: false,
      port: INFLUX_PORT,
      vpcSubnetIds: vpc.selectSubnets({ subnetGroupName: 'databases' }).subnetIds,
      vpcSecurityGroupIds: [group.securityGroupId],
    });
    instance.applyRemovalPolicy(removalPolicyOf(config));
    return instance;
  }

  #createSetup(
    { config, vpc, setupGroup }: InfluxStoreOptions,
    administrator: Secret,
    token: Secret,
    endpoint: string,
  ): void {
    const setup = new SetupFunction(this, 'Setup', {
      config,
      description: 'Makes the bucket of the points in InfluxDB, and the token for it',
      entry: 'influx-setup.ts',
      timeout: Duration.minutes(5),
      network: { vpc, group: setupGroup },
      permissions: [
        new PolicyStatement({
          sid: 'ReadSecrets',
          actions: ['secretsmanager:GetSecretValue'],
          resources: [administrator.secretArn, token.secretArn],
        }),
        new PolicyStatement({
          sid: 'KeepToken',
          actions: ['secretsmanager:PutSecretValue'],
          resources: [token.secretArn],
        }),
      ],
    });
    const properties: InfluxSetupProperties = {
      url: `https://${endpoint}:${INFLUX_PORT}`,
      organization: ORGANIZATION,
      bucket: BUCKET,
      retentionDays: String(RETENTION_DAYS),
      administratorSecretArn: administrator.secretArn,
      tokenSecretArn: token.secretArn,
    };
    new CustomResource(this, 'Bucket', {
      serviceToken: setup.serviceToken,
      resourceType: 'Custom::InfluxBucket',
      properties: { ...properties },
    });
  }
}
