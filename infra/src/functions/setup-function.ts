import type { Duration } from 'aws-cdk-lib';
import type { IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { acceptWildcard } from '../accept-finding.ts';
import { removalPolicyOf } from '../removal-policy.ts';
import type { StageConfig } from '../stage-config.ts';
import { acceptFunctionRoles } from './accept-function-roles.ts';
import { bundleFunction } from './bundle-function.ts';

export interface SetupFunctionOptions {
  readonly config: StageConfig;
  readonly description: string;
  /** File of this folder that exports `handler`. */
  readonly entry: string;
  readonly timeout: Duration;
  readonly permissions: readonly PolicyStatement[];
  /** Where it runs when it must reach something inside the network. */
  readonly network?: { readonly vpc: IVpc; readonly group: SecurityGroup };
}

/** A function that CloudFormation calls for something it cannot do itself; a failure of it rolls the deployment back. */
export class SetupFunction extends Construct {
  readonly serviceToken: string;
  readonly handler: LambdaFunction;

  constructor(scope: Construct, id: string, options: SetupFunctionOptions) {
    super(scope, id);
    const { config, description, entry, timeout, network, permissions } = options;
    const logs = (name: string): LogGroup =>
      new LogGroup(this, name, {
        retention: RetentionDays.ONE_MONTH,
        removalPolicy: removalPolicyOf(config),
      });
    this.handler = new LambdaFunction(this, 'Handler', {
      description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: bundleFunction(`infra/src/functions/${entry}`),
      timeout,
      memorySize: 256,
      logGroup: logs('HandlerLogs'),
      ...(network && {
        vpc: network.vpc,
        vpcSubnets: { subnetGroupName: 'tasks' },
        securityGroups: [network.group],
      }),
    });
    for (const permission of permissions) this.handler.addToRolePolicy(permission);
    const provider = new Provider(this, 'Provider', {
      onEventHandler: this.handler,
      logGroup: logs('ProviderLogs'),
    });
    acceptFunctionRoles(this);
    acceptWildcard(
      this,
      `${this.handler.functionArn}:*`,
      "CDK's caller may call any version of this one function.",
    );
    this.serviceToken = provider.serviceToken;
  }
}
