import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Accepts one finding of cdk-nag on a construct and what is inside it, for a reason that stands in the validation report. */
export function accept(construct: IConstruct, finding: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: finding, reason });
}

/** Accepts that a permission inside the construct is for all resources that match this one ARN. */
export function acceptWildcard(construct: IConstruct, arn: string, reason: string): void {
  const resource = written(Stack.of(construct).resolve(arn));
  accept(construct, `AwsSolutions-IAM5[Resource::${resource}]`, reason);
}

/** A template's text as cdk-nag writes it: references as `<LogicalId>` and `<LogicalId.Attribute>`. */
function written(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[name, argument] = []] = Object.entries(value);
  if (name === 'Ref') return `<${argument}>`;
  if (name === 'Fn::GetAtt' && Array.isArray(argument)) return `<${argument.join('.')}>`;
  if (name === 'Fn::Join' && Array.isArray(argument) && Array.isArray(argument[1])) {
    return argument[1].map(written).join(String(argument[0]));
  }
  throw new Error(`an ARN with ${name} cannot be written down`);
}
