import type { IConstruct } from 'constructs';
import { accept } from '../accept-finding.ts';

const MANAGED = 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/';

/** Accepts the two managed policies that every function has: writing its log, and having an address inside the network. */
export function acceptFunctionRoles(construct: IConstruct): void {
  accept(
    construct,
    `${MANAGED}AWSLambdaBasicExecutionRole]`,
    "AWS's own list of what a function needs to write its log.",
  );
  accept(
    construct,
    `${MANAGED}AWSLambdaVPCAccessExecutionRole]`,
    "AWS's own list of what a function needs inside a network.",
  );
}
