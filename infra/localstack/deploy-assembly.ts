import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCAL_ACCESS } from './local-access.ts';

const CDK = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
/** A deployment of queues takes some seconds; one that hangs ends then. */
const TIMEOUT_MS = 120_000;

/**
 * Deploys all stacks of a synthesized folder with CDK's command line, as it is done on AWS, but to the server at `endpoint` and with the local
 * credentials: the environment, the profile and the home of whoever calls are kept from it, so that it cannot reach an account of theirs.
 * Stacks that are there are updated; messages on their queues stay. Resolves to what the command printed; rejects with it when it failed.
 */
export async function deployAssembly(outdir: string, endpoint: string): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'furrow-cdk-'));
  const args = [CDK, 'deploy', '--all', '--app', outdir, '--require-approval', 'never'];
  const quiet = ['--ci', '--no-color', '--no-notices', '--progress', 'events'];
  const env = {
    ...LOCAL_ACCESS,
    AWS_ENDPOINT_URL: endpoint,
    AWS_CONFIG_FILE: join(home, 'none'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'none'),
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_HOME: home,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
    HOME: home,
  };
  try {
    return await run([...args, ...quiet], { cwd: home, env });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function run(
  args: readonly string[],
  options: { cwd: string; env: Record<string, string> },
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { ...options, timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      const output = (stdout + stderr).trim();
      if (error === null) return resolve(output);
      const end =
        error.killed === true ? `did not end within ${TIMEOUT_MS / 1000} s` : `ended with ${error.code}`;
      reject(new Error(`cdk deploy ${end}:\n${output}`, { cause: error }));
    });
  });
}
