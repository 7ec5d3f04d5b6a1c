import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { startEmbeddedSqs } from '@furrow/queue/embedded';
import { describe, expect, it, onTestFinished } from 'vitest';

const MAIN = resolve(import.meta.dirname, '../main.ts');

/** `npm run dev:localstack` with AWS_ENDPOINT_URL, to its end. */
function devLocalstack(endpoint: string) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
    const env = { ...process.env, AWS_ENDPOINT_URL: endpoint };
    const command = execFile(process.execPath, [MAIN], { env }, (_error, stdout, stderr) =>
      done({ code: command.exitCode ?? -1, stdout, stderr }),
    );
  });
}

describe('npm run dev:localstack with AWS_ENDPOINT_URL', () => {
  it('gives that server the queues, and prints nothing but variables for a shell', async () => {
    const server = await startEmbeddedSqs({ queues: [] });
    onTestFinished(() => server.close());
    const { code, stdout, stderr } = await devLocalstack(`${server.endpoint}/`);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(`The server at ${server.endpoint} has no CloudFormation`);
    expect(stdout.trim().split('\n')).toEqual([
      `export AWS_ENDPOINT_URL_SQS='${server.endpoint}'`,
      `export AWS_REGION='us-east-1'`,
      `export AWS_ACCESS_KEY_ID='test'`,
      `export AWS_SECRET_ACCESS_KEY='test'`,
      expect.stringMatching(/^export FURROW_UPLINK_QUEUE_URL='http:[^']+\/furrow-uplinks'$/),
      expect.stringMatching(/^export FURROW_QUARANTINE_QUEUE_URL='http:[^']+\/furrow-quarantine'$/),
      expect.stringMatching(/^export FURROW_COMMAND_QUEUE_URL='http:[^']+\/furrow-commands'$/),
    ]);
  });

  it.each(['127.0.0.1:4566', 'ftp://127.0.0.1', 'http://a b'])('refuses %s', async (endpoint) => {
    const { code, stdout, stderr } = await devLocalstack(endpoint);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`AWS_ENDPOINT_URL: the http URL of an SQS server (received "${endpoint}")`);
  });
});
