import { type AgriId, agriId, type Point } from '@furrow/contracts';

/** The clock of the compaction tests, in both processes: noon. */
export const COMPACTION_NOW = Date.UTC(2026, 1, 16, 12);
const DAY = 86_400_000;

export const COMPACTION_FACTORS: readonly AgriId[] = Array.from({ length: 30 }, (_, i) => agriId(`d-1-${i}`));

/** A day's points, `daysAgo` days before today: as they arrive, one of each factor after the other. */
export function compactionBatch(daysAgo: number): Point[] {
  const start = Math.floor(COMPACTION_NOW / DAY) * DAY - daysAgo * DAY;
  return Array.from({ length: 100 }, (_, i) => i).flatMap((i) =>
    COMPACTION_FACTORS.map((id, factor) => {
      return {
        agriId: id,
        t: start + i * 600_000 + factor,
        value: daysAgo + i / 10 + factor / 1_000,
        version: start + i * 600_000 + 1_500 + factor * 7,
        device: agriId('d-1'),
        orgId: 'yanji-lab',
        projectId: 'greenhouse-alpha',
        theType: 'temp',
      };
    }),
  );
}
