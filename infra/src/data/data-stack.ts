import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { NetworkStack } from '../network/network-stack.ts';
import type { StageConfig } from '../stage-config.ts';
import { InfluxStore } from './influx-store.ts';
import { RegistryDatabase } from './registry-database.ts';
import type { StoreConnection } from './store-connection.ts';
import { TimestreamStore } from './timestream-store.ts';

export interface DataStackProps extends StackProps {
  readonly config: StageConfig;
  readonly network: NetworkStack;
}

/** What holds data: the points, in the store of the stage's choice, and the registry. */
export class DataStack extends Stack {
  readonly store: StoreConnection;
  readonly registry: RegistryDatabase;

  constructor(scope: Construct, id: string, { config, network, ...props }: DataStackProps) {
    super(scope, id, props);
    const { vpc, groups } = network;
    this.store =
      config.store === 'timestream'
        ? new TimestreamStore(this, 'Timestream', config).connection
        : new InfluxStore(this, 'Influx', {
            config,
            vpc,
            group: groups.influxdb,
            setupGroup: groups.setup,
          }).connection;
    this.registry = new RegistryDatabase(this, 'Registry', { config, vpc, group: groups.registry });
  }
}
