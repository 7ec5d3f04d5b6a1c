import type { Logger } from 'pino';

/** One thing to do before the process ends. Steps run in the order of the list, each once. */
export interface ShutdownStep {
  readonly name: string;
  run(): Promise<void>;
}

export interface ShutdownOptions {
  readonly logger: Logger;
  /** Time for all steps together; afterwards the process exits with code 1. */
  readonly deadlineMs: number;
  /** Ends the process; `process.exit` unless a test puts something else here. */
  readonly exit?: (code: number) => void;
  /** Where signals come from; `process` unless a test puts something else here. */
  readonly signals?: Pick<NodeJS.EventEmitter, 'on' | 'removeListener'>;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Exit code of a process that a second signal ended: 128 + SIGINT, as shells report it. */
const EXIT_INTERRUPTED = 130;

/**
 * The one way a process ends: the first SIGTERM or SIGINT (or a call of `run`) runs the steps, then exits with 0, or with 1
 * when a step failed or the deadline passed. A second signal exits at once.
 */
export class Shutdown {
  readonly #steps: ShutdownStep[] = [];
  readonly #options: ShutdownOptions;
  #running: Promise<number> | undefined;

  constructor(options: ShutdownOptions) {
    this.#options = options;
  }

  /** Adds a step before those that are there: what was opened last is closed first. */
  before(name: string, run: () => Promise<void>): void {
    this.#steps.unshift({ name, run });
  }

  /** Begins to listen for signals. Returns a function that stops listening. */
  listen(): () => void {
    const { signals = process, logger, exit = process.exit } = this.#options;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (this.#running) {
        logger.warn({ signal }, 'second signal: exiting at once');
        exit(EXIT_INTERRUPTED);
        return;
      }
      logger.info({ signal }, 'shutting down');
      this.run().then((code) => exit(code));
    };
    for (const signal of SIGNALS) signals.on(signal, onSignal);
    return () => {
      for (const signal of SIGNALS) signals.removeListener(signal, onSignal);
    };
  }

  /** Runs the steps once, however often it is called. Resolves to the exit code; never rejects. */
  run(): Promise<number> {
    this.#running ??= this.#runSteps();
    return this.#running;
  }

  async #runSteps(): Promise<number> {
    const { logger, deadlineMs } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), deadlineMs);
    });
    let code = 0;
    for (const step of this.#steps) {
      const outcome = await Promise.race([deadline, attempt(step)]);
      if (outcome === 'late') {
        logger.error({ step: step.name, deadlineMs }, 'shutdown deadline passed');
        code = 1;
        break;
      }
      if (outcome.error !== undefined) {
        logger.error({ step: step.name, err: outcome.error }, 'shutdown step failed');
        code = 1;
      }
    }
    clearTimeout(timer);
    return code;
  }
}

async function attempt(step: ShutdownStep): Promise<{ error?: unknown }> {
  try {
    await step.run();
    return {};
  } catch (error) {
    return { error };
  }
}
