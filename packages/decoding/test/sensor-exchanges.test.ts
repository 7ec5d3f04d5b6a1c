import { readFileSync } from 'node:fs';
import {
  agriId,
  DATA_ENDIANS,
  DATA_TYPES,
  type DataType,
  type Factor,
  type FactorDefinitionInput,
  factorDefinitionSchema,
  isText,
} from '@furrow/contracts';
import { describe, expect, it } from 'vitest';
import { compilePlan, crc16, parseHex, parseModbusFrame } from '../src/index.ts';
import { factor } from './registers.ts';

/** One request and answer as printed in a sensor's manual, the factors that read it, and the values they must give. */
interface Exchange {
  readonly id: string;
  readonly source: string;
  readonly request_hex?: string;
  readonly response_hex: string;
  readonly crc_valid: boolean;
  readonly start_address: number;
  readonly factors: readonly ExchangeFactor[];
  readonly note?: string;
}

interface ExchangeFactor extends Partial<Omit<FactorDefinitionInput, 'unit'>> {
  readonly unit: number;
  readonly address: number;
  /** Where the value begins, in bytes, for sensors whose fields are not register aligned. */
  readonly byte_offset?: number;
  readonly name: string | null;
  readonly expected: number;
}

const exchanges: readonly Exchange[] = JSON.parse(
  readFileSync(new URL('./fixtures/sensor-exchanges.json', import.meta.url), 'utf8'),
);

function registered(definitions: readonly ExchangeFactor[]): Factor[] {
  return definitions.map((definition, at) => ({
    ...factorDefinitionSchema.parse({ ...definition, the_type: `value_${at}` }),
    agri_id: agriId(`d-1-${at}`),
  }));
}

describe('sensor exchanges', () => {
  const aligned = exchanges.filter(({ factors }) =>
    factors.every(({ byte_offset }) => byte_offset === undefined),
  );
  const bytewise = exchanges.filter((exchange) => !aligned.includes(exchange));

  it('are ten, one of them not register aligned', () => {
    expect(exchanges).toHaveLength(10);
    expect(bytewise.map(({ id }) => id)).toEqual(['ag-015']);
  });

  it.each(aligned.filter(({ crc_valid }) => crc_valid))('$id decodes as $source says', (exchange) => {
    const factors = registered(exchange.factors);
    const plan = compilePlan(factors);
    const readings = plan.decodeFrame({
      unit: factors[0]?.unit ?? 0,
      modbus_type: factors[0]?.modbus_type ?? 'holding',
      address: exchange.start_address,
      framing: 'rtu',
      hex: exchange.response_hex,
    });
    expect(plan.problems).toEqual([]);
    expect(readings.ok && readings.readings.map(({ result }) => result.ok && result.value)).toEqual(
      exchange.factors.map(({ expected }) => expected),
    );
  });

  it.each(aligned.filter(({ crc_valid }) => !crc_valid))(
    '$id is refused as a frame, its registers are right',
    (exchange) => {
      const bytes = parseHex(exchange.response_hex) ?? new Uint8Array(0);
      expect(parseModbusFrame(bytes, 'rtu')).toMatchObject({ ok: false, reason: 'frame_crc' });
      const readings = compilePlan(registered(exchange.factors)).decodeFrame({
        unit: bytes[0] ?? 0,
        modbus_type: 'holding',
        address: exchange.start_address,
        framing: 'registers',
        hex: exchange.response_hex.slice(6, -4),
      });
      expect(readings.ok && readings.readings.map(({ result }) => result.ok && result.value)).toEqual(
        exchange.factors.map(({ expected }) => expected),
      );
    },
  );

  it.each(bytewise)('$id has a value that no type, order and place of registers gives', (exchange) => {
    expect(crc16(parseHex(exchange.response_hex) ?? new Uint8Array(0))).toBe(0);
    const [temperature, level] = exchange.factors;
    const read = (definition: Partial<FactorDefinitionInput>): unknown => {
      const readings = compilePlan([factor(definition)]).decodeFrame({
        unit: 1,
        modbus_type: 'holding',
        address: exchange.start_address,
        framing: 'rtu',
        hex: exchange.response_hex,
      });
      const result = readings.ok ? readings.readings[0]?.result : undefined;
      return result?.ok ? result.value : undefined;
    };
    const widths = [undefined, 1, 2, 3, 4];
    const values = (Object.keys(DATA_TYPES) as DataType[])
      .filter((data_type) => data_type !== 'bool')
      .flatMap((data_type) =>
        widths
          .filter((length) => isText(data_type) === (length !== undefined))
          .map((length) => ({ data_type, length })),
      )
      .flatMap((type) => Object.keys(DATA_ENDIANS).map((data_endian) => ({ ...type, data_endian })))
      .flatMap((type) =>
        [0, 1, 2, 3].map((data_index) => ({
          ...type,
          data_index,
          bit: type.data_type === 'bit' ? 0 : undefined,
        })),
      )
      .map(read);
    expect(read({ data_type: 'int8h' })).toBe(temperature?.expected);
    expect(values).toContain(temperature?.expected);
    expect(values).not.toContain(level?.expected);
  });
});
