import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { accept } from '../accept-finding.ts';
import { INFLUX_PORT, PORTS, REGISTRY_PORT } from '../ports.ts';
import type { StageConfig } from '../stage-config.ts';

/** Who talks over the network: one security group each, and between them exactly the ways that are used. */
export type GroupName =
  | 'loadBalancer'
  | 'api'
  | 'ingest'
  | 'downlink'
  | 'tools'
  | 'setup'
  | 'endpoints'
  | 'registry'
  | 'influxdb';

/** May connect, whom, at which port. */
const WAYS: readonly (readonly [GroupName, GroupName, number])[] = [
  ['loadBalancer', 'api', PORTS.api],
  ['api', 'registry', REGISTRY_PORT],
  ['ingest', 'registry', REGISTRY_PORT],
  ['downlink', 'registry', REGISTRY_PORT],
  ['tools', 'registry', REGISTRY_PORT],
  ['api', 'influxdb', INFLUX_PORT],
  ['ingest', 'influxdb', INFLUX_PORT],
  ['setup', 'influxdb', INFLUX_PORT],
  ['api', 'endpoints', PORTS.https],
  ['ingest', 'endpoints', PORTS.https],
  ['downlink', 'endpoints', PORTS.https],
  ['tools', 'endpoints', PORTS.https],
  ['setup', 'endpoints', PORTS.https],
];

const GROUPS: Readonly<Record<GroupName, string>> = {
  loadBalancer: 'Public side of the API',
  api: 'API tasks',
  ingest: 'Ingest tasks or function',
  downlink: 'Downlink tasks',
  tools: 'Tasks of operators, and migrations',
  setup: 'Function that sets up InfluxDB',
  endpoints: 'Private endpoints of AWS services',
  registry: 'The registry database',
  influxdb: 'The time-series database',
};

/** Interface endpoints that the tasks use: queues, images, logs and secrets. */
const ENDPOINTS = {
  Sqs: InterfaceVpcEndpointAwsService.SQS,
  EcrApi: InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  Secrets: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
} as const;

/**
 * Three kinds of subnets in each zone: public for the load balancer and NAT, private for tasks, and isolated ones without any way out for
 * the databases.
 */
export class NetworkStack extends Stack {
  readonly vpc: IVpc;
  readonly groups: Readonly<Record<GroupName, SecurityGroup>>;

  constructor(scope: Construct, id: string, config: StageConfig, props: StackProps) {
    super(scope, id, props);
    this.vpc = this.#createVpc(config);
    const names = Object.keys(GROUPS) as GroupName[];
    this.groups = Object.fromEntries(names.map((name) => [name, this.#createGroup(name)])) as Record<
      GroupName,
      SecurityGroup
    >;
    for (const [from, to, port] of WAYS) {
      this.groups[to].addIngressRule(this.groups[from], Port.tcp(port), `from ${from}`);
    }
    if (config.network.interfaceEndpoints) this.#addEndpoints();
    const { loadBalancer } = this.groups;
    loadBalancer.addIngressRule(Peer.anyIpv4(), Port.tcp(PORTS.https), 'the Open API is public');
    accept(loadBalancer, 'AwsSolutions-EC23', 'Gateways call the API from anywhere; only HTTPS is open.');
  }

  #createVpc({ network, protectData }: StageConfig): IVpc {
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(network.cidr),
      availabilityZones: network.zones,
      natGateways: network.natGateways,
      // Would bring a function with permissions on every group, for a group that nothing is in.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'tasks', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 24 },
        { name: 'databases', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
    });
    const flowLogs = new LogGroup(this, 'FlowLogs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    vpc.addFlowLog('Rejected', { destination: FlowLogDestination.toCloudWatchLogs(flowLogs) });
    vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 });
    // CDK's classes and interfaces agree on optional properties, but not as strictly as this repository compiles.
    return vpc as IVpc;
  }

  #addEndpoints(): void {
    for (const [name, service] of Object.entries(ENDPOINTS)) {
      new InterfaceVpcEndpoint(this, name, {
        vpc: this.vpc,
        service,
        subnets: { subnetGroupName: 'tasks' },
        securityGroups: [this.groups.endpoints],
        open: false,
      });
    }
  }

  #createGroup(name: GroupName): SecurityGroup {
    // These answer and never call.
    const allowAllOutbound = !['endpoints', 'registry', 'influxdb'].includes(name);
    return new SecurityGroup(this, `${name}Group`, {
      vpc: this.vpc,
      description: GROUPS[name],
      allowAllOutbound,
    });
  }
}
