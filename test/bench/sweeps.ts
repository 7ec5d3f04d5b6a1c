import { type AgriId, agriId, factorAgriId, type Point } from '@furrow/contracts';
import { type Random, seededRandom } from './random.ts';

const DEVICES = 500;
export const FACTORS_A_DEVICE = 10;
/** Points of one sweep over the fleet. */
export const SWEEP_POINTS = DEVICES * FACTORS_A_DEVICE;
export const SWEEP_MS = 300_000;
const GROUPS = 32;

/** A device of the fleet, from 0 up to, not including, 500. */
export function sweepDevice(index: number): AgriId {
  return agriId(`d-${1000 + index}-abcd`);
}

/** A factor of the fleet, from 0 up to, not including, `SWEEP_POINTS`. */
export function sweepFactor(index: number): AgriId {
  return factorAgriId(sweepDevice(Math.floor(index / FACTORS_A_DEVICE)), 1, 0, index % FACTORS_A_DEVICE);
}

/** Makes the sweep that begins at a time: every device reports its ten factors once, at its own second. */
export type MakeSweep = (startMs: number) => Point[];

/**
 * 5,000 factors that report every five minutes, as they come off the queue: a device's ten together, the devices in the order of their
 * seconds, which waver by two; values with one decimal that drift, `version` a few hundred milliseconds to two seconds after `t`.
 */
export function openSweeps(seed: number): MakeSweep {
  const random: Random = seededRandom(seed);
  const devices = Array.from({ length: DEVICES }, (_, index) => {
    const second = (index * 37) % 290;
    const project = `project-${index % GROUPS}`;
    return { id: sweepDevice(index), second, project };
  }).sort((a, b) => a.second - b.second);
  const ids = devices.map(({ id }) =>
    Array.from({ length: FACTORS_A_DEVICE }, (_, factor) => factorAgriId(id, 1, 0, factor)),
  );
  const tenths = devices.map(() =>
    Array.from({ length: FACTORS_A_DEVICE }, () => Math.floor(random() * 600)),
  );
  return (startMs) =>
    devices.flatMap(({ id, second, project }, at) => {
      const t = startMs + (second + Math.floor(random() * 3)) * 1000;
      const version = t + 200 + Math.floor(random() * 1_800);
      const values = tenths[at] ?? [];
      return (ids[at] ?? []).map((agri, factor) => {
        const value = Math.max(-400, Math.min(1_200, (values[factor] ?? 0) + Math.floor(random() * 7) - 3));
        values[factor] = value;
        return {
          agriId: agri,
          t,
          value: value / 10,
          version,
          device: id,
          orgId: 'bench',
          projectId: project,
          theType: 'temp',
        };
      });
    });
}
