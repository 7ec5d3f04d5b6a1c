import { z } from 'zod';
import type { AgriId } from './agri-id.ts';
import { type FactorRuleIssue, factorOptionShape, optionIssue } from './factor-options.ts';
import { spellingSchema } from './spelling.ts';

/**
 * How the registers of a factor are read. One row a type: its further spellings (the factor pages write `float`, the option
 * lists `FLOAT`) and its width in 16-bit registers; text says its own `length`. `bool` is a coil or a discrete input,
 * `bit` one bit of a register, `…8h` and `…8l` the high and the low byte of one. 24-bit types stand in the low three bytes of
 * two registers, `bcd8` in the low byte of one. `string_high` and `string_low` take one character of each register.
 */
export const DATA_TYPES = {
  int8h: { spellings: [], registers: 1 },
  int8l: { spellings: [], registers: 1 },
  uint8h: { spellings: [], registers: 1 },
  uint8l: { spellings: [], registers: 1 },
  int16: { spellings: [], registers: 1 },
  uint16: { spellings: [], registers: 1 },
  int24: { spellings: [], registers: 2 },
  uint24: { spellings: [], registers: 2 },
  int32: { spellings: [], registers: 2 },
  uint32: { spellings: [], registers: 2 },
  int64: { spellings: [], registers: 4 },
  uint64: { spellings: [], registers: 4 },
  float16: { spellings: [], registers: 1 },
  float32: { spellings: ['float'], registers: 2 },
  float64: { spellings: ['double'], registers: 4 },
  bit: { spellings: [], registers: 1 },
  bool: { spellings: ['boolean'], registers: 1 },
  bcd8: { spellings: [], registers: 1 },
  bcd16: { spellings: [], registers: 1 },
  bcd24: { spellings: [], registers: 2 },
  bcd32: { spellings: [], registers: 2 },
  string: { spellings: [], registers: 'length' },
  string_high: { spellings: [], registers: 'length' },
  string_low: { spellings: [], registers: 'length' },
} as const satisfies Record<string, { spellings: readonly string[]; registers: number | 'length' }>;

export type DataType = keyof typeof DATA_TYPES;

/**
 * The order of the bytes on the wire, by the letters of a 32-bit value whose most significant byte is A. On 16 bits ABCD and
 * CDAB are as sent, BADC and DCBA swap the two bytes. `big` and `little` are what the factor pages write.
 */
export const DATA_ENDIANS = {
  ABCD: ['big', '>', 'AB'],
  DCBA: ['little', '<', 'BA'],
  BADC: [],
  CDAB: [],
} as const satisfies Record<string, readonly string[]>;

export type DataEndian = keyof typeof DATA_ENDIANS;

/** The four tables of a Modbus device (Modbus application protocol specification 1.1b3, section 4.3). */
export const MODBUS_TYPES = {
  holding: ['HOLDING_REGISTER'],
  input: ['INPUT_REGISTER'],
  coil: [],
  discrete: ['DISCRETE_INPUT'],
} as const satisfies Record<string, readonly string[]>;

export type ModbusType = keyof typeof MODBUS_TYPES;

const spellingsOf = Object.fromEntries(
  Object.entries(DATA_TYPES).map(([name, { spellings }]) => [name, spellings]),
) as unknown as Record<DataType, readonly string[]>;

export const dataTypeSchema = spellingSchema('data_type', spellingsOf);
export const dataEndianSchema = spellingSchema('data_endian', DATA_ENDIANS);
export const modbusTypeSchema = spellingSchema('modbus_type', MODBUS_TYPES);

/** Keys of a reading in the API's answers, which a factor's type may therefore not be called. */
const RESERVED_TYPE_NAMES: readonly string[] = ['agri_id', 't', 'v', 'value'];

export const theTypeSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, 'the_type is a letter followed by at most 63 letters, digits or "_"')
  .refine(
    (name) => !RESERVED_TYPE_NAMES.includes(name),
    `the_type is none of ${RESERVED_TYPE_NAMES.join(', ')}`,
  );

/** A Modbus slave address; 0 and 255 occur on Modbus TCP. */
export const unitSchema = z
  .int('unit is a whole number')
  .min(0, 'unit is 0 to 255')
  .max(255, 'unit is 0 to 255');

/** The largest register or bit address (Modbus addresses have 16 bits). */
export const LAST_ADDRESS = 0xffff;
export const addressSchema = z
  .int('address is a whole number')
  .min(0, `address is 0 to ${LAST_ADDRESS}`)
  .max(LAST_ADDRESS, `address is 0 to ${LAST_ADDRESS}`);

/** The most that one Modbus read can bring: 125 registers or 2,000 bits (specification, sections 6.1 to 6.4). */
export const MAX_READ_REGISTERS = 125;
export const MAX_READ_BITS = 2000;

const magnitude = { smallest: 1e-12, largest: 1e12 } as const;

/**
 * The definition of a factor as users write it, every spelling of the reference documents accepted, normalised once. Value =
 * raw × data_factor + data_delta, exact in decimals, unless one of the options of {@link factorOptionShape} says more.
 * `data_index` is the offset of the value, in registers (bits for coils and discrete inputs), inside a read that began at
 * `address`.
 */
export const factorDefinitionSchema = z
  .object({
    unit: unitSchema,
    address: addressSchema,
    data_index: z.int('data_index is a whole number').min(0, 'data_index is not negative').default(0),
    modbus_type: modbusTypeSchema,
    data_type: dataTypeSchema,
    data_endian: dataEndianSchema.default('ABCD'),
    data_factor: z
      .number('data_factor is a finite number')
      .refine(
        (x) => Math.abs(x) >= magnitude.smallest && Math.abs(x) <= magnitude.largest,
        `data_factor is not 0 and between ${magnitude.smallest} and ${magnitude.largest} in size`,
      )
      .default(1),
    data_delta: z
      .number('data_delta is a finite number')
      .refine(
        (x) => x === 0 || (Math.abs(x) >= magnitude.smallest && Math.abs(x) <= magnitude.largest),
        `data_delta is 0 or between ${magnitude.smallest} and ${magnitude.largest} in size`,
      )
      .default(0),
    the_type: theTypeSchema,
    info: z.string().max(500, 'info has at most 500 characters').default(''),
    enabled: z.boolean('enabled is true or false').default(true),
    ...factorOptionShape,
  })
  .superRefine((factor, context) => {
    const issue = optionIssue(factor, factor.data_type, isText(factor.data_type)) ?? layoutIssue(factor);
    if (issue) context.addIssue({ code: 'custom', path: [issue.field], message: issue.rule });
  });

export type FactorDefinition = z.output<typeof factorDefinitionSchema>;
export type FactorDefinitionInput = z.input<typeof factorDefinitionSchema>;

/** A registered factor: its definition and its label. */
export interface Factor extends FactorDefinition {
  readonly agri_id: AgriId;
}

/** True for the tables of single bits. */
export function isBitTable(modbusType: ModbusType): boolean {
  return modbusType === 'coil' || modbusType === 'discrete';
}

/** True for the types that read characters. */
export function isText(dataType: DataType): boolean {
  return DATA_TYPES[dataType].registers === 'length';
}

/** How many registers (bits, for coils and discrete inputs) the factor's value takes; text without a length takes one. */
export function factorWidth(
  factor: Pick<FactorDefinition, 'modbus_type' | 'data_type'> & { readonly length?: number | undefined },
): number {
  if (isBitTable(factor.modbus_type)) return 1;
  const { registers } = DATA_TYPES[factor.data_type];
  return registers === 'length' ? (factor.length ?? 1) : registers;
}

/** The types that a coil or discrete input may have: it is one bit, whatever the word. */
const BIT_TABLE_TYPES: readonly DataType[] = ['bool', 'int16', 'uint16'];

/** The rules that join the place of a value with its width. */
function layoutIssue(
  factor: Pick<FactorDefinition, 'address' | 'data_index' | 'modbus_type' | 'data_type' | 'length'>,
): FactorRuleIssue | undefined {
  const bits = isBitTable(factor.modbus_type);
  const width = factorWidth(factor);
  const read = bits ? MAX_READ_BITS : MAX_READ_REGISTERS;
  const places = bits ? 'bits' : 'registers';
  if (bits && !BIT_TABLE_TYPES.includes(factor.data_type)) {
    return {
      field: 'data_type',
      rule: `a ${factor.modbus_type} is one bit: its data_type is one of ${BIT_TABLE_TYPES.join(', ')}`,
    };
  }
  if (!bits && factor.data_type === 'bool') {
    return { field: 'data_type', rule: 'data_type bool is for coils and discrete inputs' };
  }
  if (factor.data_index + width > read) {
    return {
      field: 'data_index',
      rule: `data_index and the width of the value stay within one read of ${read} ${places}`,
    };
  }
  if (factor.address + factor.data_index + width - 1 > LAST_ADDRESS) {
    return {
      field: 'data_index',
      rule: `address + data_index and the width of the value stay within address ${LAST_ADDRESS}`,
    };
  }
  return undefined;
}
