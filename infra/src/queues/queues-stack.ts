import { HANDLE_TIMEOUT_MS, MAX_MESSAGE_BYTES, STANDARD_QUEUES } from '@furrow/queue';
import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Queue, QueueEncryption, type QueueProps, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { accept } from '../accept-finding.ts';
import type { StageConfig } from '../stage-config.ts';

/** A queue, and where its messages go that nobody could finish. */
export interface QueuePair {
  readonly queue: Queue;
  readonly deadLetters: Queue;
}

/**
 * How long a message that was received stays hidden: six times the longest that one may be in hand, as AWS asks for queues that a function
 * consumes. The worker renews a shorter time of its own.
 */
export const VISIBILITY_SECONDS = (6 * HANDLE_TIMEOUT_MS) / 1_000;

const RETENTION = Duration.days(4);
/** The most that SQS has. A message keeps its age on the way to the dead letters, so they must be kept longer than the queue. */
const LONG_RETENTION = Duration.days(14);
const LONG_POLL = Duration.seconds(20);
const DEFAULT_RECEIVES = 5;

/** Settings that all queues of a stage share. */
type SharedProps = Pick<
  QueueProps,
  'encryption' | 'enforceSSL' | 'visibilityTimeout' | 'maxMessageSizeBytes' | 'removalPolicy'
>;

/** The queues between the parts: uplinks and commands to devices, each with dead letters, and what was refused. */
export class QueuesStack extends Stack {
  readonly uplinks: QueuePair;
  /** Without dead letters: no worker takes messages from it, and a person who looks at it again and again must not lose them. */
  readonly quarantine: Queue;
  readonly commands: QueuePair;

  constructor(scope: Construct, id: string, config: StageConfig, props: StackProps) {
    super(scope, id, props);
    const shared: SharedProps = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(VISIBILITY_SECONDS),
      // As large as the producers make them. It is the default of a new queue, but not of every server's update of one.
      maxMessageSizeBytes: MAX_MESSAGE_BYTES,
      removalPolicy: config.protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    };
    this.uplinks = this.#createPair('Uplinks', 'furrow-uplinks', config, shared);
    this.quarantine = new Queue(this, 'Quarantine', {
      ...shared,
      queueName: `furrow-quarantine${config.nameSuffix}`,
      retentionPeriod: LONG_RETENTION,
      receiveMessageWaitTime: LONG_POLL,
    });
    acceptNoDeadLetters(this.quarantine);
    this.commands = this.#createPair('Commands', 'furrow-commands', config, shared);
  }

  #createPair(id: string, name: string, config: StageConfig, shared: SharedProps): QueuePair {
    const { deadLetter } = STANDARD_QUEUES.find((spec) => spec.name === name) ?? {};
    const queueName = `${name}${config.nameSuffix}`;
    const deadLetters = new Queue(this, `${id}DeadLetters`, {
      ...shared,
      queueName: `${deadLetter?.name ?? `${name}-dead-letter`}${config.nameSuffix}`,
      retentionPeriod: LONG_RETENTION,
      redriveAllowPolicy: {
        redrivePermission: RedrivePermission.BY_QUEUE,
        // By its name: the two queues refer to each other, and CloudFormation makes one of them first.
        sourceQueues: [
          Queue.fromQueueArn(this, `${id}Source`, this.formatArn({ service: 'sqs', resource: queueName })),
        ],
      },
    });
    acceptNoDeadLetters(deadLetters);
    const queue = new Queue(this, id, {
      ...shared,
      queueName,
      retentionPeriod: RETENTION,
      receiveMessageWaitTime: LONG_POLL,
      deadLetterQueue: {
        queue: deadLetters,
        maxReceiveCount: deadLetter?.maxReceiveCount ?? DEFAULT_RECEIVES,
      },
    });
    return { queue, deadLetters };
  }
}

function acceptNoDeadLetters(queue: Queue): void {
  accept(queue, 'AwsSolutions-SQS3', 'It is the end of the line: its messages are looked at by people.');
}
