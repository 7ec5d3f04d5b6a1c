import { z } from 'zod';

/** A JSON Schema (draft 2020-12), as OpenAPI 3.1 uses it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const COMPONENTS = '#/components/schemas/';

/**
 * Turns zod schemas into JSON Schema. Schemas with an id become components, which all the others refer to.
 */
export class SchemaWriter {
  readonly #components = new Map<string, JsonSchema>();

  /** The components of everything that was written so far, by their names. */
  get components(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#components].sort(([a], [b]) => a.localeCompare(b)));
  }

  /** What a caller may send. */
  input(schema: z.ZodType): JsonSchema {
    return this.#write(schema, 'input');
  }

  /** What an answer has. */
  output(schema: z.ZodType): JsonSchema {
    return this.#write(schema, 'output');
  }

  #write(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const {
      $schema: _,
      $defs = {},
      id,
      ...written
    } = withoutIds(
      z.toJSONSchema(schema, {
        io,
        unrepresentable: 'any',
        override: ({ jsonSchema, zodSchema }) => {
          // Zod leaves out defaults of what is transformed.
          const { def } = zodSchema._zod;
          if (def.type === 'default') jsonSchema.default = Reflect.get(def, 'defaultValue');
          tidy(jsonSchema, io);
        },
      }),
    );
    for (const [name, definition] of Object.entries($defs as Record<string, JsonSchema>)) {
      this.#components.set(name, toComponents(definition));
    }
    if (typeof id !== 'string') return toComponents(written);
    this.#components.set(id, toComponents(written));
    return { $ref: COMPONENTS + id };
  }
}

/** The id of a component is its name, not part of it; that of the root says that the root is one. */
function withoutIds(schema: JsonSchema): JsonSchema {
  const definitions = Object.entries((schema['$defs'] ?? {}) as Record<string, JsonSchema>);
  const $defs = Object.fromEntries(definitions.map(([name, { id: _, ...definition }]) => [name, definition]));
  return { ...schema, $defs };
}

/** Numbers in paths and queries are text for zod and numbers for everybody else; answers may get more fields in time. */
function tidy(schema: Record<string, unknown>, io: 'input' | 'output'): void {
  if (schema['type'] === 'integer' && 'pattern' in schema) delete schema['pattern'];
  if (io === 'output' && schema['additionalProperties'] === false) delete schema['additionalProperties'];
}

function toComponents(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', `"${COMPONENTS}`));
}
