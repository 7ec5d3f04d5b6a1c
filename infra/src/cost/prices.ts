/**
 * List prices in US dollars, before taxes, discounts and free tiers. They change: look them up on the page named beside each before relying
 * on a sum, put the new ones here with the new date, and run `npm run cost` in the folder `infra`.
 */
export const PRICES = {
  date: '2025-06-30',
  region: 'us-east-1',
  /** https://aws.amazon.com/sqs/pricing/: requests of a standard queue, each of up to 64 KiB. */
  sqsMillionRequests: 0.4,
  /** https://aws.amazon.com/timestream/pricing/, LiveAnalytics. */
  timestreamMillionKibWritten: 0.5,
  timestreamMemoryGibHour: 0.036,
  timestreamMagneticGibMonth: 0.03,
  /** https://aws.amazon.com/fargate/pricing/: Linux on ARM, on demand. */
  fargateVcpuHour: 0.03238,
  fargateGibHour: 0.00356,
  /** https://aws.amazon.com/rds/aurora/pricing/: Serverless v2, standard storage. */
  auroraCapacityHour: 0.12,
  /** https://aws.amazon.com/elasticloadbalancing/pricing/ */
  loadBalancerHour: 0.0225,
  loadBalancerUnitHour: 0.008,
  /** https://aws.amazon.com/vpc/pricing/ */
  natGatewayHour: 0.045,
  natGib: 0.045,
  endpointHour: 0.01,
  /** https://aws.amazon.com/cloudwatch/pricing/ */
  logGib: 0.5,
  metricMonth: 0.3,
  alarmMonth: 0.1,
} as const;
