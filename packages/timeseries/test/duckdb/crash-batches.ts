import { type AgriId, agriId, type Point } from '@furrow/contracts';

/** The clock of the crash test, in both processes. */
export const CRASH_NOW = Date.UTC(2026, 1, 16, 12);
const DAY = 86_400_000;

export const CRASH_FACTORS: readonly AgriId[] = Array.from({ length: 40 }, (_, i) => agriId(`d-1-${i}`));

/**
 * Batch `number` of the crash test, the same in every process: orderly points, large ones, late ones over many days, and
 * ones that replace points of the batch before. `version` is the batch's number, so a stored point tells where it is from.
 */
export function crashBatch(number: number): Point[] {
  const kind = number % 5;
  if (kind === 1)
    return crashBatch(number - 1).map((point, i) => ({ ...point, version: number, value: i + 0.5 }));
  const size = kind === 0 ? 3_000 : 400;
  return Array.from({ length: size }, (_, i) => {
    const day = kind === 3 ? i % 25 : 0;
    const agri = CRASH_FACTORS[i % CRASH_FACTORS.length] ?? agriId('d-1-0');
    return {
      agriId: agri,
      t: CRASH_NOW - 2 * DAY - day * DAY + number * 10_000 + Math.floor(i / CRASH_FACTORS.length),
      value: i,
      version: number,
      device: agriId('d-1'),
      orgId: 'yanji-lab',
      projectId: 'greenhouse-alpha',
      theType: 'temp',
    };
  });
}
