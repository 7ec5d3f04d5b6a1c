/** What a factor measures or switches: what people read beside its value. */
export interface FactorType {
  readonly name: string;
  /** Empty when the value has none. */
  readonly unit: string;
  /** File name of the icon. */
  readonly icon: string;
}

function type(name: string, unit: string, icon: string): FactorType {
  return { name, unit, icon: `${icon}.png` };
}

/**
 * The known factor types by `the_type`. A factor may be of a type that is not listed: it has then no name, unit or icon.
 */
export const FACTOR_TYPES: Readonly<Record<string, FactorType>> = {
  temp: type('Temperature', '℃', 'temp'),
  humi: type('Humidity', '%RH', 'humi'),
  dew: type('Dew Point', '℃', 'temp'),
  press: type('Air Pressure', 'hPa', 'press'),
  wind_speed: type('Wind Speed', 'm/s', 'wind'),
  wind_dir: type('Wind Direction', '°', 'wind'),
  rain: type('Rainfall', 'mm', 'rain'),
  snow: type('Snow Depth', 'cm', 'snow'),
  evap: type('Evaporation', 'mm', 'evap'),
  light: type('Illuminance', 'lx', 'light'),
  radiation: type('Solar Radiation', 'W/m²', 'light'),
  par: type('Photosynthetically Active Radiation', 'µmol/m²/s', 'light'),
  uv: type('UV Index', '', 'light'),
  co2: type('Carbon Dioxide', 'ppm', 'co2'),
  nh3: type('Ammonia', 'ppm', 'gas'),
  h2s: type('Hydrogen Sulfide', 'ppm', 'gas'),
  ch4: type('Methane', 'ppm', 'gas'),
  o2: type('Oxygen', '%', 'gas'),
  pm25: type('PM2.5', 'µg/m³', 'dust'),
  pm10: type('PM10', 'µg/m³', 'dust'),
  noise: type('Noise', 'dB', 'noise'),
  soil_temp: type('Soil Temperature', '℃', 'soil_temp'),
  soil_humi: type('Soil Moisture', '%', 'soil_humi'),
  soil_tension: type('Soil Water Tension', 'kPa', 'soil_humi'),
  soil_ec: type('Soil Electrical Conductivity', 'µS/cm', 'soil'),
  soil_ph: type('Soil pH', 'pH', 'soil'),
  soil_salt: type('Soil Salinity', 'mg/L', 'soil'),
  soil_n: type('Soil Nitrogen', 'mg/kg', 'soil'),
  soil_p: type('Soil Phosphorus', 'mg/kg', 'soil'),
  soil_k: type('Soil Potassium', 'mg/kg', 'soil'),
  leaf_temp: type('Leaf Temperature', '℃', 'leaf'),
  leaf_wet: type('Leaf Wetness', '%', 'leaf'),
  fruit: type('Fruit Diameter', 'mm', 'fruit'),
  stem: type('Stem Diameter', 'mm', 'stem'),
  water_temp: type('Water Temperature', '℃', 'water'),
  water_ph: type('Water pH', 'pH', 'water'),
  water_ec: type('Water Electrical Conductivity', 'µS/cm', 'water'),
  water_do: type('Dissolved Oxygen', 'mg/L', 'water'),
  turbidity: type('Turbidity', 'NTU', 'water'),
  level: type('Liquid Level', 'm', 'level'),
  flow: type('Flow Rate', 'm³/h', 'flow'),
  volume: type('Volume', 'm³', 'flow'),
  pipe_press: type('Pipe Pressure', 'MPa', 'press'),
  weight: type('Weight', 'kg', 'weight'),
  voltage: type('Voltage', 'V', 'power'),
  current: type('Current', 'A', 'power'),
  power: type('Power', 'kW', 'power'),
  energy: type('Energy', 'kWh', 'power'),
  frequency: type('Frequency', 'Hz', 'power'),
  battery: type('Battery', '%', 'battery'),
  signal: type('Signal Strength', 'dBm', 'signal'),
  opening: type('Opening', '%', 'valve'),
  switch: type('Switch', '', 'switch'),
  valve: type('Valve', '', 'valve'),
  pump: type('Pump', '', 'pump'),
  fan: type('Fan', '', 'fan'),
  lamp: type('Lamp', '', 'lamp'),
  alarm: type('Alarm', '', 'alarm'),
  door: type('Door', '', 'door'),
};

/** One row of the API's list of device types. */
export interface DeviceType extends FactorType {
  readonly type: string;
}

/** The factor types as a list, in the order of the table. */
export const deviceTypes: readonly DeviceType[] = Object.entries(FACTOR_TYPES).map(([name, rest]) => ({
  type: name,
  ...rest,
}));
