import { describe, expect, it } from 'vitest';
import { openRegistry } from '../../src/index.ts';
import type { SuiteContext } from './context.ts';

export function migrationsSuite(context: SuiteContext): void {
  describe('openRegistry', () => {
    it('has applied every migration, once', async () => {
      const rows = await context.run('select count(*)::int as n from drizzle.__drizzle_migrations');
      expect(rows).toEqual([{ n: 2 }]);
    });

    it('opens a database that is migrated already, by several processes at a time', async () => {
      // PGlite has one owner: its second open is the durability test's.
      if (context.engine.name === 'pglite') return;
      const registries = await Promise.all([1, 2, 3, 4].map(() => openRegistry(context.url)));
      await Promise.all(registries.map((registry) => registry.probe()));
      await Promise.all(registries.map((registry) => registry.close()));
      const rows = await context.run('select count(*)::int as n from drizzle.__drizzle_migrations');
      expect(rows).toEqual([{ n: 2 }]);
    });

    it('answers a probe', async () => {
      await expect(context.registry().probe()).resolves.toBeUndefined();
    });
  });
}
