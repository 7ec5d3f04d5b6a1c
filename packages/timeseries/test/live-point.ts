import { agriId, type Point } from '@furrow/contracts';

/** For engines that keep by their own clock. */
export const NOW = Date.now();
export const DAY = 86_400_000;

/** A point of now, with changes. */
export const livePoint = (changes: Partial<Point> = {}): Point => ({
  agriId: agriId('d-1-0'),
  t: NOW,
  value: 21.5,
  version: NOW,
  device: agriId('d-1'),
  orgId: 'yanji-lab',
  projectId: 'greenhouse-alpha',
  theType: 'temp',
  ...changes,
});
