import { Command, InvalidArgumentError } from 'commander';
import { addCopyCommand } from './copy/copy-command.ts';
import { addDecodeCommand } from './decode/decode-command.ts';
import { addExplainCommand } from './explain/explain-command.ts';
import { addDeviceCommand } from './operate/device-command.ts';
import { addOrgCommand } from './operate/org-command.ts';
import { addProjectCommand } from './operate/project-command.ts';
import { addTokenCommand } from './operate/token-command.ts';
import { addQuarantineCommand } from './quarantine/quarantine-command.ts';
import { addReplayCommand } from './replay/replay-command.ts';

const program = new Command('furrow')
  .description(
    'Telemetry pipeline for agriculture: uplinks off SQS, proven, decoded, and stored for 90 days.',
  )
  .showHelpAfterError();

program
  .command('dev')
  .description('everything in one process on embedded defaults, with a year of weather played through it')
  .option('--once', 'do the job, read every point back, and exit 0 when nothing is missing or wrong')
  .option('--data <folder>', 'folder for all data (default: data; with --once a temporary one)')
  .option('--no-replay', 'start empty, without the weather')
  .option('--sqs-port <port>', 'port of the embedded SQS; 0 takes a free one', parsePort, 0)
  .action(async (options) => (await import('./commands/dev.ts')).dev(options));

program
  .command('ingest')
  .description(
    'the worker alone: FURROW_UPLINK_QUEUE_URL, FURROW_QUARANTINE_QUEUE_URL, FURROW_STORE, FURROW_REGISTRY',
  )
  .action(async () => (await import('@furrow/ingest')).runIngest(process.env));

program
  .command('api')
  .description('the Open API alone: FURROW_UPLINK_QUEUE_URL, FURROW_STORE, FURROW_REGISTRY, FURROW_HTTP')
  .action(async () => (await import('@furrow/api')).runApi(process.env));

program
  .command('downlink')
  .description(
    'delivers commands to devices over MQTT: FURROW_COMMAND_QUEUE_URL, FURROW_REGISTRY, FURROW_MQTT_URL; docs/way-of-a-command.md lists the rest',
  )
  .action(async () => (await import('@furrow/downlink')).runDownlink(process.env));

program
  .command('seed')
  .description(
    'load organizations, projects, devices, factors and tokens into FURROW_REGISTRY; repeating it is safe',
  )
  .argument('<fleet.json>', 'the fleet file; docs/fleet.md describes it')
  .action(async (file) => (await import('./commands/seed.ts')).seed(file));

program
  .command('migrate')
  .description('bring FURROW_REGISTRY to the newest schema, before the services that need it start')
  .action(async () => (await import('./commands/migrate.ts')).migrate());

addOrgCommand(program);
addProjectCommand(program);
addDeviceCommand(program);
addTokenCommand(program);
addCopyCommand(program);
addDecodeCommand(program);
addExplainCommand(program);
addQuarantineCommand(program);
addReplayCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? `furrow: ${error.message}${hint(error)}` : error);
  process.exitCode = error instanceof Error && 'exitCode' in error ? Number(error.exitCode) : 1;
}

/** What to do about an error that says too little by itself. */
function hint(error: Error & { code?: unknown }): string {
  return error.code === 'EADDRINUSE' ? '; choose another with FURROW_HTTP=127.0.0.1:<port>' : '';
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('a port is a whole number from 0 to 65535');
  return port;
}
