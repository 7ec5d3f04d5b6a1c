import { ConfigError } from '@furrow/runtime';
import { z } from 'zod';

const text = (rule: string, pattern: RegExp) => z.string(rule).regex(pattern, rule);
const wholeNumber = (min: number, max: number) => {
  const rule = `a whole number from ${min} to ${max}`;
  return z.number(rule).int(rule).min(min, rule).max(max, rule);
};

/** What one kind of task is given. CPU and memory must be a pair that Fargate has. */
const taskShape = {
  /** The image: an ECR repository of this account and region, and the tag to run. */
  image: z.strictObject({
    repository: text('the name of an ECR repository, such as furrow/ingest', /^[a-z0-9][a-z0-9._/-]{1,255}$/),
    tag: text('an image tag; latest is no version', /^(?!latest$)[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/),
  }),
  /** CPU units, 1024 to a core. */
  cpu: z.literal([256, 512, 1024, 2048, 4096], 'CPU units: 256, 512, 1024, 2048 or 4096'),
  memoryMib: wholeNumber(512, 30_720),
};

const scaledShape = {
  /** Tasks that run at the least and at the most. */
  minTasks: wholeNumber(1, 200),
  maxTasks: wholeNumber(1, 200),
};

const stageSchema = z
  .strictObject({
    /** Name of the stage: in the names of stacks, the dashboard, and tags. */
    stage: text('lower case letters, digits and "-", such as dev', /^[a-z][a-z0-9-]{0,19}$/),
    /** Ends the names of queues and of the database, so that two stages can share an account; empty for the names as the code knows them. */
    nameSuffix: text('empty, or "-" with lower case letters and digits', /^(-[a-z0-9]{1,20})?$/),
    account: text('the 12 digits of the AWS account', /^\d{12}$/),
    region: text('an AWS region, such as eu-central-1', /^[a-z]{2}(-[a-z]+)+-\d$/),
    /** Keep queues, points, registry and logs when a stack is deleted, and refuse to delete the registry. */
    protectData: z.boolean(),
    network: z.strictObject({
      cidr: text('an IPv4 network of /16 to /20, such as 10.20.0.0/16', /^(\d{1,3}\.){3}0\/(1[6-9]|20)$/),
      /** Two or three zones of the region, named here so that nothing is looked up. */
      zones: z
        .array(text('an availability zone, such as eu-central-1a', /^[a-z0-9-]+-\d[a-z]$/))
        .min(2)
        .max(3),
      /** NAT gateways: one is cheap, one in each zone outlives the loss of a zone. */
      natGateways: wholeNumber(1, 3),
      /** Private endpoints of SQS, ECR, logs and secrets: traffic to them neither leaves the network nor passes the NAT gateways. */
      interfaceEndpoints: z.boolean(),
    }),
    /** Where points are stored. Timestream for LiveAnalytics is closed to accounts that did not use it before 2025-06-20. */
    store: z.enum(['timestream', 'influxdb'], 'timestream or influxdb'),
    /** Size of Timestream for InfluxDB; used with `store: 'influxdb'` only. */
    influxdb: z.strictObject({
      instanceType: text('an instance class, such as db.influx.large', /^db\.influx\.(medium|\d*x?large)$/),
      storageGib: wholeNumber(20, 15_360),
      /** A standby in a second zone. */
      standby: z.boolean(),
    }),
    registry: z.strictObject({
      /** Aurora capacity units, in steps of a half. */
      minCapacity: z.number().min(0.5).max(128).multipleOf(0.5),
      maxCapacity: z.number().min(1).max(128).multipleOf(0.5),
      /** A second instance in another zone, ready to take over. */
      standby: z.boolean(),
      backupDays: wholeNumber(1, 35),
    }),
    api: z.strictObject({
      ...taskShape,
      ...scaledShape,
      /** Certificate (ACM, same region) of the name under which the API is reached; the name itself points to the output `ApiAddress`. */
      certificateArn: text(
        'the ARN of an ACM certificate',
        /^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]{36}$/,
      ),
      /** Requests a minute for each task; tasks are added above it. */
      requestsPerTask: wholeNumber(10, 100_000),
    }),
    ingest: z.strictObject({
      ...taskShape,
      ...scaledShape,
      /** `fargate`: long-running tasks. `lambda`: a function on the queue, for few or very uneven uplinks; maxTasks then bounds its concurrency. */
      target: z.enum(['fargate', 'lambda'], 'fargate or lambda'),
      /** Messages waiting for each task; tasks are added above it. What a task does in half a minute is a good start. */
      backlogPerTask: wholeNumber(10, 1_000_000),
      /** Age of the oldest message in seconds from which tasks are added whatever the backlog. */
      oldestMessageSeconds: wholeNumber(30, 3_600),
      /** Run what is above minTasks on Fargate Spot: cheaper, and stopped by AWS with two minutes' notice, which the worker survives. */
      spot: z.boolean(),
    }),
    downlink: z.strictObject({
      /** Whether commands are sent to devices; the API refuses them without. Their queue is there in any case. */
      enabled: z.boolean(),
      ...taskShape,
      tasks: wholeNumber(1, 10),
      /** AWS IoT Core: `mqtts://`, what `aws iot describe-endpoint --endpoint-type iot:Data-ATS` says, and `:8883`. */
      mqttUrl: z.url({ protocol: /^mqtts$/, error: 'an encrypted broker: mqtts://…' }),
      /** First level of the topics `<prefix>/<device_id>/down` and `…/up`; another for each stage of an account. */
      topicPrefix: text('letters, digits, "_" and "-"', /^[A-Za-z0-9_-]{1,64}$/),
      /** The certificate that the tasks come with; docs/deploy.md says how to make it. */
      certificateArn: text(
        'the ARN of a certificate of AWS IoT Core',
        /^arn:aws:iot:[a-z0-9-]+:\d{12}:cert\/[0-9a-f]{64}$/,
      ),
      /** A secret of Secrets Manager, JSON with the PEM text of both: `certificate` and `privateKey`. */
      certificateSecretArn: text(
        'the whole ARN of a secret, with the six characters at its end',
        /^arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$/,
      ),
    }),
    /** The image with `furrow …` commands: migrations before each deployment, and tasks of operators. */
    tools: z.strictObject({ image: taskShape.image }),
    observability: z.strictObject({
      logRetentionDays: z.literal([7, 14, 30, 90, 365], 'days: 7, 14, 30, 90 or 365'),
      /** Who is told of alarms; the address must confirm the mail that comes first. */
      alarmEmail: z.email('a mail address').optional(),
      /** Minutes without a single uplink that mean something is broken. */
      noUplinkMinutes: wholeNumber(5, 1_440),
      /** Share of messages in quarantine, in percent, above which somebody should look. */
      quarantinePercent: z.number().min(0.1).max(100),
      /** Carry the metrics of `/metrics` to CloudWatch. Without it there is no alarm on the ledger. */
      metrics: z.boolean(),
      /** Carry spans to X-Ray, by the same collector; each is paid for. */
      traces: z.boolean(),
      /** The collector beside each task that does so. */
      collectorImage: text(
        'an image with a version',
        /^[a-z0-9.-]+\/[a-z0-9._/-]+:(?!latest$)[A-Za-z0-9._-]+$/,
      ),
    }),
  })
  .superRefine((stage, context) => {
    const refuse = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: path.split('.'), message });
    for (const [name, { cpu, memoryMib }] of Object.entries({
      api: stage.api,
      ingest: stage.ingest,
      downlink: stage.downlink,
    })) {
      if (!fargateHas(cpu, memoryMib)) refuse(`${name}.memoryMib`, `Fargate has no ${cpu} CPU units with it`);
    }
    for (const name of ['api', 'ingest'] as const) {
      if (stage[name].minTasks > stage[name].maxTasks) refuse(`${name}.maxTasks`, 'at least minTasks');
    }
    if (stage.ingest.target === 'lambda' && stage.store === 'influxdb') {
      refuse('ingest.target', 'fargate with store influxdb: a function is given no token');
    }
    if (stage.observability.traces && !stage.observability.metrics) {
      refuse('observability.traces', 'only with metrics: they share the collector');
    }
    if (stage.registry.minCapacity > stage.registry.maxCapacity) {
      refuse('registry.maxCapacity', 'at least minCapacity');
    }
    if (stage.network.natGateways > stage.network.zones.length) {
      refuse('network.natGateways', 'at most one for each zone');
    }
    stage.network.zones.forEach((zone, index) => {
      if (!zone.startsWith(stage.region)) refuse(`network.zones.${index}`, `a zone of ${stage.region}`);
    });
    for (const [path, arn] of [
      ['api.certificateArn', stage.api.certificateArn],
      ['downlink.certificateArn', stage.downlink.certificateArn],
      ['downlink.certificateSecretArn', stage.downlink.certificateSecretArn],
    ] as const) {
      if (!arn.includes(`:${stage.region}:`)) refuse(path, `one in ${stage.region}`);
    }
  });

/** A stage as its file writes it. */
export type StageInput = z.input<typeof stageSchema>;
/** A stage whose every field is known to be right. The comments of the schema say what each means. */
export type StageConfig = z.output<typeof stageSchema>;

/** Checks a stage; throws a ConfigError that lists every problem with its field. */
export function parseStage(input: unknown): StageConfig {
  const parsed = stageSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the stage'}: ${message}`),
  );
}

/** Memory that Fargate has for a size of CPU, in MiB: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html */
const FARGATE_MEMORY = {
  256: { from: 512, to: 2_048, steps: [512, 1_024, 2_048] },
  512: { from: 1_024, to: 4_096, steps: undefined },
  1024: { from: 2_048, to: 8_192, steps: undefined },
  2048: { from: 4_096, to: 16_384, steps: undefined },
  4096: { from: 8_192, to: 30_720, steps: undefined },
} as const;

function fargateHas(cpu: keyof typeof FARGATE_MEMORY, memoryMib: number): boolean {
  const { from, to, steps } = FARGATE_MEMORY[cpu];
  if (memoryMib < from || memoryMib > to) return false;
  return steps === undefined ? memoryMib % 1_024 === 0 : (steps as readonly number[]).includes(memoryMib);
}
