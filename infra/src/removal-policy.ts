import { RemovalPolicy } from 'aws-cdk-lib';
import type { StageConfig } from './stage-config.ts';

/** What becomes of something that holds data when its stack goes. */
export function removalPolicyOf({ protectData }: StageConfig): RemovalPolicy {
  return protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
}
