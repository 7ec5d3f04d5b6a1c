import type { FactorDefinitionInput } from '@furrow/contracts';
import { type Command, InvalidArgumentError } from 'commander';

/** The flags that say how registers are read, by the names that commander gives them. */
export interface ValueFlags {
  readonly dataType?: string;
  readonly dataEndian?: string;
  readonly dataIndex?: number;
  readonly bit?: number;
  readonly length?: number;
  readonly dataFactor?: number;
  readonly dataDelta?: number;
}

/** Adds the flags of {@link ValueFlags} to a command. */
export function addValueFlags(command: Command): Command {
  return command
    .option('--data-type <type>', 'int16, uint32, float, bit, string …: the data_type of a factor')
    .option('--data-endian <order>', 'ABCD, CDAB, BADC or DCBA (default: ABCD)')
    .option(
      '--data-index <n>',
      'how many registers (for bool: bits) into the data the value begins',
      parseWhole,
    )
    .option('--bit <n>', 'for bit: which one, 0 the least significant', parseWhole)
    .option('--length <n>', 'for text: how many registers', parseWhole)
    .option('--data-factor <x>', 'value = raw × data_factor + data_delta (default: 1)', parseDecimalFlag)
    .option('--data-delta <x>', '(default: 0)', parseDecimalFlag);
}

/** The given flags as fields of a factor; a flag that was not given has no key. */
export function fieldsOf(flags: ValueFlags): Partial<FactorDefinitionInput> {
  const fields = {
    data_type: flags.dataType,
    data_endian: flags.dataEndian,
    data_index: flags.dataIndex,
    bit: flags.bit,
    length: flags.length,
    data_factor: flags.dataFactor,
    data_delta: flags.dataDelta,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Reads a flag's whole number from 0 on. Throws what commander shows as one line. */
export function parseWhole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 0 on.');
  return Number(text);
}

/** Reads a flag's number. Throws what commander shows as one line. */
export function parseDecimalFlag(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('It is a number.');
  return number;
}
