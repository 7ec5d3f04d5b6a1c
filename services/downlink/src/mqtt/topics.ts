/** The place of the device in a topic. */
export const DEVICE_PLACEHOLDER = '{device_id}';

/** What a device_id may hold to stand in a topic: no level, no wildcard, no control character. */
const TOPIC_LEVEL = /^[A-Za-z0-9._:-]{1,64}$/;

/** A rule for configuration: one placeholder, a whole level of its own, and no wildcard. */
export function isTopicPattern(text: string): boolean {
  const levels = text.split('/');
  return (
    levels.filter((level) => level === DEVICE_PLACEHOLDER).length === 1 &&
    levels.every((level) => level === DEVICE_PLACEHOLDER || /^[^+#{}\s]{1,128}$/.test(level)) &&
    text.length <= 200
  );
}

/** The topic of one device. Throws a RangeError for a device_id that would mean other topics. */
export function topicOf(pattern: string, deviceId: string): string {
  if (!TOPIC_LEVEL.test(deviceId)) throw new RangeError('the device_id cannot stand in a topic');
  return pattern.replace(DEVICE_PLACEHOLDER, deviceId);
}
