import type { Fault } from './fault.ts';

export const workerKill: Fault = {
  name: 'worker-kill',
  what: 'kill -9 of a worker, which is started again',
  perMinute: 1.2,
  seconds: [0, 0],
  begin: ({ workers }, victim) => workers[victim % workers.length]?.end('SIGKILL'),
};
