import type { Fault } from './fault.ts';

export const apiStop: Fault = {
  name: 'api-stop',
  what: 'SIGTERM to the API, which is started again',
  perMinute: 0.4,
  seconds: [0, 0],
  begin: ({ api }) => api.end('SIGTERM'),
};
