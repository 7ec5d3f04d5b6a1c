import type { ModbusType } from '@furrow/contracts';

/** The function that reads each table (Modbus application protocol specification 1.1b3, sections 6.1 to 6.4). */
export const READ_FUNCTIONS = { coil: 1, discrete: 2, holding: 3, input: 4 } as const satisfies Record<
  ModbusType,
  number
>;

export type ReadFunction = (typeof READ_FUNCTIONS)[ModbusType];

/** True for the functions whose answers carry readings. */
export function isReadFunction(code: number): code is ReadFunction {
  return code >= READ_FUNCTIONS.coil && code <= READ_FUNCTIONS.input;
}

/** Functions that write, whose answers repeat what was written: 5 coil, 6 register, 15 coils, 16 registers. */
export const WRITE_FUNCTIONS: readonly number[] = [5, 6, 15, 16];

/** An answer with this bit in its function is an exception. */
export const EXCEPTION_BIT = 0x80;

/** Exception codes by number (specification 1.1b3, section 7; 7 stands in older editions). */
const EXCEPTION_NAMES: Readonly<Record<number, string>> = {
  1: 'illegal function',
  2: 'illegal data address',
  3: 'illegal data value',
  4: 'server device failure',
  5: 'acknowledge',
  6: 'server device busy',
  7: 'negative acknowledge',
  8: 'memory parity error',
  10: 'gateway path unavailable',
  11: 'gateway target device failed to respond',
};

/** True for the exception codes that the specification names. */
export function isExceptionCode(code: number | undefined): boolean {
  return code !== undefined && code in EXCEPTION_NAMES;
}

/** What an exception code means, in the words of the specification. */
export function exceptionName(code: number): string {
  return EXCEPTION_NAMES[code] ?? `exception code ${code}, which the specification does not name`;
}
