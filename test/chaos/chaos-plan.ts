import { type Random, seededRandom } from '../bench/random.ts';
import type { ChaosOptions } from './chaos-options.ts';
import { FAULTS } from './faults/index.ts';
import { type PlannedMessage, planLoad } from './load.ts';
import { type ScheduledFault, scheduleFaults } from './schedule.ts';

/** All that a seed decides. Which single request a fault hits depends on the order in which requests come, and is not replayed. */
export interface ChaosPlan {
  readonly schedule: readonly ScheduledFault[];
  /** Made anew at each call. */
  messages(): Generator<PlannedMessage>;
  /** For what is drawn during the run. */
  readonly random: Random;
}

/** Seeds of the parts of a run, so that a change in one does not change the other. */
const LOAD = 0x10ad;
const DRAW = 0xd2a3;

export function planChaos({ seed, loadMs, rate }: ChaosOptions): ChaosPlan {
  return {
    schedule: scheduleFaults(FAULTS, loadMs, warm(seededRandom(seed))),
    messages: () => planLoad({ loadMs, rate }, warm(seededRandom(seed ^ LOAD))),
    random: warm(seededRandom(seed ^ DRAW)),
  };
}

/** The first numbers of small seeds are small. */
function warm(random: Random): Random {
  for (let i = 0; i < 16; i += 1) random();
  return random;
}
