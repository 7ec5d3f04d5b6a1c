import { randomBytes } from 'node:crypto';

/** Begins the names under which downlinks connect, unless FURROW_MQTT_CLIENT_ID is set. Access rules of a broker may allow what begins so. */
export const CLIENT_ID_PREFIX = 'furrow-downlink-';

/** A name that no other process has: a broker ends the connection of a client when another comes with its name. */
export function randomClientId(): string {
  return `${CLIENT_ID_PREFIX}${randomBytes(6).toString('hex')}`;
}
