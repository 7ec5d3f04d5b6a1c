import type { Route } from './route.ts';
import { baseDataRoutes } from './routes/base-data.ts';
import { commandRoutes } from './routes/commands.ts';
import { deviceBindingRoutes } from './routes/device-binding.ts';
import { deviceControlRoutes } from './routes/device-control.ts';
import { deviceDataRoutes } from './routes/device-data.ts';
import { deviceRoutes } from './routes/devices.ts';
import { factorControlRoutes } from './routes/factor-control.ts';
import { factorDataRoutes } from './routes/factor-data.ts';
import { factorTransferRoutes } from './routes/factor-transfer.ts';
import { factorRoutes } from './routes/factors.ts';

/** Every route of the Open API v2, in the order of the reference page; one file per resource. */
export const ROUTES: readonly Route[] = [
  ...deviceRoutes,
  ...deviceBindingRoutes,
  ...deviceDataRoutes,
  ...factorRoutes,
  ...factorTransferRoutes,
  ...factorDataRoutes,
  ...deviceControlRoutes,
  ...factorControlRoutes,
  ...commandRoutes,
  ...baseDataRoutes,
];
