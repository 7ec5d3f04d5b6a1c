import { isDeepStrictEqual } from 'node:util';
import type { AgriId, FactorDefinition } from '@furrow/contracts';
import type { factors } from '../schema/index.ts';

/** What a row of the table says about a factor, without its key. */
export type FactorState = Omit<typeof factors.$inferSelect, 'pk' | 'createTime'>;

/** The row of a factor: the parts of its definition that have no column of their own go into `extras`. */
export function factorRow(
  definition: FactorDefinition,
  of: { readonly devicePk: number; readonly agriId: AgriId; readonly name: string },
): FactorState {
  const { unit, address, data_index, modbus_type, data_type, data_endian, ...rest } = definition;
  const { data_factor, data_delta, the_type, info, enabled, ...extras } = rest;
  return {
    ...of,
    unit,
    modbusType: modbus_type,
    address,
    dataIndex: data_index,
    dataType: data_type,
    dataEndian: data_endian,
    dataFactor: data_factor,
    dataDelta: data_delta,
    theType: the_type,
    info,
    enabled,
    extras,
  };
}

/** True when the stored row says all that `state` says. */
export function isSameFactor(state: FactorState, row: FactorState): boolean {
  return Object.entries(state).every(([key, value]) => {
    const stored: unknown = Reflect.get(row, key);
    return stored === value || isDeepStrictEqual(stored, value);
  });
}

/** A factor's place in its device, which only one factor has. */
export function positionKey({ unit, modbusType, address, dataIndex, extras }: FactorState): string {
  return `${unit} ${modbusType} ${address} ${dataIndex} ${extras.bit ?? -1}`;
}
