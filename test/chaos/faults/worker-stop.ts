import type { Fault } from './fault.ts';

export const workerStop: Fault = {
  name: 'worker-stop',
  what: 'SIGTERM to a worker, which is started again',
  perMinute: 1,
  seconds: [0, 0],
  begin: ({ workers }, victim) => workers[victim % workers.length]?.end('SIGTERM'),
};
