import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { createOpenApiDocument } from '../src/openapi/openapi-document.ts';
import { ROUTES } from '../src/routes.ts';
import { API_PREFIX } from '../src/server.ts';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly example?: unknown;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: object; readonly example?: unknown }>>;
}

export interface Operation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** The document as a reader of it sees it. */
export const DOCUMENT = JSON.parse(JSON.stringify(createOpenApiDocument(ROUTES, API_PREFIX))) as Document;

/** Every operation with its path and method. */
export const OPERATIONS = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false });
ajv.addSchema({ $id: 'openapi', components: DOCUMENT.components });
const compiled = new Map<object, ValidateFunction>();

/** What a value breaks of a schema of the document; undefined when nothing. */
export function problemOf(schema: object, value: unknown): string | undefined {
  const text = JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/');
  const validate = compiled.get(schema) ?? ajv.compile(JSON.parse(text));
  compiled.set(schema, validate);
  return validate(value) ? undefined : ajv.errorsText(validate.errors);
}

/** What an answer breaks of its operation's description. */
export function answerProblem(operation: Operation, status: number, body: string): string | undefined {
  const response = operation.responses[String(status)];
  if (!response) return `the status ${status} is not described`;
  const schema = response.content?.['application/json']?.schema;
  if (!schema) return body === '' ? undefined : 'the body is not described';
  return problemOf(schema, JSON.parse(body));
}
