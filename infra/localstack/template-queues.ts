import { z } from 'zod';

/** A queue as a CloudFormation template describes it. */
export interface TemplateQueue {
  readonly name: string;
  /** As SQS takes them: all text. What belongs to AWS only is left out: the rule that only TLS is let in, and who may redrive to it. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The queue of the same template that takes what nobody finished. */
  readonly deadLetter: { readonly name: string; readonly maxReceiveCount: number } | undefined;
}

/** The properties of a queue that a server elsewhere can have; each stands in the template under the name of SQS's attribute. */
const ATTRIBUTES = [
  'VisibilityTimeout',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'DelaySeconds',
  'MaximumMessageSize',
  'SqsManagedSseEnabled',
] as const;

const value = z.union([z.string(), z.number(), z.boolean()]);

const queueResource = z.object({
  Type: z.literal('AWS::SQS::Queue'),
  Properties: z.object({
    QueueName: z.string().optional(),
    RedrivePolicy: z
      .object({
        deadLetterTargetArn: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
        maxReceiveCount: z.number(),
      })
      .optional(),
    ...Object.fromEntries(ATTRIBUTES.map((name) => [name, value.optional()])),
  }),
});

const templateSchema = z.object({ Resources: z.record(z.string(), z.looseObject({ Type: z.string() })) });

/**
 * The queues of a synthesized template, dead letters before the queues that point to them. Throws when a queue has no name or points to one
 * that is not in the template.
 */
export function templateQueues(template: unknown): readonly TemplateQueue[] {
  const { Resources } = templateSchema.parse(template);
  const resources = Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::SQS::Queue');
  const queues = new Map(resources.map(([id, resource]) => [id, queueResource.parse(resource).Properties]));
  const found = [...queues].map(([id, properties]): TemplateQueue => {
    const given: Readonly<Record<string, unknown>> = properties;
    const attributes = ATTRIBUTES.flatMap((name) =>
      given[name] === undefined ? [] : [[name, String(given[name])] as const],
    );
    return {
      name: nameOf(id),
      attributes: Object.fromEntries(attributes),
      deadLetter: deadLetterOf(properties.RedrivePolicy),
    };
  });
  return found.sort((a, b) => Number(a.deadLetter !== undefined) - Number(b.deadLetter !== undefined));

  function nameOf(id: string): string {
    const queue = queues.get(id);
    if (queue === undefined) throw new Error(`the template has no queue ${id}, to which another redrives`);
    if (queue.QueueName === undefined)
      throw new Error(`queue ${id} has no QueueName; CloudFormation makes one up`);
    return queue.QueueName;
  }

  function deadLetterOf(policy: z.output<typeof queueResource>['Properties']['RedrivePolicy']) {
    if (policy === undefined) return undefined;
    const [id] = policy.deadLetterTargetArn['Fn::GetAtt'];
    return { name: nameOf(id), maxReceiveCount: policy.maxReceiveCount };
  }
}
