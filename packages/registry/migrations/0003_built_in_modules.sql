-- Modules that everybody has from the start. Keys below 1000 are theirs; what is added later counts from there.
INSERT INTO "modules" ("pk", "name", "info") VALUES
  (1, 'Temperature and humidity, XY-MD02 (SHT20)', 'Input registers 1 and 2, tenths; the temperature is signed.'),
  (2, 'Soil probe, 7 in 1 (moisture, temperature, EC, pH, N, P, K)', 'Holding registers 0 to 6 of the common soil transmitters.'),
  (3, 'Energy meter, PZEM-016', 'Input registers 0 to 7; 32-bit values come low word first.'),
  (4, 'Energy meter, Eastron SDM120', 'Input registers, single-precision floats, high word first.'),
  (5, 'Relay board, 4 channels', 'Coils 0 to 3.');
--> statement-breakpoint
INSERT INTO "module_factors" ("module_pk", "position", "name", "definition") VALUES
  (1, 0, 'Temperature', '{"modbus_type": "input", "address": 1, "data_index": 0, "data_type": "int16", "data_endian": "ABCD", "data_factor": 0.1, "the_type": "temp", "min": -40, "max": 125}'),
  (1, 1, 'Humidity', '{"modbus_type": "input", "address": 2, "data_index": 0, "data_type": "uint16", "data_endian": "ABCD", "data_factor": 0.1, "the_type": "humi", "min": 0, "max": 100}'),
  (2, 0, 'Soil moisture', '{"modbus_type": "holding", "address": 0, "data_index": 0, "data_type": "uint16", "data_endian": "ABCD", "data_factor": 0.1, "the_type": "soil_humi", "min": 0, "max": 100}'),
  (2, 1, 'Soil temperature', '{"modbus_type": "holding", "address": 1, "data_index": 0, "data_type": "int16", "data_endian": "ABCD", "data_factor": 0.1, "the_type": "soil_temp", "min": -40, "max": 80}'),
  (2, 2, 'Soil EC', '{"modbus_type": "holding", "address": 2, "data_index": 0, "data_type": "uint16", "data_endian": "ABCD", "data_factor": 1, "the_type": "soil_ec"}'),
  (2, 3, 'Soil pH', '{"modbus_type": "holding", "address": 3, "data_index": 0, "data_type": "uint16", "data_endian": "ABCD", "data_factor": 0.1, "the_type": "soil_ph", "min": 0, "max": 14}'),
  (2, 4, 'Nitrogen', '{"modbus_type": "holding", "address": 4, "data_index": 0, "data_type": "uint16", "data_endian": "ABCD", "data_factor": 1, "the_type": "soil_n"}'),
  (2, 5, 'Phosphorus', '{"modbus_type": "holding", "address": 5, "data_index": 0, "data_type": "uint16", "data_endian": "ABCD", "data_factor": 1, "the_type": "soil_p"}'),
  (2, 6, 'Potassium', '{"modbus_type": "holding", "address": 6, "data_index": 0, "data_type": "uint16", "data_endian": "ABCD", "data_factor": 1, "the_type": "soil_k"}'),
  (3, 0, 'Voltage', '{"modbus_type": "input", "address": 0, "data_index": 0, "data_type": "uint16", "data_endian": "ABCD", "data_factor": 0.1, "the_type": "voltage"}'),
  (3, 1, 'Current', '{"modbus_type": "input", "address": 1, "data_index": 0, "data_type": "uint32", "data_endian": "CDAB", "data_factor": 0.001, "the_type": "current"}'),
  (3, 2, 'Power', '{"modbus_type": "input", "address": 3, "data_index": 0, "data_type": "uint32", "data_endian": "CDAB", "data_factor": 0.0001, "the_type": "power"}'),
  (3, 3, 'Energy', '{"modbus_type": "input", "address": 5, "data_index": 0, "data_type": "uint32", "data_endian": "CDAB", "data_factor": 0.001, "the_type": "energy"}'),
  (3, 4, 'Frequency', '{"modbus_type": "input", "address": 7, "data_index": 0, "data_type": "uint16", "data_endian": "ABCD", "data_factor": 0.1, "the_type": "frequency"}'),
  (4, 0, 'Voltage', '{"modbus_type": "input", "address": 0, "data_index": 0, "data_type": "float32", "data_endian": "ABCD", "data_factor": 1, "the_type": "voltage"}'),
  (4, 1, 'Current', '{"modbus_type": "input", "address": 6, "data_index": 0, "data_type": "float32", "data_endian": "ABCD", "data_factor": 1, "the_type": "current"}'),
  (4, 2, 'Power', '{"modbus_type": "input", "address": 12, "data_index": 0, "data_type": "float32", "data_endian": "ABCD", "data_factor": 0.001, "the_type": "power"}'),
  (4, 3, 'Frequency', '{"modbus_type": "input", "address": 70, "data_index": 0, "data_type": "float32", "data_endian": "ABCD", "data_factor": 1, "the_type": "frequency"}'),
  (4, 4, 'Total energy', '{"modbus_type": "input", "address": 342, "data_index": 0, "data_type": "float32", "data_endian": "ABCD", "data_factor": 1, "the_type": "energy"}'),
  (5, 0, 'Relay 1', '{"modbus_type": "coil", "address": 0, "data_index": 0, "data_type": "bool", "data_endian": "ABCD", "data_factor": 1, "the_type": "switch", "labels": {"0": "off", "1": "on"}}'),
  (5, 1, 'Relay 2', '{"modbus_type": "coil", "address": 1, "data_index": 0, "data_type": "bool", "data_endian": "ABCD", "data_factor": 1, "the_type": "switch", "labels": {"0": "off", "1": "on"}}'),
  (5, 2, 'Relay 3', '{"modbus_type": "coil", "address": 2, "data_index": 0, "data_type": "bool", "data_endian": "ABCD", "data_factor": 1, "the_type": "switch", "labels": {"0": "off", "1": "on"}}'),
  (5, 3, 'Relay 4', '{"modbus_type": "coil", "address": 3, "data_index": 0, "data_type": "bool", "data_endian": "ABCD", "data_factor": 1, "the_type": "switch", "labels": {"0": "off", "1": "on"}}');
