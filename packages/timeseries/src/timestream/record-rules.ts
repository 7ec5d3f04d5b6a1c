import type { Point } from '@furrow/contracts';

/**
 * Limits of the service, from https://docs.aws.amazon.com/timestream/latest/developerguide/ts-limits.html and
 * https://docs.aws.amazon.com/timestream/latest/developerguide/API_Record.html
 */
export const MOST_RECORDS_PER_CALL = 100;
export const MOST_RECORD_BYTES = 2_048;
export const MOST_MEASURE_NAME_BYTES = 256;
export const LEAST_VERSION = 1;

/** The dimensions that the engine writes, each with the point's field in it. */
export const DIMENSIONS = [
  ['org_id', (point: Point) => point.orgId],
  ['project_id', (point: Point) => point.projectId],
  ['device', (point: Point) => point.device],
  ['agri_id', (point: Point) => point.agriId],
] as const;
/** The measures. `version` stands beside the value because the service shows `Version` to no query. */
export const VALUE = 'value';
export const VERSION = 'version';

/**
 * Bytes of a record besides its texts: the names of dimensions and measures, and 8 each for the time, the value and the version, by
 * https://docs.aws.amazon.com/timestream/latest/developerguide/metering-and-pricing.writes.html
 */
const FIXED_BYTES = [...DIMENSIONS.map(([name]) => name), VALUE, VERSION].join('').length + 3 * 8;

/** Bytes that the service counts for a point's record. */
export function recordBytes(point: Point): number {
  return (
    FIXED_BYTES +
    Buffer.byteLength(point.orgId) +
    Buffer.byteLength(point.projectId) +
    Buffer.byteLength(point.device) +
    Buffer.byteLength(point.agriId) +
    Buffer.byteLength(point.theType)
  );
}

/** UTF-8 takes at most three bytes for each unit of a JavaScript string, so short texts need not be counted. */
const MOST_BYTES_PER_UNIT = 3;

/** Why Timestream can never store this point, as a sentence; undefined when it may. Asked after `pointRefusal`. */
export function recordRefusal(point: Point): string | undefined {
  const { orgId, projectId, device, agriId, theType, version } = point;
  if (version < LEAST_VERSION)
    return `the version is below ${LEAST_VERSION}, the least that Timestream takes`;
  if (theType === '') return 'the_type is empty';
  const units = orgId.length + projectId.length + device.length + agriId.length + theType.length;
  if (units * MOST_BYTES_PER_UNIT <= MOST_MEASURE_NAME_BYTES) return undefined;
  if (Buffer.byteLength(theType) > MOST_MEASURE_NAME_BYTES) {
    return `the_type has more than ${MOST_MEASURE_NAME_BYTES} bytes`;
  }
  if (recordBytes(point) > MOST_RECORD_BYTES) return `its record has more than ${MOST_RECORD_BYTES} bytes`;
  return undefined;
}
