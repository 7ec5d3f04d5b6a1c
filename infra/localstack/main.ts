// `npm run dev:localstack`: the system as it is deployed, in containers on this machine, with LocalStack in the place of AWS. Arguments go
// to `docker compose` instead: `npm run dev:localstack -- logs --follow ingest`, `-- down --volumes`. With AWS_ENDPOINT_URL no container is
// started: the server there gets the queues, and the variables for them are printed.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { LOCAL_ACCESS } from './local-access.ts';
import { type ProvidedQueues, provideQueues } from './provide-queues.ts';

const COMPOSE = ['compose', '--file', join(import.meta.dirname, 'compose.yaml')];
const SQS = 'http://127.0.0.1:4566';
/** How long a server may take to answer after its container has started, in milliseconds. */
const PATIENCE_MS = 60_000;

const TRY = `
Up. Send a reading, and read it back:

  curl -s -X POST http://127.0.0.1:8080/api/v2/projects/greenhouse-alpha/devices/1/data/ \\
    -H 'Authorization: Bearer fur_local-development-only' -H 'Content-Type: application/json' \\
    -d '[{"agri_id":"d-1000-abcd-1-00","value":243}]'
  curl -s http://127.0.0.1:8080/api/v2/factors/d-1000-abcd-1-00/data/ -H 'Authorization: Bearer fur_local-development-only'

  http://127.0.0.1:8080/api/v2/docs/   the reference of the API
  http://127.0.0.1:3000/dashboards     the dashboard
  npm run dev:localstack -- logs --follow ingest
  npm run dev:localstack -- down       stops it; with --volumes its data is gone, too
`;

try {
  const args = process.argv.slice(2);
  const endpoint = process.env['AWS_ENDPOINT_URL'];
  if (args.length === 0 && endpoint) await useServer(endpoint);
  else {
    checkCompose();
    if (args.length > 0) compose(args);
    else await bringUp();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Gives a server that runs already its queues. The variables are all of standard output, so that a shell can take them. */
async function useServer(given: string): Promise<void> {
  if (!/^https?:/.test(given) || !URL.canParse(given))
    throw new Error(`AWS_ENDPOINT_URL: the http URL of an SQS server (received ${JSON.stringify(given)})`);
  const { origin: endpoint } = new URL(given);
  await untilAnswers(endpoint, 'is it running?');
  const queues = await provideQueues(endpoint);
  console.error(howProvided(queues, endpoint));
  const variables = {
    AWS_ENDPOINT_URL_SQS: endpoint,
    ...LOCAL_ACCESS,
    FURROW_UPLINK_QUEUE_URL: queues.urls.get('furrow-uplinks'),
    FURROW_QUARANTINE_QUEUE_URL: queues.urls.get('furrow-quarantine'),
    FURROW_COMMAND_QUEUE_URL: queues.urls.get('furrow-commands'),
  };
  for (const [name, value] of Object.entries(variables)) console.log(`export ${name}='${value}'`);
}

async function bringUp(): Promise<void> {
  compose(['up', '--detach', '--wait', 'sqs', 'postgres', 'influxdb', 'mosquitto']);
  await untilAnswers(SQS, 'npm run dev:localstack -- logs sqs');
  const queues = await provideQueues(SQS);
  console.log(howProvided(queues, SQS));
  for (const [name, url] of queues.urls) console.log(`  ${name}: ${url}`);
  compose(['run', '--rm', '--build', 'furrow', 'seed', '/fleet.json']);
  compose(['up', '--detach', '--build', '--wait']);
  console.log(TRY);
}

function howProvided({ deployed }: ProvidedQueues, endpoint: string): string {
  return deployed
    ? `CloudFormation of ${endpoint} has deployed the queues.`
    : `The server at ${endpoint} has no CloudFormation of LocalStack: the queues were made one by one.`;
}

function checkCompose(): void {
  const asked = spawnSync('docker', ['compose', 'version'], { encoding: 'utf8' });
  if (asked.error !== undefined) throw new Error(`docker was not found: ${asked.error.message}`);
  if (asked.status !== 0)
    throw new Error(
      `this Docker has no compose: install its plugin (Debian: docker-compose)\n${asked.stderr.trim()}`,
    );
}

function compose(args: readonly string[]): void {
  const { status } = spawnSync('docker', [...COMPOSE, ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`docker compose ${args.join(' ')} ended with ${status}`);
}

/** Waits for the server's first answer, whatever it is. */
async function untilAnswers(endpoint: string, otherwise: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let tries = 1; performance.now() < deadline; tries += 1) {
    const answered = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (answered) return;
    if (tries === 1) console.error(`Waiting for ${endpoint} …`);
    await new Promise((later) => setTimeout(later, 500));
  }
  throw new Error(`nothing answered at ${endpoint} within ${PATIENCE_MS / 1000} s: ${otherwise}`);
}
