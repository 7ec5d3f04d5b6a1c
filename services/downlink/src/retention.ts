import { RETENTION_DAYS, RETENTION_MS } from '@furrow/contracts';
import type { Registry } from '@furrow/registry';
import type { Logger } from '@furrow/runtime';

const INTERVAL_MS = 3_600_000;

/** Forgets commands that are as old as readings are kept, now and every hour. Returns a function that stops it. */
export function forgetOldCommands(
  commands: Pick<Registry['commands'], 'forgetBefore'>,
  logger: Logger,
): () => void {
  const forget = (): void => {
    commands
      .forgetBefore(new Date(Date.now() - RETENTION_MS))
      .catch((error: unknown) =>
        logger.warn({ err: error, days: RETENTION_DAYS }, 'old commands were not forgotten'),
      );
  };
  forget();
  const timer = setInterval(forget, INTERVAL_MS).unref();
  return () => clearInterval(timer);
}
