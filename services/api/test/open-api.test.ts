import { afterAll, beforeAll, describe } from 'vitest';
import { LivingApi } from './living-api.ts';
import { accessSuite } from './suites/access.ts';
import { bindingSuite } from './suites/binding.ts';
import { controlSuite } from './suites/control.ts';
import { devicesSuite } from './suites/devices.ts';
import { factorsSuite } from './suites/factors.ts';
import { generatedSuite } from './suites/generated.ts';

// One file, so that a run starts one registry: PGlite takes seconds to start in memory.
describe('the Open API on a registry', () => {
  const api = new LivingApi();
  beforeAll(() => api.open());
  afterAll(() => api.close());

  devicesSuite(api);
  bindingSuite(api);
  factorsSuite(api);
  controlSuite(api);
  accessSuite(api);
  // Last: it changes what it finds.
  generatedSuite(api);
});
