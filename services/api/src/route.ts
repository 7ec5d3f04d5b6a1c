import type { AccessToken } from '@furrow/registry';
import type { TraceHeaders } from '@furrow/runtime';
import type { z } from 'zod';
import type { ApiDeps } from './api-deps.ts';
import type { ApiErrorCode } from './errors.ts';

export type RouteMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Headings of the reference page. */
export type RouteTag = 'Devices' | 'Factors' | 'Data' | 'Control' | 'Base data';

/** A file that came with a multipart form, and the form's other fields. */
export interface Upload {
  readonly file: Buffer;
  readonly fields: Readonly<Record<string, string>>;
}

/** A request that passed every check that its route declares. */
export interface Call<Params, Query, Body> {
  readonly caller: AccessToken;
  readonly params: Params;
  readonly query: Query;
  /** The JSON body; for an upload, undefined. */
  readonly body: Body;
  /** There for routes with `upload`. */
  readonly upload: Upload | undefined;
  /** The caller wants no kept answer (`Cache-Control: no-cache`). */
  readonly fresh: boolean;
  /** The W3C headers of a caller that traces its requests. */
  readonly trace: TraceHeaders;
  /** The address as the caller wrote it, with scheme, host and query, for links to other pages. */
  readonly url: URL;
}

/**
 * One route of the Open API: what it takes, what it answers, and who may call it. The server checks a request by it, and the
 * OpenAPI document is made of it, so neither can say what the other does not.
 */
export interface RouteSpec<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> {
  readonly method: RouteMethod;
  /** The path below `/api/v2`, parameters in braces. A parameter `project_id` is one that the token has to reach. */
  readonly path: `/${string}/`;
  readonly operationId: string;
  readonly tag: RouteTag;
  readonly summary: string;
  readonly description?: string;
  /** The least role of a token that may call it. */
  readonly role: 'reader' | 'manager';
  readonly params: Params;
  readonly query: Query;
  /** The JSON body. A route without one pays no heed to what is sent. */
  readonly body?: Body;
  /** The code for a body that breaks a rule; VALIDATION_ERROR unless the documents name another. */
  readonly bodyRefusal?: 'INVALID_COMMAND';
  /** The body goes to the queue and to no database: its text is not looked into, and may be long. */
  readonly queuesBody?: true;
  /** Takes a multipart form with a `file` of up to 50 MB instead of a JSON body; the schema is that of the form. */
  readonly upload?: z.ZodObject;
  /** What stands under `data` of the envelope; null for 204 without a body. */
  readonly answer: Answer | null;
  /** What it answers beside success, apart from what every route may answer. */
  readonly errors: readonly ApiErrorCode[];
  /** Seconds for which a GET's answer may be kept. Such answers carry an `ETag`. */
  readonly cacheSeconds?: number;
  /** Name of the file that a browser saves the whole answer as. */
  readonly attachment?: string;
  /** A request and its answer, which the schemas accept; the document shows them. */
  readonly example: {
    readonly params: z.input<Params>;
    readonly query?: Readonly<Record<string, string | number>>;
    readonly body?: z.input<Body>;
    readonly answer: z.input<Answer> | null;
  };
  handle(
    call: Call<z.output<Params>, z.output<Query>, z.output<Body>>,
    deps: ApiDeps,
  ): Promise<z.input<Answer>>;
}

/** A route whose own types are forgotten: what a list of routes holds. */
export type Route = Omit<RouteSpec<z.ZodObject, z.ZodObject, z.ZodType, z.ZodType>, 'handle'> & {
  handle(call: Call<unknown, unknown, unknown>, deps: ApiDeps): Promise<unknown>;
};

/** Declares a route; its handler gets what its schemas give. */
export function route<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
>(spec: RouteSpec<Params, Query, Body, Answer>): Route {
  // The server calls it with what the schemas of this very spec gave.
  return spec as unknown as Route;
}
