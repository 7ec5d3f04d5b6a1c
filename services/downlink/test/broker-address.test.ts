import { expect, it } from 'vitest';
import { brokerAddress } from '../src/mqtt/broker-address.ts';

it.each([
  ['mqtt://broker', { protocol: 'mqtt', host: 'broker', port: 1883 }],
  ['mqtts://broker.example.org', { protocol: 'mqtts', host: 'broker.example.org', port: 8883 }],
  ['mqtt://127.0.0.1:18830/', { protocol: 'mqtt', host: '127.0.0.1', port: 18830 }],
  ['mqtts://[::1]:443', { protocol: 'mqtts', host: '::1', port: 443 }],
  [
    'mqtt://farm:p%40ss%3A@broker:1884',
    { protocol: 'mqtt', host: 'broker', port: 1884, username: 'farm', password: 'p@ss:' },
  ],
])('reads the address %s', (url, address) => {
  expect(brokerAddress(url)).toEqual(address);
});
