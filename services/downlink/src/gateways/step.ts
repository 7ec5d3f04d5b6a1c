/** What bytes from a gateway say about a step. */
export interface StepAnswer {
  /** `other`: an answer of the right kind, but to something else; the right one may still come. */
  readonly kind: 'confirmed' | 'refused' | 'other';
  /** What the gateway said, for people. */
  readonly detail: string;
}

/** One thing to send to a gateway, and how its answer is known. A command is one step or several, each confirmed before the next. */
export interface Step {
  /** For people, such as `AT+REBOOT`. */
  readonly name: string;
  readonly payload: Uint8Array;
  /** True when sending it twice does no more than sending it once, whatever happens in between. */
  readonly isRepeatable: boolean;
  /** Reads all that came from the gateway since it was sent; undefined when that holds no answer to it. */
  read(bytes: Uint8Array): StepAnswer | undefined;
}
