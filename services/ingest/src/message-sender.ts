import type { ReceivedMessage } from '@furrow/queue';

/** The device in the first characters of an envelope, before its items. */
const ENVELOPE_DEVICE = /^\s*\{[^[\]{}]{0,300}?"device"\s*:\s*"([A-Za-z0-9_-]{1,128})"/;

/**
 * Who seems to have sent a message, without parsing it: the message attribute, else the envelope's device. Unproven, so it is good for
 * sharing the worker out and for nothing else; undefined when the message names no device.
 */
export function messageSender({ deviceAgriId, body }: ReceivedMessage): string | undefined {
  return deviceAgriId ?? ENVELOPE_DEVICE.exec(body)?.[1];
}
