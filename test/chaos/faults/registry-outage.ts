import type { Fault } from './fault.ts';

export const registryOutage: Fault = {
  name: 'registry-outage',
  what: 'the registry is gone: connections break and none is taken',
  perMinute: 0.2,
  seconds: [20, 40],
  outage: true,
  begin: ({ registryLine }) => registryLine.cut(),
  end: ({ registryLine }) => registryLine.restore(),
};
