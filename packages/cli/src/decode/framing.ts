import { FRAMINGS, type Framing } from '@furrow/contracts';
import { UsageError } from '../errors.ts';

/** Reads the flag `--framing`, which is `rtu` when it is left out. Throws {@link UsageError} for any other word. */
export function parseFraming(text = 'rtu'): Framing {
  const framing = FRAMINGS.find((name) => name === text);
  if (framing === undefined)
    throw new UsageError(`--framing is one of ${FRAMINGS.join(', ')}, not ${JSON.stringify(text)}`);
  return framing;
}
