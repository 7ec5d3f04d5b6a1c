import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { testEngines } from './engines.ts';
import { applyFleetSuite } from './suites/apply-fleet.ts';
import { commandsSuite } from './suites/commands.ts';
import { SuiteContext } from './suites/context.ts';
import { devicesSuite } from './suites/devices.ts';
import { lookupsSuite } from './suites/lookups.ts';
import { migrationsSuite } from './suites/migrations.ts';
import { operatorSuite } from './suites/operator.ts';
import { plansSuite } from './suites/plans.ts';
import { prefixesSuite } from './suites/prefixes.ts';
import { tokensSuite } from './suites/tokens.ts';
import { versionsSuite } from './suites/versions.ts';

// One file, so that a run starts each engine once: PGlite takes seconds to start in memory.
describe.each(testEngines())('registry on $name', (testEngine) => {
  const context = new SuiteContext();
  beforeAll(() => context.open(testEngine));
  beforeEach(() => context.empty());
  afterAll(() => context.dispose());

  migrationsSuite(context);
  applyFleetSuite(context);
  prefixesSuite(context);
  versionsSuite(context);
  plansSuite(context);
  lookupsSuite(context);
  tokensSuite(context);
  commandsSuite(context);
  devicesSuite(context);
  operatorSuite(context);
});
