import { type Lane, type LaneFactor, type LanePlace, layLane } from './lane.ts';
import type { RegisterReader } from './raw-codec.ts';

/** One factor of a block, as far as its value goes. */
export interface BlockStep {
  /** Where it begins, in bits behind the start of the data. */
  readonly bits: number;
  /** How a lane takes it; undefined for one that has to be read by itself. */
  readonly lane: LaneFactor | undefined;
  /** Reads it by itself. */
  readonly plainAt: RegisterReader;
}

/** Puts the value of step i at `values[i]`, NaN where there is none; returns how many are NaN. */
export type DecodeSteps = (data: DataView, start: number, values: Float64Array) => number;

/** Sorts the steps into lanes. `perByte`: how many of the places that `plainAt` counts are in a byte, 1 or 8. */
export function compileLanes(steps: readonly BlockStep[], perByte: number): DecodeSteps {
  const groups: LanePlace[][] = [];
  const rest: { readonly plainAt: RegisterReader; readonly place: number; readonly index: number }[] = [];
  for (const [index, { bits, lane: factor, plainAt }] of steps.entries()) {
    if (factor === undefined) rest.push({ plainAt, place: (bits * perByte) / 8, index });
    else groupOf(groups, factor).push({ factor, bits, index });
  }
  const lanes = groups.flatMap(toLane);
  return (data, start, values) => {
    let others = 0;
    for (const lane of lanes) others += lane.run(lane, data, start, values);
    for (const { plainAt, place, index } of rest) {
      const value = plainAt(data, start * perByte + place);
      if (Number.isNaN(value)) others += 1;
      values[index] = value;
    }
    return others;
  };
}

/** The group of the factors that are read like this one; a new one at the end of the groups when it is the first. */
function groupOf(groups: LanePlace[][], { kind, order }: LaneFactor): LanePlace[] {
  const found = groups.find(([first]) => first?.factor.kind === kind && first.factor.order === order);
  if (found) return found;
  const group: LanePlace[] = [];
  groups.push(group);
  return group;
}

function toLane(group: readonly LanePlace[]): Lane[] {
  return group.slice(0, 1).map(({ factor }) => layLane(factor.kind, factor.order, group));
}
