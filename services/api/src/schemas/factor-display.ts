import {
  DATA_ENDIANS,
  DATA_TYPES,
  type DataEndian,
  type DataType,
  MODBUS_TYPES,
  type ModbusType,
} from '@furrow/contracts';

/** A name as the factor pages write it, and the text beside it. */
export interface Display {
  readonly code: string;
  readonly text: string;
}

const ENDIANS: Readonly<Record<DataEndian, Display>> = {
  ABCD: { code: 'big', text: 'Big Endian' },
  DCBA: { code: 'little', text: 'Little Endian' },
  BADC: { code: 'BADC', text: 'Big Endian, bytes swapped' },
  CDAB: { code: 'CDAB', text: 'Little Endian, bytes swapped (words swapped)' },
};

const TABLES: Readonly<Record<ModbusType, Display>> = {
  holding: { code: 'holding', text: 'Holding Register' },
  input: { code: 'input', text: 'Input Register' },
  coil: { code: 'coil', text: 'Coil' },
  discrete: { code: 'discrete', text: 'Discrete Input' },
};

const TYPE_TEXTS: Readonly<Record<DataType, string>> = {
  int8h: '8-bit Integer, high byte',
  int8l: '8-bit Integer, low byte',
  uint8h: 'Unsigned 8-bit Integer, high byte',
  uint8l: 'Unsigned 8-bit Integer, low byte',
  int16: '16-bit Integer',
  uint16: 'Unsigned 16-bit Integer',
  int24: '24-bit Integer',
  uint24: 'Unsigned 24-bit Integer',
  int32: '32-bit Integer',
  uint32: 'Unsigned 32-bit Integer',
  int64: '64-bit Integer',
  uint64: 'Unsigned 64-bit Integer',
  float16: 'Half-precision Float',
  float32: 'Single-precision Float',
  float64: 'Double-precision Float',
  bit: 'One bit of a register',
  bool: 'Boolean',
  bcd8: '8-bit BCD',
  bcd16: '16-bit BCD',
  bcd24: '24-bit BCD',
  bcd32: '32-bit BCD',
  string: 'Text',
  string_high: 'Text, high bytes',
  string_low: 'Text, low bytes',
};

export function endianDisplay(endian: DataEndian): Display {
  return ENDIANS[endian];
}

export function modbusDisplay(modbusType: ModbusType): Display {
  return TABLES[modbusType];
}

export function dataTypeDisplay(dataType: DataType): Display {
  return { code: dataType === 'float32' ? 'float' : dataType, text: TYPE_TEXTS[dataType] };
}

const pairs = (displays: readonly Display[]): [string, string][] =>
  displays.map(({ code, text }) => [code, text]);

/** Every option of a factor as `[code, label]`, in the spelling of the factor pages. */
export const FACTOR_OPTIONS = {
  data_type: pairs((Object.keys(DATA_TYPES) as DataType[]).map(dataTypeDisplay)),
  data_endian: pairs((Object.keys(DATA_ENDIANS) as DataEndian[]).map(endianDisplay)),
  modbus_type: pairs((Object.keys(MODBUS_TYPES) as ModbusType[]).map(modbusDisplay)),
};
