import { readFile } from 'node:fs/promises';

/** One hour of the Seattle series. The values are the numbers as the file prints them, one decimal each. */
export interface WeatherHour {
  /** Local time in the file, `2010-01-01T01:00:00`. */
  readonly date: string;
  /** Sea-level pressure, hPa. */
  readonly pressure: number;
  /** Air temperature, ℃. */
  readonly temperature: number;
  /** Wind speed, m/s. */
  readonly wind: number;
}

const HEADER = 'date,pressure,temperature,wind';

/** Reads the hourly Seattle normals that the npm package `vega-datasets` ships: 8,759 hours, oldest first. */
export async function readWeather(): Promise<WeatherHour[]> {
  const file = new URL('../data/seattle-weather-hourly-normals.csv', import.meta.resolve('vega-datasets'));
  const [header, ...lines] = (await readFile(file, 'utf8')).trim().split(/\r?\n/);
  if (header !== HEADER) throw new Error(`the weather file begins with ${header}, not with ${HEADER}`);
  return lines.map(parseHour);
}

function parseHour(line: string, index: number): WeatherHour {
  const [date = '', ...columns] = line.split(',');
  const [pressure = Number.NaN, temperature = Number.NaN, wind = Number.NaN] = columns.map(Number);
  if (columns.length !== 3 || ![pressure, temperature, wind].every(Number.isFinite)) {
    throw new Error(`line ${index + 2} of the weather file is not a reading: ${line}`);
  }
  return { date, pressure, temperature, wind };
}
