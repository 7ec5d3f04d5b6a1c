import type { SqsFaults } from '../sqs-faults.ts';
import type { StoreFaults } from '../store-side.ts';
import type { SupervisedProcess } from '../supervised-process.ts';
import type { TcpProxy } from '../tcp-proxy.ts';

/** What a fault can take hold of. */
export interface Chaos {
  readonly sqs: SqsFaults;
  readonly store: StoreFaults;
  /** The wires to the store and to the registry. */
  readonly storeLine: TcpProxy;
  readonly registryLine: TcpProxy;
  readonly workers: readonly SupervisedProcess[];
  readonly api: SupervisedProcess;
}

/** One kind of trouble. A new one is a new file and a line in `FAULTS`. */
export interface Fault {
  readonly name: string;
  /** What happens, for the printed plan. */
  readonly what: string;
  /** How often in a minute of load; every kind happens at least once in a run. */
  readonly perMinute: number;
  /** Shortest and longest duration, in seconds, cut to fit a short run; 0 for what happens in a moment. */
  readonly seconds: readonly [shortest: number, longest: number];
  /** Nothing can be stored meanwhile: outages take turns, and a gap in the progress of the store during one is no stall. */
  readonly outage?: true;
  /** `victim` is any whole number, by which a fault chooses among equals. */
  begin(chaos: Chaos, victim: number): void;
  end?(chaos: Chaos): void;
}
