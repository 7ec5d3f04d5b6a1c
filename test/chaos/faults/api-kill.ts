import type { Fault } from './fault.ts';

export const apiKill: Fault = {
  name: 'api-kill',
  what: 'kill -9 of the API, which is started again',
  perMinute: 0.6,
  seconds: [0, 0],
  begin: ({ api }) => api.end('SIGKILL'),
};
