import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { OpenApiDocument } from './openapi-document.ts';

/** The files of Swagger UI that the page needs, with their types. */
const ASSETS = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
} as const;

const START_SCRIPT = `SwaggerUIBundle({ url: '../openapi.json', dom_id: '#reference', deepLinking: true, validatorUrl: null, persistAuthorization: false });`;

/** Nothing comes from elsewhere; Swagger UI sets styles of elements and draws pictures from data. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Furrow Open API</title>
<link rel="stylesheet" href="swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="start.js"></script>
</body>
</html>
`;

/** Serves the document, and a page that shows it: both without a token, and without anything from another host. */
export function referencePageRoutes(app: FastifyInstance, prefix: string, document: OpenApiDocument): void {
  const json = JSON.stringify(document);
  app.get(`${prefix}/openapi.json`, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(json),
  );
  const serve = (name: string, type: string, body: () => string | Buffer, control: string) =>
    app.get(`${prefix}/docs/${name}`, async (_request, reply) =>
      reply
        .type(type)
        .header('content-security-policy', POLICY)
        .header('cache-control', control)
        .send(body()),
    );
  serve('', 'text/html; charset=utf-8', () => PAGE, 'no-cache');
  serve('start.js', 'text/javascript; charset=utf-8', () => START_SCRIPT, 'no-cache');
  const folder = assetFolder();
  const read = new Map<string, Buffer>();
  for (const [name, type] of Object.entries(ASSETS)) {
    const body = () => {
      const bytes = read.get(name) ?? readFileSync(join(folder, name));
      read.set(name, bytes);
      return bytes;
    };
    serve(name, type, body, 'public, max-age=86400');
  }
}

/** The folder `swagger-ui` beside the running file, which is how a bundled service ships it; otherwise the package. */
function assetFolder(): string {
  const shipped = fileURLToPath(new URL('./swagger-ui', import.meta.url));
  if (existsSync(shipped)) return shipped;
  return dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/swagger-ui.css')));
}
