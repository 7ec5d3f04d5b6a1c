import { deviceTypes } from '@furrow/registry';
import { z } from 'zod';
import { noQuery } from '../query-schemas.ts';
import { type Route, route } from '../route.ts';
import { dataTypeDisplay, endianDisplay, FACTOR_OPTIONS, modbusDisplay } from '../schemas/factor-display.ts';

const optionsSchema = z.array(z.tuple([z.string(), z.string()])).describe('Pairs of code and label');

const factorOptions = route({
  method: 'GET',
  path: '/base/factor-options/',
  operationId: 'listFactorOptions',
  tag: 'Base data',
  summary: 'What data_type, data_endian and modbus_type of a factor can be',
  role: 'reader',
  params: z.object({}),
  query: noQuery,
  answer: z.object({ data_type: optionsSchema, data_endian: optionsSchema, modbus_type: optionsSchema }),
  errors: [],
  cacheSeconds: 3600,
  example: { params: {}, answer: FACTOR_OPTIONS },
  handle: async () => FACTOR_OPTIONS,
});

const typeSchema = z.object({ type: z.string(), name: z.string(), unit: z.string(), icon: z.string() });

const listDeviceTypes = route({
  method: 'GET',
  path: '/base/device-types/',
  operationId: 'listDeviceTypes',
  tag: 'Base data',
  summary: 'The known types of factors, `the_type`',
  role: 'reader',
  params: z.object({}),
  query: noQuery,
  answer: z.array(typeSchema),
  errors: [],
  cacheSeconds: 3600,
  example: { params: {}, answer: [{ type: 'temp', name: 'Temperature', unit: '℃', icon: 'temp.png' }] },
  handle: async () => [...deviceTypes],
});

const moduleSchema = z.object({
  id: z.int(),
  name: z.string(),
  info: z.string(),
  factors: z.array(
    z.object({
      name: z.string(),
      address: z.int(),
      data_index: z.int(),
      modbus_type: z.string(),
      data_type: z.string(),
      data_endian: z.string(),
      data_factor: z.number(),
      data_delta: z.number(),
      the_type: z.string(),
    }),
  ),
});

const listModules = route({
  method: 'GET',
  path: '/base/modules/',
  operationId: 'listModules',
  tag: 'Base data',
  summary: 'The modules whose factors `add-module` can add',
  role: 'reader',
  params: z.object({}),
  query: noQuery,
  answer: z.array(moduleSchema),
  errors: [],
  cacheSeconds: 3600,
  example: {
    params: {},
    answer: [{ id: 5, name: 'Relay board, 4 channels', info: 'Coils 0 to 3.', factors: [] }],
  },
  handle: async (_call, { registry }) =>
    (await registry.modules.list()).map(({ pk, name, info, factors }) => ({
      id: pk,
      name,
      info,
      factors: factors.map(({ name: factorName, definition }) => ({
        name: factorName,
        address: definition.address,
        data_index: definition.data_index,
        modbus_type: modbusDisplay(definition.modbus_type).code,
        data_type: dataTypeDisplay(definition.data_type).code,
        data_endian: endianDisplay(definition.data_endian).code,
        data_factor: definition.data_factor,
        data_delta: definition.data_delta,
        the_type: definition.the_type,
      })),
    })),
});

/** What the fields of devices and factors can be, the same for everybody. */
export const baseDataRoutes: readonly Route[] = [factorOptions, listDeviceTypes, listModules];
