import { type FactorDefinition, factorDefinitionSchema } from '@furrow/contracts';
import { asc, eq } from 'drizzle-orm';
import { inRegistry } from '../engine/database-error.ts';
import type { Database } from '../engine/engine.ts';
import { moduleFactors, modules } from '../schema/index.ts';

/** A factor as a module's template says it, at slave address 0. */
export interface TemplateFactor {
  readonly name: string;
  readonly definition: FactorDefinition;
}

/** A kind of sensor or controller whose factors are known. */
export interface Module {
  readonly pk: number;
  readonly name: string;
  readonly info: string;
  readonly factors: readonly TemplateFactor[];
}

/** The modules; the same for every organization. */
export class Modules {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** All modules by their keys. */
  async list(): Promise<readonly Module[]> {
    return await inRegistry(() => this.#load());
  }

  async find(modulePk: number): Promise<Module | undefined> {
    return await inRegistry(async () => (await this.#load(modulePk))[0]);
  }

  async #load(modulePk?: number): Promise<Module[]> {
    const rows = await this.#db
      .select({ module: modules, factor: moduleFactors })
      .from(modules)
      .leftJoin(moduleFactors, eq(moduleFactors.modulePk, modules.pk))
      .where(modulePk === undefined ? undefined : eq(modules.pk, modulePk))
      .orderBy(asc(modules.pk), asc(moduleFactors.position));
    return [...Map.groupBy(rows, ({ module }) => module.pk).values()].flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const { pk, name, info } = first.module;
      const templates = group.flatMap(({ factor }) => (factor ? [templateOf(factor)] : []));
      return [{ pk, name, info, factors: templates }];
    });
  }
}

function templateOf({ name, definition }: typeof moduleFactors.$inferSelect): TemplateFactor {
  return { name, definition: factorDefinitionSchema.parse({ ...definition, unit: 0 }) };
}
