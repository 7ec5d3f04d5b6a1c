import type { IClientOptions } from 'mqtt';

const PORTS = { mqtt: 1883, mqtts: 8883 } as const;

/**
 * Where a broker's URL leads, as the client's options: given a URL, the client reads it with a function that Node.js warns of. A user
 * and a password in the URL are taken, too.
 */
export function brokerAddress(url: string): IClientOptions {
  const { protocol, hostname, port, username, password } = new URL(url);
  const scheme = protocol === 'mqtts:' ? 'mqtts' : 'mqtt';
  return {
    protocol: scheme,
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? PORTS[scheme] : Number(port),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
  };
}
