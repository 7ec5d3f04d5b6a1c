import { fieldValue, type ParsedLine } from './parse-line.ts';

const BUCKETS =
  /^SELECT (?<selection>[a-z]+\("(?:value|part)"\)(?:, [a-z]+\("value"\))*) FROM (?<source>"(?<measurement>[^"]+)"|\(SELECT "value" \/ (?<scale>\S+) AS "part" FROM "(?<inner>[^"]+)" WHERE (?<innerCondition>.+?)\)) WHERE (?<condition>[^()]+?)(?: GROUP BY time\((?<interval>\d+)ms\) fill\(none\))?$/s;

/** A statement that sums points up per interval, taken apart. */
export interface BucketStatement {
  readonly measurement: string;
  readonly conditions: readonly string[];
  readonly functions: readonly string[];
  /** What values are divided by first. */
  readonly scale: number;
  /** Undefined for one interval over all. */
  readonly intervalMs: number | undefined;
}

/** The parts of a statement of this kind; undefined for any other. */
export function parseBuckets(statement: string): BucketStatement | undefined {
  const parts = BUCKETS.exec(statement)?.groups;
  if (parts === undefined) return undefined;
  const { selection = '', measurement, inner = '', innerCondition, condition = '', scale, interval } = parts;
  const functions = selection.split(', ').map((text) => text.slice(0, text.indexOf('(')));
  // With a single selector, a point is chosen rather than summed up.
  if (functions.length === 1 && functions[0] !== 'mean') return undefined;
  return {
    measurement: measurement ?? inner,
    conditions: innerCondition === undefined ? [condition] : [condition, innerCondition],
    functions,
    scale: Number(scale ?? 1),
    intervalMs: interval === undefined ? undefined : Number(interval),
  };
}

/** A row for each interval with lines, which come in rising order of time. */
export function bucketRows(statement: BucketStatement, lines: readonly ParsedLine[]): (number | null)[][] {
  const { functions, scale, intervalMs } = statement;
  const startOf = ({ t }: ParsedLine) =>
    intervalMs === undefined ? 0 : Math.floor(t / intervalMs) * intervalMs;
  return [...Map.groupBy(lines, startOf)].map(([start, group]) => {
    const values = group.map(({ fields }) => Number(fieldValue(fields['value'] ?? '')) / scale);
    return [start, ...functions.map((name) => aggregate(name, values))];
  });
}

function aggregate(name: string, values: readonly number[]): number {
  switch (name) {
    case 'min':
      return Math.min(...values);
    case 'max':
      return Math.max(...values);
    case 'last':
      return values.at(-1) ?? Number.NaN;
    case 'count':
      return values.length;
    case 'mean':
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    default:
      throw new Error(`the fake does not know ${name}()`);
  }
}
