import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A service that is not running yet. */
export interface MeasuredService {
  /** Begins its start, and does not wait until it is ready. */
  begin(): Promise<void>;
  /** Its process on this machine. */
  pid(): Promise<number>;
  /** Stops it as a deployment does, and waits until it is gone. */
  end(): Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

const run = promisify(execFile);

/** A bundle as a process that knows nothing but these variables. */
export function bundledService(mainFile: string, env: Environment): MeasuredService {
  let child: ChildProcess | undefined;
  return {
    begin: async () => {
      child = spawn(process.execPath, [mainFile], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    },
    pid: async () => {
      if (child?.pid === undefined) throw new Error(`${mainFile} did not start`);
      return child.pid;
    },
    end: async () => {
      if (child === undefined || child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** An image as a container on the host's network, made but not started: how long Docker copies files is not the service's. */
export async function containedService(image: string, env: Environment): Promise<MeasuredService> {
  const variables = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  const id = await docker(
    'create',
    '--network',
    'host',
    '--read-only',
    '--cap-drop',
    'ALL',
    ...variables,
    image,
  );
  return {
    begin: async () => void (await docker('start', id)),
    pid: async () => Number(await docker('inspect', '--format', '{{.State.Pid}}', id)),
    end: async () => {
      await docker('stop', id);
      await docker('rm', '--force', id);
    },
  };
}

/** CPU seconds that a process has used so far. Linux only. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name may hold spaces; user and system time are the 12th and 13th after it, in hundredths of a second.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Resident memory of a process. Linux only. */
export async function residentMibOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

async function docker(...args: readonly string[]): Promise<string> {
  return (await run('docker', args)).stdout.trim();
}
