import {
  dataTypeSchema,
  type Framing,
  isBitTable,
  type ModbusType,
  modbusTypeSchema,
} from '@furrow/contracts';
import { type DataFrame, findAnswers, parseHex, READ_FUNCTIONS } from '@furrow/decoding';
import { parseFraming } from '../decode/framing.ts';
import { UsageError } from '../errors.ts';
import type { ExplainOptions } from './explain-command.ts';

/** The bytes to explain, as far as they can be understood without the factor. */
export interface ReadAnswer {
  readonly hex: string;
  readonly framing: Framing;
  /** The answer among them that fits the factor best. */
  readonly frame: DataFrame;
  /** The table that it was read from: what its function says, or else the kind of the data. */
  readonly modbusType: ModbusType;
  /** Where the read began, where the echo of its request says so. */
  readonly address: number | undefined;
  /** What else stands in the bytes, in words. */
  readonly skipped: readonly string[];
}

/**
 * Reads `--frame` or `--registers`. `wanted` is what is known of the factor: of several answers the one that fits it is taken. Throws
 * {@link UsageError} when the bytes hold no answer.
 */
export function readAnswer(options: ExplainOptions, wanted: Readonly<Record<string, unknown>>): ReadAnswer {
  const { hex, framing } = givenBytes(options);
  const bytes = parseHex(hex);
  if (bytes === undefined) {
    throw new UsageError('the bytes are not written as two hexadecimal digits each');
  }
  const table = modbusTypeSchema.safeParse(wanted['modbus_type']);
  const isBits = table.success ? isBitTable(table.data) : isBool(wanted['data_type']);
  const found = findAnswers(bytes, framing, isBits ? 'bits' : 'registers');
  if (!found.ok) {
    const hint = found.reason === 'frame_crc' ? '; --registers explains the data bytes of a frame alone' : '';
    throw new UsageError(`the frame cannot be read: ${found.reason}: ${found.message}${hint}`);
  }
  const fits = ({ unit, function: code }: DataFrame): number =>
    Number(unit === wanted['unit']) + Number(table.success && code === READ_FUNCTIONS[table.data]);
  const [frame] = found.answers.toSorted((a, b) => fits(b) - fits(a));
  if (frame === undefined) throw new UsageError('the frame holds no answer');
  const request = found.requests.find(
    ({ unit, function: code }) => unit === frame.unit && code === frame.function,
  );
  return {
    hex,
    framing,
    frame,
    modbusType: tableOf(frame),
    address: request?.address,
    skipped: [...found.skipped, ...found.answers.filter((other) => other !== frame).map(describeAnswer)],
  };
}

function givenBytes(options: ExplainOptions): { readonly hex: string; readonly framing: Framing } {
  const { frame, registers } = options;
  if (frame !== undefined && registers === undefined)
    return { hex: frame, framing: parseFraming(options.framing) };
  if (registers !== undefined && frame === undefined && options.framing === undefined) {
    return { hex: registers, framing: 'registers' };
  }
  throw new UsageError('give the bytes: --frame (and --framing), or --registers');
}

/** An answer in words: who answers what. */
export function describeAnswer({ unit, function: code, kind, data }: DataFrame): string {
  const count = kind === 'bits' ? data.length * 8 : data.length / 2;
  const places = `${count} ${count === 1 ? kind.slice(0, -1) : kind}`;
  const who = unit === undefined ? 'an answer' : `the answer of unit ${unit}`;
  return `${who}${code === undefined ? '' : ` to function ${code}`} with ${places}`;
}

function tableOf({ function: code, kind }: DataFrame): ModbusType {
  const tables = Object.keys(READ_FUNCTIONS) as ModbusType[];
  return tables.find((table) => READ_FUNCTIONS[table] === code) ?? (kind === 'bits' ? 'coil' : 'holding');
}

function isBool(dataType: unknown): boolean {
  const type = dataTypeSchema.safeParse(dataType);
  return type.success && type.data === 'bool';
}
