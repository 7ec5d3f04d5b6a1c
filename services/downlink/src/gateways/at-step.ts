import type { AtCommand, AtDialect } from './at-dialect.ts';
import type { Step, StepAnswer } from './step.ts';

/** What an argument may hold: nothing that ends a line, joins arguments, or is no plain character. */
const ARGUMENT = /^[A-Za-z0-9._:-]*$/;

/**
 * One AT command as a step. Throws a RangeError for an argument that could begin a second command or argument, and for a line that
 * is too long: such text is never made, whoever forgot to check it.
 */
export function atStep(dialect: AtDialect, command: AtCommand): Step {
  const line = lineOf(dialect, command);
  return {
    name: command.name,
    payload: new TextEncoder().encode(dialect.prefix + line),
    isRepeatable: command.isRepeatable,
    read: (bytes): StepAnswer | undefined => {
      const text = Buffer.from(bytes).toString('latin1');
      const refused = dialect.refused.exec(text);
      const done = dialect.done.exec(text);
      if (refused && (!done || refused.index < done.index)) {
        return {
          kind: 'refused',
          detail: `${command.name} was answered ERROR${refused[1] ? ` ${refused[1]}` : ''}`,
        };
      }
      return done ? { kind: 'confirmed', detail: '' } : undefined;
    },
  };
}

function lineOf({ lineEnd, maxLineBytes }: AtDialect, { name, arguments: given }: AtCommand): string {
  const texts = given.map(String);
  const bad = texts.find((text) => !ARGUMENT.test(text));
  if (bad !== undefined) throw new RangeError(`${name} takes no argument ${JSON.stringify(bad)}`);
  const line = `${name}${texts.length > 0 ? `=${texts.join(',')}` : ''}${lineEnd}`;
  if (line.length > maxLineBytes) {
    throw new RangeError(`${name} would be ${line.length} bytes, and a line has at most ${maxLineBytes}`);
  }
  return line;
}
