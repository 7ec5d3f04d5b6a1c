import { type AgriId, agriId, type FactorDefinitionInput, factorAgriId } from '@furrow/contracts';
import { crc16 } from '@furrow/decoding';
import type { WeatherHour } from './series.ts';

const UNIT = 1;
const REGISTERS = 4;
const READ_HOLDING_REGISTERS = 3;

/** Where the station stands; names for the fleet file and the API's paths. */
export const WEATHER_STATION = {
  orgId: 'seattle-lab',
  projectId: 'weather',
  deviceId: '868686000000001',
  agriId: agriId('d-1000-abcd'),
} as const;

/** One quantity of the station: the registers that hold it and how its value is scaled. */
export interface Quantity {
  readonly field: 'pressure' | 'temperature' | 'wind';
  readonly agriId: AgriId;
  readonly dataIndex: number;
  readonly definition: FactorDefinitionInput;
  /** The integer that the sensor holds for a value. */
  readonly raw: (value: number) => number;
}

/**
 * The station as a Modbus sensor: four holding registers at address 0. Pressure in pascals takes 32 bits, low word first as
 * most sensors send it; temperature is offset by 40 ℃; wind is in tenths of m/s.
 */
export const STATION_QUANTITIES: readonly Quantity[] = [
  quantity('pressure', 0, (hPa) => Math.round(hPa * 100), {
    data_type: 'int32',
    data_endian: 'CDAB',
    data_factor: 0.01,
    the_type: 'pressure',
    info: 'hPa',
  }),
  quantity('temperature', 2, (celsius) => Math.round((celsius + 40) * 10), {
    data_type: 'int16',
    data_factor: 0.1,
    data_delta: -40,
    the_type: 'temp',
    info: '℃',
  }),
  quantity('wind', 3, (metresPerSecond) => Math.round(metresPerSecond * 10), {
    data_type: 'uint16',
    data_factor: 0.1,
    the_type: 'wind_speed',
    info: 'm/s',
  }),
];

/** One hour as items of raw readings, as a gateway posts them that decodes registers itself. `t` in milliseconds. */
export function hourAsItems(hour: WeatherHour, t: number): { agri_id: AgriId; value: number; t: number }[] {
  return STATION_QUANTITIES.map(({ agriId, field, raw }) => ({
    agri_id: agriId,
    value: raw(hour[field]),
    t: t / 1000,
  }));
}

/** One hour as the Modbus RTU answer to a read of the four registers, as a transparent gateway posts it. `t` in milliseconds. */
export function hourAsFrame(hour: WeatherHour, t: number) {
  const bytes = new Uint8Array(3 + REGISTERS * 2 + 2);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, UNIT);
  view.setUint8(1, READ_HOLDING_REGISTERS);
  view.setUint8(2, REGISTERS * 2);
  for (const { dataIndex, definition, field, raw } of STATION_QUANTITIES) {
    const at = 3 + dataIndex * 2;
    const value = raw(hour[field]);
    if (definition.data_type === 'int32') {
      view.setUint16(at, value & 0xffff);
      view.setUint16(at + 2, value >>> 16);
    } else {
      view.setUint16(at, value & 0xffff);
    }
  }
  view.setUint16(3 + REGISTERS * 2, crc16(bytes.subarray(0, -2)), true);
  return {
    unit: UNIT,
    modbus_type: 'holding',
    address: 0,
    framing: 'rtu',
    hex: Buffer.from(bytes).toString('hex'),
    t: t / 1000,
  };
}

function quantity(
  field: Quantity['field'],
  dataIndex: number,
  raw: Quantity['raw'],
  reading: Pick<
    FactorDefinitionInput,
    'data_type' | 'data_endian' | 'data_factor' | 'data_delta' | 'the_type' | 'info'
  >,
): Quantity {
  const place = { unit: UNIT, address: 0, data_index: dataIndex, modbus_type: 'holding' };
  const label = factorAgriId(WEATHER_STATION.agriId, place.unit, place.address, dataIndex);
  return { field, agriId: label, dataIndex, definition: { ...place, ...reading }, raw };
}
