import { index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import type { FactorExtras, factors } from './devices.ts';

/** Modules: sensors and controllers on a bus whose factors are known, such as a soil probe. */
export const modules = pgTable('modules', {
  pk: integer('pk').primaryKey().generatedByDefaultAsIdentity({ startWith: 1000 }),
  name: text('name').notNull().unique(),
  info: text('info').notNull().default(''),
  createTime: instant('create_time').notNull().defaultNow(),
});

/** What a template says: a factor's definition without its slave address, which the installer chooses. */
export type ModuleFactorDefinition = FactorExtras &
  Pick<typeof factors.$inferSelect, 'address'> & {
    readonly data_index?: number;
    readonly modbus_type: string;
    readonly data_type: string;
    readonly data_endian?: string;
    readonly data_factor?: number;
    readonly data_delta?: number;
    readonly the_type: string;
    readonly info?: string;
  };

/** The factors of a module, in the order of `position`. */
export const moduleFactors = pgTable(
  'module_factors',
  {
    pk: integer('pk').primaryKey().generatedAlwaysAsIdentity(),
    modulePk: integer('module_pk')
      .notNull()
      .references(() => modules.pk, { onDelete: 'cascade' }),
    position: integer('position').notNull(),
    name: text('name').notNull().default(''),
    definition: jsonb('definition').$type<ModuleFactorDefinition>().notNull(),
  },
  (table) => [index('module_factors_module_index').on(table.modulePk, table.position)],
);
