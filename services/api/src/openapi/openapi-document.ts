import { z } from 'zod';
import { API_ERROR_STATUS, type ApiErrorCode } from '../errors.ts';
import type { Route } from '../route.ts';
import { MAX_BODY_BYTES, MAX_FILE_BYTES } from '../server-options.ts';
import { type JsonSchema, SchemaWriter } from './json-schema.ts';

const ERROR_COMPONENT = 'Error';

const errorSchema = z
  .object({
    success: z.literal(false),
    data: z.null(),
    error: z.object({
      code: z.string().describe('One of a closed list; programs decide by it'),
      message: z.string().describe('For people'),
      request_id: z.string().max(32).describe('The same as in the header X-Request-ID'),
      fields: z
        .array(z.object({ name: z.string(), message: z.string() }))
        .optional()
        .describe('The fields that broke a rule'),
    }),
  })
  .meta({ id: ERROR_COMPONENT });

/** What every route may answer: the caller's mistakes before the route is reached, its limits, and ours. */
const EVERYWHERE: readonly ApiErrorCode[] = [
  'BAD_REQUEST',
  'VALIDATION_ERROR',
  'UNAUTHORIZED',
  'TOO_MANY_REQUESTS',
  'URI_TOO_LONG',
  'INTERNAL_ERROR',
  'SERVICE_UNAVAILABLE',
];

const DESCRIPTION = `Devices, factors and data of an IoT platform for agriculture.

Every answer is an envelope: \`{"success": true, "data": …, "error": null}\`, or \`{"success": false, "data": null, "error": {"code", "message", "request_id"}}\`.
Every request carries \`Authorization: Bearer <token>\`; a token reaches its whole organization or single projects of it, and has the role reader or manager.
A JSON body has at most ${MAX_BODY_BYTES / 1024 / 1024} MB, an uploaded file ${MAX_FILE_BYTES / 1024 / 1024} MB. Answers that may be kept carry an \`ETag\`; \`Cache-Control: no-cache\` asks for a new one.`;

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = Readonly<Record<string, unknown>>;

/** Describes the routes, from the very schemas that check requests. `prefix` is what their paths lie below. */
export function createOpenApiDocument(routes: readonly Route[], prefix: string): OpenApiDocument {
  const writer = new SchemaWriter();
  writer.output(errorSchema);
  const byPath = Map.groupBy(routes, ({ path }) => prefix + path);
  const paths = Object.fromEntries(
    [...byPath].map(([path, onPath]) => [
      path,
      Object.fromEntries(onPath.map((route) => [route.method.toLowerCase(), operationOf(route, writer)])),
    ]),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'Furrow Open API',
      version: '2',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: writer.components,
    },
  };
}

function operationOf(route: Route, writer: SchemaWriter): JsonSchema {
  const roleText = route.role === 'manager' ? 'Needs the role manager.' : '';
  const body = requestBody(route, writer);
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, roleText].filter(Boolean).join('\n\n'),
    parameters: [...parameters(route, 'path', writer), ...parameters(route, 'query', writer)],
    ...(body && { requestBody: body }),
    responses: { ...successResponse(route, writer), ...errorResponses(route) },
  };
}

function parameters(route: Route, place: 'path' | 'query', writer: SchemaWriter): JsonSchema[] {
  const written = writer.input(place === 'path' ? route.params : route.query);
  const properties = (written['properties'] ?? {}) as Record<string, JsonSchema>;
  const examples: Readonly<Record<string, unknown>> =
    (place === 'path' ? route.example.params : route.example.query) ?? {};
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: place,
    required: place === 'path',
    ...(description !== undefined && { description }),
    schema,
    ...(name in examples && {
      example: schema['type'] === 'integer' ? Number(examples[name]) : examples[name],
    }),
  }));
}

function requestBody(route: Route, writer: SchemaWriter): JsonSchema | undefined {
  if (route.upload) {
    return { required: true, content: { 'multipart/form-data': { schema: writer.input(route.upload) } } };
  }
  if (!route.body) return undefined;
  const schema = writer.input(route.body);
  return { required: true, content: { 'application/json': { schema, example: route.example.body } } };
}

function successResponse(route: Route, writer: SchemaWriter): JsonSchema {
  const headers = { 'X-Request-ID': { schema: { type: 'string', maxLength: 32 } } };
  if (route.answer === null) return { '204': { description: 'Done; there is no body', headers } };
  const schema = {
    type: 'object',
    properties: {
      success: { const: true },
      data: writer.output(route.answer),
      error: { type: 'null' },
    },
    required: ['success', 'data', 'error'],
  };
  const example = { success: true, data: route.example.answer, error: null };
  const ok = { description: 'Success', headers, content: { 'application/json': { schema, example } } };
  if (route.cacheSeconds === undefined) return { '200': ok };
  const kept = `The answer may be up to ${route.cacheSeconds} seconds old`;
  const etag = { ETag: { schema: { type: 'string' } } };
  return {
    '200': { ...ok, description: `Success. ${kept}`, headers: { ...headers, ...etag } },
    '304': { description: 'The answer whose ETag the request names in If-None-Match is still good', headers },
  };
}

/** Every code that the route may answer, by its status. */
export function errorCodesOf(route: Route): readonly ApiErrorCode[] {
  const takesBody = route.method !== 'GET';
  const reachesProject = 'project_id' in route.params.shape;
  return [
    ...EVERYWHERE,
    ...(route.role === 'manager' || reachesProject ? (['FORBIDDEN'] as const) : []),
    ...(takesBody ? (['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const) : []),
    ...route.errors,
  ];
}

function errorResponses(route: Route): JsonSchema {
  const byStatus = Map.groupBy(new Set(errorCodesOf(route)), (code) => API_ERROR_STATUS[code]);
  const content = { 'application/json': { schema: { $ref: `#/components/schemas/${ERROR_COMPONENT}` } } };
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [String(status), { description: codes.join(', '), content }]),
  );
}
