import { bucketRows, parseBuckets } from './fake-buckets.ts';
import { fieldValue, type ParsedLine } from './parse-line.ts';

type Row = (string | number | boolean | null)[];

/** What a `/query` result has beside its number. */
export interface FakeResult {
  readonly series?: { name: string; tags?: Record<string, string>; columns: string[]; values: Row[] }[];
}

const SELECT =
  /^SELECT (?<selection>.+?) FROM "(?<measurement>[^"]+)" WHERE (?<condition>.+?)(?<grouped> GROUP BY "agri_id")?(?<descending> ORDER BY time DESC)?(?: LIMIT (?<limit>\d+))?(?: OFFSET (?<offset>\d+))?$/s;
const RANGE = /time >= (-?\d+) AND time <= (-?\d+)/;
const EQUALS = /"agri_id" = '((?:[^'\\]|\\.)*)'/g;
const MATCHES = /"agri_id" =~ \/([^/]*)\//;
const COLUMN = /^(?:(count|last|max)\("(\w+)"\)|"(\w+)")(?: AS "(\w+)")?$/;

/**
 * Answers the statements that the engine sends, over parsed lines, in the response form of the 1.x `/query` endpoint with `epoch=ms`
 * (docs.influxdata.com/influxdb/v1/tools/api, "Query endpoint"), which 2.x and 3.x copy. Throws for any other statement.
 */
export function answerQuery(
  statement: string,
  lines: readonly ParsedLine[],
  tagsAsColumns: boolean,
): FakeResult {
  if (statement.startsWith('SHOW RETENTION POLICIES')) {
    const columns = ['name', 'duration', 'shardGroupDuration', 'replicaN', 'default'];
    const policy = (name: string, isDefault: boolean): Row => [name, '0s', '168h0m0s', 1, isDefault];
    return { series: [{ name: '', columns, values: [policy('autogen', true), policy('furrow', false)] }] };
  }
  const buckets = parseBuckets(statement);
  if (buckets !== undefined) {
    const conditions = buckets.conditions.map(conditionOf);
    const summed = lines
      .filter(
        (line) => line.measurement === buckets.measurement && conditions.every((isWanted) => isWanted(line)),
      )
      .sort((a, b) => a.t - b.t);
    const values = bucketRows(buckets, summed);
    return { series: [{ name: buckets.measurement, columns: ['time', ...buckets.functions], values }] };
  }
  const parts = SELECT.exec(statement)?.groups;
  if (parts === undefined) throw new Error(`the fake does not know: ${statement}`);
  const { selection = '', measurement, condition = '' } = parts;
  const isWanted = conditionOf(condition);
  const wanted = lines.filter((line) => line.measurement === measurement && isWanted(line));
  const direction = parts['descending'] ? -1 : 1;
  wanted.sort((a, b) => direction * (a.t - b.t));
  const offset = Number(parts['offset'] ?? 0);
  const limit = Number(parts['limit'] ?? Number.POSITIVE_INFINITY);
  const groups = Map.groupBy(wanted, ({ tags }) => (parts['grouped'] ? (tags['agri_id'] ?? '') : ''));
  const columns = selection.split(', ').map((text) => columnOf(text));
  const series = [...groups].map(([name, group]) => {
    const rows = selectRows(columns, group).slice(offset, offset + limit);
    const names = ['time', ...columns.map(({ as }) => as)];
    if (!parts['grouped']) return { name: measurement ?? '', columns: names, values: rows };
    return tagsAsColumns
      ? { name: measurement ?? '', columns: [...names, 'agri_id'], values: rows.map((row) => [...row, name]) }
      : { name: measurement ?? '', tags: { agri_id: name }, columns: names, values: rows };
  });
  return series.length === 0 ? {} : { series };
}

interface Column {
  readonly call: string | undefined;
  readonly field: string;
  readonly as: string;
}

function columnOf(text: string): Column {
  const match = COLUMN.exec(text);
  if (match === null) throw new Error(`the fake does not know the column ${text}`);
  const [, call, inner, plain = inner ?? '', as = call ?? plain] = match;
  return { call, field: inner ?? plain, as };
}

function selectRows(columns: readonly Column[], lines: readonly ParsedLine[]): Row[] {
  const selector = columns.find(({ call }) => call !== undefined);
  const value = (line: ParsedLine, field: string) => {
    const text = line.fields[field];
    return text === undefined ? null : fieldValue(text);
  };
  if (selector?.call === 'count') return [[0, lines.length]];
  const rank = (line: ParsedLine) =>
    selector?.call === 'max' ? Number(value(line, selector.field)) : line.t;
  const best = lines.reduce<ParsedLine | undefined>(
    (a, b) => (a === undefined || rank(b) > rank(a) ? b : a),
    undefined,
  );
  const chosen = selector === undefined ? lines : best === undefined ? [] : [best];
  return chosen.map((line) => [line.t, ...columns.map(({ field }) => value(line, field))]);
}

function conditionOf(condition: string): (line: ParsedLine) => boolean {
  const [, from = '', to = ''] = RANGE.exec(condition) ?? [];
  const names = [...condition.matchAll(EQUALS)].map(([, name = '']) => name.replace(/\\(.)/gs, '$1'));
  const pattern = MATCHES.exec(condition)?.[1];
  const matches = pattern === undefined ? undefined : new RegExp(pattern.replaceAll('\\x{', '\\u{'), 'u');
  return ({ tags, t }) => {
    const name = tags['agri_id'] ?? '';
    const named =
      names.length === 0 && matches === undefined
        ? true
        : names.includes(name) || matches?.test(name) === true;
    return named && BigInt(t) * 1_000_000n >= BigInt(from) && BigInt(t) * 1_000_000n <= BigInt(to);
  };
}
