import {
  dataEndianSchema,
  dataTypeSchema,
  type FactorDefinition,
  factorDefinitionSchema,
  factorOptionShape,
  factorWidth,
  modbusTypeSchema,
} from '@furrow/contracts';
import { FACTOR_TYPES, type RegisteredFactor } from '@furrow/registry';
import { z } from 'zod';
import { dataTypeDisplay, endianDisplay, FACTOR_OPTIONS, modbusDisplay } from './factor-display.ts';

const codes = (options: readonly (readonly [string, string])[]) => options.map(([code]) => code);
const spelled = (options: readonly (readonly [string, string])[]) => ({
  type: 'string' as const,
  description: `One of ${codes(options).join(', ')}; the spellings of the option lists and capital letters are accepted too`,
  examples: codes(options),
});

const nameSchema = z.string('name is text').max(200, 'name has at most 200 characters');

/** What an answer says beyond what may be written: a client that sends back what it got need not take it out. */
const READ_ONLY = [
  'pk',
  'device',
  'agri_id',
  'the_type_detail',
  'data_endian_display',
  'data_type_display',
  'modbus_type_display',
  'warning',
] as const;

/** A whole definition: what the documents call required is (reference: "Create Factor"). */
const wholeFactor = factorDefinitionSchema
  .safeExtend({
    data_endian: dataEndianSchema.meta(spelled(FACTOR_OPTIONS.data_endian)),
    data_type: dataTypeSchema.meta(spelled(FACTOR_OPTIONS.data_type)),
    modbus_type: modbusTypeSchema.meta(spelled(FACTOR_OPTIONS.modbus_type)),
    data_index: z.int('data_index is a whole number').min(0, 'data_index is not negative'),
    name: nameSchema.default(''),
  })
  .strict();

/** The body of "Create Factor" and of PUT. A name that nobody knows is refused: a mistyped option would be no option. */
export const factorBodySchema = z.preprocess(withoutReadOnly, wholeFactor).meta({ id: 'FactorBody' });

/** The body of PATCH: whatever of a factor is to change; `null` takes an option away. Judged together with what stays. */
export const factorPatchSchema = z
  .record(z.string(), z.unknown(), 'the body is an object of the fields to change')
  .refine((change) => Object.keys(change).length > 0, 'at least one field')
  .meta({ id: 'FactorPatch', minProperties: 1 });

export type FactorBody = z.output<typeof wholeFactor>;

/** What a factor is after a PATCH, to be validated by {@link factorBodySchema}. */
export function patchedFactor(before: RegisteredFactor, change: Readonly<Record<string, unknown>>): unknown {
  const { pk: _, devicePk: __, agri_id: ___, ...whole } = before;
  const merged = { ...whole, ...change };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

/** The definition and the name of a body, apart. */
export function wantedOf({ name, ...definition }: FactorBody): {
  name: string;
  definition: FactorDefinition;
} {
  return { name, definition };
}

/** A factor in an answer: the documents' fields, and the options that it has. */
export const factorSchema = z
  .object({
    pk: z.int(),
    device: z.int(),
    name: z.string(),
    unit: z.int().describe('Slave address'),
    address: z.int(),
    the_type: z.string(),
    the_type_detail: z.object({ name: z.string(), unit: z.string(), icon: z.string() }),
    data_endian: z.enum(codes(FACTOR_OPTIONS.data_endian)),
    data_endian_display: z.string(),
    data_type: z.enum(codes(FACTOR_OPTIONS.data_type)),
    data_type_display: z.string(),
    data_index: z.int(),
    modbus_type: z.enum(codes(FACTOR_OPTIONS.modbus_type)),
    modbus_type_display: z.string(),
    data_factor: z.number(),
    data_delta: z.number(),
    info: z.string(),
    enabled: z.boolean(),
    agri_id: z.string(),
    ...factorOptionShape,
    warning: z.string().optional().describe('What is likely to be a mistake'),
  })
  .meta({ id: 'Factor' });

export function factorAnswer(factor: RegisteredFactor): z.input<typeof factorSchema> {
  const { pk, devicePk, agri_id, name, unit, address, the_type, data_index, ...rest } = factor;
  const { data_type, data_endian, modbus_type, data_factor, data_delta, info, enabled, ...options } = rest;
  const type = dataTypeDisplay(data_type);
  const endian = endianDisplay(data_endian);
  const table = modbusDisplay(modbus_type);
  const warning = endianWarning(factor);
  return {
    pk,
    device: devicePk,
    name,
    unit,
    address,
    the_type,
    the_type_detail: FACTOR_TYPES[the_type] ?? { name: the_type, unit: '', icon: '' },
    data_endian: endian.code,
    data_endian_display: endian.text,
    data_type: type.code,
    data_type_display: type.text,
    data_index,
    modbus_type: table.code,
    modbus_type_display: table.text,
    data_factor,
    data_delta,
    info,
    enabled,
    agri_id,
    ...options,
    ...(warning !== undefined && { warning }),
  };
}

/** Most sensors that call themselves little endian send the low word first, each word big endian: CDAB, not DCBA. */
function endianWarning(factor: RegisteredFactor): string | undefined {
  if (factor.data_endian !== 'DCBA' || factorWidth(factor) < 2 || factor.data_type.startsWith('string'))
    return undefined;
  return 'data_endian little is DCBA, all bytes reversed; most sensors that are called little endian swap only the words: CDAB';
}

function withoutReadOnly(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([key]) => !READ_ONLY.some((name) => name === key)));
}

/** What the documents' own example says. */
export const EXAMPLE_FACTOR_BODY = {
  unit: 1,
  address: 0,
  the_type: 'temp',
  data_endian: 'big',
  data_type: 'int16',
  data_index: 0,
  modbus_type: 'holding',
  data_factor: 0.1,
  data_delta: 0,
  info: 'Temperature sensor',
  enabled: true,
};

export const EXAMPLE_FACTOR: z.input<typeof factorSchema> = {
  ...EXAMPLE_FACTOR_BODY,
  pk: 1,
  device: 1,
  name: 'Air temperature',
  the_type_detail: { name: 'Temperature', unit: '℃', icon: 'temp.png' },
  data_endian_display: 'Big Endian',
  data_type_display: '16-bit Integer',
  modbus_type_display: 'Holding Register',
  agri_id: 'd-1000-abcd-1-00',
};
