import fc from 'fast-check';
import { OPERATIONS, type Operation, type Parameter } from './openapi-validator.ts';

/** A request made from the document: mostly near what it describes, never quite to be trusted. */
export interface GeneratedRequest {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  readonly url: string;
  readonly body: string | undefined;
  readonly contentType: string | undefined;
}

type Schema = Readonly<Record<string, unknown>>;

/** Text that has broken a program somewhere. */
const hostileText = fc.constantFrom(
  '',
  ' ',
  '\u0000',
  '\ud800',
  "' or 1=1 --",
  '%00',
  '%',
  '\\',
  '../..',
  'null',
  'NaN',
  '-1',
  '1e999',
  '9999999999999999999',
  '__proto__',
  'constructor',
  '{"a":1}',
  '💧',
  'x'.repeat(300),
  'd-1000-abcd-1-00',
  'greenhouse-alpha',
);
const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), hostileText);
const anyJson = fc.oneof({ depthSize: 'small' }, fc.jsonValue({ maxDepth: 4 }), hostileText);

/**
 * Requests for every operation. `known` are values by the names of parameters that exist, so that many requests reach what lies behind
 * the checks.
 */
export function generatedRequests(
  known: Readonly<Record<string, readonly (string | number)[]>>,
  resolve: (schema: Schema) => Schema,
): fc.Arbitrary<GeneratedRequest> {
  return fc.constantFrom(...OPERATIONS).chain(({ path, method, operation }) => {
    const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
    const inQuery = operation.parameters.filter((parameter) => parameter.in === 'query');
    const body = bodyOf(operation, resolve);
    return fc
      .record({
        path: fc.tuple(...inPath.map((parameter) => parameterText(parameter, known))),
        query: fc.tuple(
          ...inQuery.map((p) => fc.option(parameterText(p, known), { nil: undefined, freq: 1 })),
        ),
        body,
        contentType: fc.oneof(
          { weight: 9, arbitrary: fc.constant('application/json') },
          { weight: 1, arbitrary: fc.constantFrom('text/plain', 'multipart/form-data; boundary=x', '') },
        ),
      })
      .map((parts) => {
        const values = new Map(inPath.map(({ name }, index) => [name, parts.path[index] ?? '']));
        const query = inQuery.flatMap(({ name }, index) => {
          const value = parts.query[index];
          return value === undefined ? [] : [`${name}=${encode(value)}`];
        });
        const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encode(values.get(name) ?? ''));
        const sends = method !== 'GET' && parts.body !== undefined;
        return {
          method,
          path,
          operation,
          url: query.length > 0 ? `${url}?${query.join('&')}` : url,
          body: sends ? parts.body : undefined,
          contentType: sends && parts.contentType !== '' ? parts.contentType : undefined,
        };
      });
  });
}

function parameterText(
  { name, schema, example }: Parameter,
  known: Readonly<Record<string, readonly (string | number)[]>>,
): fc.Arbitrary<string> {
  const likely = [...(known[name] ?? []), ...(example === undefined ? [] : [String(example)])].map(String);
  const described = schema['type'] === 'integer' ? fc.integer({ min: -1, max: 120 }).map(String) : anyText;
  if (likely.length === 0) return fc.oneof(described, anyText);
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...likely) },
    { weight: 2, arbitrary: described },
    { weight: 1, arbitrary: anyText },
  );
}

function bodyOf(operation: Operation, resolve: (schema: Schema) => Schema): fc.Arbitrary<string | undefined> {
  const content = operation.requestBody?.content ?? {};
  const json = content['application/json'];
  if (content['multipart/form-data']) {
    return fc
      .oneof(anyJson, fc.array(anyJson))
      .map(
        (file) =>
          `--x\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\n${JSON.stringify(file)}\r\n--x--\r\n`,
      );
  }
  if (!json) return fc.constantFrom(undefined, '', 'null');
  const valid = valueOfSchema(json.schema as Schema, resolve);
  const example = fc.constant(json.example);
  return fc
    .oneof(
      { weight: 3, arbitrary: example },
      {
        weight: 4,
        arbitrary: fc.tuple(example, valid, fc.dictionary(fc.string(), anyJson, { maxKeys: 1 })).map(merged),
      },
      { weight: 3, arbitrary: valid },
      { weight: 1, arbitrary: anyJson },
    )
    .chain((value) =>
      fc.oneof(
        { weight: 20, arbitrary: fc.constant(JSON.stringify(value)) },
        { weight: 1, arbitrary: anyText },
      ),
    );
}

/** The example with some fields replaced. */
function merged([example, other, extra]: [unknown, unknown, object]): unknown {
  const isObject = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject(example) && isObject(other) ? { ...example, ...other, ...extra } : other;
}

/** Values of a schema, some of them a little off. */
function valueOfSchema(given: Schema, resolve: (schema: Schema) => Schema, depth = 0): fc.Arbitrary<unknown> {
  const schema = resolve(given);
  const { type, enum: choices, const: only, examples, minimum, maximum } = schema;
  if (depth > 5) return anyJson;
  const near = (arbitrary: fc.Arbitrary<unknown>) =>
    fc.oneof({ weight: 8, arbitrary }, { weight: 1, arbitrary: anyJson });
  if (only !== undefined) return near(fc.constant(only));
  if (Array.isArray(choices)) return near(fc.constantFrom(...choices));
  if (Array.isArray(examples)) return near(fc.constantFrom(...examples));
  const options = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(options))
    return fc.oneof(...options.map((option: Schema) => valueOfSchema(option, resolve, depth + 1)));
  switch (type) {
    case 'object': {
      const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);
      const fields = properties.map(([name, property]) => [
        name,
        valueOfSchema(property, resolve, depth + 1),
      ]);
      return near(fc.record(Object.fromEntries(fields), { requiredKeys: [] }));
    }
    case 'array': {
      const items = (schema['items'] ?? {}) as Schema;
      return near(fc.array(valueOfSchema(items, resolve, depth + 1), { maxLength: 4 }));
    }
    case 'integer':
      return near(
        fc.oneof(
          fc.integer({ min: Number(minimum ?? -5), max: Math.min(Number(maximum ?? 300), 300) }),
          fc.maxSafeInteger(),
        ),
      );
    case 'number':
      return near(fc.oneof(fc.integer({ min: -10, max: 10 }), fc.double({ noNaN: true })));
    case 'boolean':
      return near(fc.boolean());
    case 'string':
      return near(anyText);
    default:
      return anyJson;
  }
}

/** A value in a URL; what cannot be encoded goes in as it is, as a careless client would send it. */
function encode(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return '%ED%A0%80';
  }
}
