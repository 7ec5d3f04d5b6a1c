import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { z } from 'zod';
import { type InfluxAdministration, openInfluxAdministration } from './influx-administration.ts';

/** What the custom resource says; CloudFormation makes texts of all values. */
const propertiesSchema = z.object({
  url: z.url(),
  organization: z.string().min(1),
  bucket: z.string().min(1),
  retentionDays: z.string().regex(/^\d+$/),
  administratorSecretArn: z.string().min(1),
  tokenSecretArn: z.string().min(1),
});
export type InfluxSetupProperties = z.output<typeof propertiesSchema>;

const administratorSchema = z.object({ username: z.string(), password: z.string() });

/** The secrets, as the setup uses them. */
export interface Secrets {
  read(arn: string): Promise<string>;
  write(arn: string, text: string): Promise<void>;
}

/**
 * Brings InfluxDB to what the properties say: the bucket with its retention, the database name for it, and a token for nothing else, which
 * is put into its secret. Doing it again changes nothing, and a token that still works is kept. A deletion leaves all as it is: the points
 * belong to the instance.
 */
export async function setUpInflux(properties: InfluxSetupProperties, secrets: Secrets): Promise<void> {
  const { url, organization, bucket, retentionDays } = properties;
  const login = administratorSchema.parse(JSON.parse(await secrets.read(properties.administratorSecretArn)));
  const influx = await openInfluxAdministration(url, login);
  try {
    const orgId = await influx.organizationId(organization);
    const bucketId = await influx.ensureBucket(orgId, bucket, Number(retentionDays));
    await influx.ensureDatabase(orgId, bucketId, bucket);
    await keepToken(influx, { orgId, bucketId, bucket, arn: properties.tokenSecretArn, secrets });
  } finally {
    await influx.close();
  }
}

interface TokenPlace {
  readonly orgId: string;
  readonly bucketId: string;
  readonly bucket: string;
  readonly arn: string;
  readonly secrets: Secrets;
}

async function keepToken(influx: InfluxAdministration, place: TokenPlace): Promise<void> {
  const { orgId, bucketId, bucket, arn, secrets } = place;
  const current = await secrets.read(arn);
  if ((await influx.tokens(orgId)).includes(current)) return;
  await secrets.write(arn, await influx.createToken(orgId, bucketId, `furrow: reads and writes ${bucket}`));
}

/** The function that CloudFormation calls. */
export async function handler(
  event: CloudFormationCustomResourceEvent,
): Promise<{ PhysicalResourceId: string }> {
  const properties = propertiesSchema.parse(event.ResourceProperties);
  if (event.RequestType !== 'Delete') await setUpInflux(properties, secretsManager());
  return { PhysicalResourceId: `${properties.organization}/${properties.bucket}` };
}

function secretsManager(): Secrets {
  const client = new SecretsManagerClient();
  return {
    read: async (SecretId) => (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? '',
    write: async (SecretId, SecretString) => {
      await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
    },
  };
}
