import { describe, expect, it } from 'vitest';
import type { SuiteContext } from './context.ts';

export function migrationsSuite(context: SuiteContext): void {
  describe('openRegistry', () => {
    it('applies every migration once, also when several processes start at once on an empty server', async () => {
      const rows = await context.run('select count(*)::int as n from drizzle.__drizzle_migrations');
      expect(rows).toEqual([{ n: 5 }]);
    });

    it('answers a probe', async () => {
      await expect(context.registry().probe()).resolves.toBeUndefined();
    });
  });
}
