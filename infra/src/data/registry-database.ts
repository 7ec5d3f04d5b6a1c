import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import type { IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  AuroraPostgresEngineVersion,
  ClusterInstance,
  Credentials,
  DatabaseCluster,
  DatabaseClusterEngine,
} from 'aws-cdk-lib/aws-rds';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { accept } from '../accept-finding.ts';
import { acceptFunctionRoles } from '../functions/accept-function-roles.ts';
import { REGISTRY_PORT } from '../ports.ts';
import { removalPolicyOf } from '../removal-policy.ts';
import type { StageConfig } from '../stage-config.ts';

const DATABASE = 'furrow';
/** The role that tasks log in as, with a token of IAM; it owns the database. */
const ROLE = 'furrow';

/** Run again whenever it changes; each part of it may be run any number of times. */
const ROLE_SQL = `do $$ begin
  if not exists (select from pg_roles where rolname = '${ROLE}') then create role ${ROLE} login; end if;
  grant rds_iam to ${ROLE};
  grant ${ROLE} to current_user;
  alter database ${DATABASE} owner to ${ROLE};
end $$`;

export interface RegistryDatabaseOptions {
  readonly config: StageConfig;
  readonly vpc: IVpc;
  readonly group: SecurityGroup;
}

/**
 * The registry on Aurora PostgreSQL Serverless v2. Tasks log in by IAM, so there is no password to run out; the administrator's is kept and
 * rotated by RDS and used once, to make the tasks' role.
 */
export class RegistryDatabase extends Construct {
  /** `FURROW_REGISTRY`. */
  readonly url: string;
  readonly cluster: DatabaseCluster;
  readonly #connectArn: string;

  constructor(scope: Construct, id: string, options: RegistryDatabaseOptions) {
    super(scope, id);
    this.cluster = this.#createCluster(options);
    this.#createRole(options.config);
    const { hostname } = this.cluster.clusterEndpoint;
    this.url = `postgres://${ROLE}@${hostname}:${REGISTRY_PORT}/${DATABASE}?auth=aws-iam`;
    this.#connectArn = Stack.of(this).formatArn({
      service: 'rds-db',
      resource: 'dbuser',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      resourceName: `${this.cluster.clusterResourceIdentifier}/${ROLE}`,
    });
  }

  /** What a task's role must be allowed. */
  permission(): PolicyStatement {
    return new PolicyStatement({
      sid: 'RegistryLogin',
      actions: ['rds-db:connect'],
      resources: [this.#connectArn],
    });
  }

  #createCluster({ config, vpc, group }: RegistryDatabaseOptions): DatabaseCluster {
    const { minCapacity, maxCapacity, standby, backupDays } = config.registry;
    const instance = { enablePerformanceInsights: true, publiclyAccessible: false };
    const cluster = new DatabaseCluster(this, 'Cluster', {
      engine: DatabaseClusterEngine.auroraPostgres({ version: AuroraPostgresEngineVersion.VER_17_7 }),
      writer: ClusterInstance.serverlessV2('Writer', instance),
      readers: standby
        ? [ClusterInstance.serverlessV2('Standby', { ...instance, scaleWithWriter: true })]
        : [],
      serverlessV2MinCapacity: minCapacity,
      serverlessV2MaxCapacity: maxCapacity,
      vpc,
      vpcSubnets: { subnetGroupName: 'databases' },
      securityGroups: [group],
      port: REGISTRY_PORT,
      defaultDatabaseName: DATABASE,
      credentials: Credentials.fromUsername('furrow_admin'),
      manageMasterUserPassword: true,
      iamAuthentication: true,
      enableDataApi: true,
      storageEncrypted: true,
      backup: { retention: Duration.days(backupDays) },
      copyTagsToSnapshot: true,
      deletionProtection: config.protectData,
      removalPolicy: removalPolicyOf(config),
      cloudwatchLogsExports: ['postgresql'],
    });
    accept(
      cluster,
      'AwsSolutions-RDS11',
      "Only the tasks' groups reach it, in subnets without any way out: another port hides nothing.",
    );
    if (!config.protectData) accept(cluster, 'AwsSolutions-RDS10', 'A stage that is deleted with its data.');
    return cluster;
  }

  #createRole(config: StageConfig): void {
    const { secret } = this.cluster;
    if (!secret) throw new Error('RDS keeps the password of the administrator, so the cluster has a secret');
    const statement = {
      service: 'RDSData',
      action: 'executeStatement',
      parameters: {
        resourceArn: this.cluster.clusterArn,
        secretArn: secret.secretArn,
        database: DATABASE,
        sql: ROLE_SQL,
      },
      physicalResourceId: PhysicalResourceId.of(ROLE),
    };
    const role = new AwsCustomResource(this, 'Role', {
      resourceType: 'Custom::RegistryRole',
      onCreate: statement,
      onUpdate: statement,
      installLatestAwsSdk: false,
      logGroup: new LogGroup(this, 'RoleLogs', {
        retention: RetentionDays.ONE_MONTH,
        removalPolicy: removalPolicyOf(config),
      }),
      policy: AwsCustomResourcePolicy.fromStatements([
        new PolicyStatement({
          sid: 'RunSql',
          actions: ['rds-data:ExecuteStatement'],
          resources: [this.cluster.clusterArn],
        }),
        new PolicyStatement({
          sid: 'AsAdministrator',
          actions: ['secretsmanager:GetSecretValue'],
          resources: [secret.secretArn],
        }),
      ]),
    });
    role.node.addDependency(this.cluster);
    // CDK keeps one function for all such calls, beside the constructs.
    acceptFunctionRoles(Stack.of(this));
  }
}
