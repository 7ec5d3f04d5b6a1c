import type { Point } from '@furrow/contracts';
import { DIMENSIONS, VALUE, VERSION } from './record-rules.ts';

/** Where a call's records go. */
export interface Target {
  readonly database: string;
  readonly table: string;
}

const MILLISECONDS_PER_SECOND = 1_000;

/**
 * The JSON body of one `WriteRecords` call: a multi-measure record a point, in the points' order, with `value` as DOUBLE and `version`
 * as BIGINT under the measure name the_type. What all points share stands once in `CommonAttributes`, which the service bills once
 * as well. Times are in seconds when all are whole seconds, else in milliseconds: the coarsest unit that is exact for the call.
 *
 * Written by hand because it is the engine's main cost of CPU: the SDK walks its schema for every field of every record.
 */
export function encodeCall(target: Target, points: readonly Point[]): string {
  const [first] = points;
  if (first === undefined) throw new RangeError('a call has at least one record');
  const shares = (field: (point: Point) => unknown): boolean => {
    const value = field(first);
    return points.every((point) => field(point) === value);
  };
  const inSeconds = points.every(({ t }) => t % MILLISECONDS_PER_SECOND === 0);
  const unit = inSeconds ? MILLISECONDS_PER_SECOND : 1;
  const shared = DIMENSIONS.filter(([, field]) => shares(field));
  const own = DIMENSIONS.filter((dimension) => !shared.includes(dimension));
  const sharesType = shares((point) => point.theType);
  const sharesTime = shares((point) => point.t);
  const sharesVersion = shares((point) => point.version);

  let common = `{"MeasureValueType":"MULTI","TimeUnit":"${inSeconds ? 'SECONDS' : 'MILLISECONDS'}"`;
  if (shared.length > 0) common += `,"Dimensions":${dimensions(shared, first)}`;
  if (sharesType) common += `,"MeasureName":${JSON.stringify(first.theType)}`;
  if (sharesTime) common += `,"Time":"${first.t / unit}"`;
  if (sharesVersion) common += `,"Version":${first.version}`;

  let records = '';
  for (const point of points) {
    records += records === '' ? '{' : ',{';
    if (own.length > 0) records += `"Dimensions":${dimensions(own, point)},`;
    if (!sharesType) records += `"MeasureName":${JSON.stringify(point.theType)},`;
    if (!sharesTime) records += `"Time":"${point.t / unit}",`;
    if (!sharesVersion) records += `"Version":${point.version},`;
    records += `"MeasureValues":[{"Name":"${VALUE}","Value":"${doubleText(point.value)}","Type":"DOUBLE"},{"Name":"${VERSION}","Value":"${point.version}","Type":"BIGINT"}]}`;
  }
  const { database, table } = target;
  return `{"DatabaseName":${JSON.stringify(database)},"TableName":${JSON.stringify(table)},"CommonAttributes":${common}},"Records":[${records}]}`;
}

function dimensions(fields: readonly (typeof DIMENSIONS)[number][], point: Point): string {
  const texts = fields.map(([name, field]) => `{"Name":"${name}","Value":${JSON.stringify(field(point))}}`);
  return `[${texts.join(',')}]`;
}

/** The shortest text that reads back as the same double. */
function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
