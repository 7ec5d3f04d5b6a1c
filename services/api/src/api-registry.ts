import type { PlanSource, Registry } from '@furrow/registry';

/** What the API asks the registry: a part of `Registry`, so that a test can stand in for it. */
export type ApiRegistry = Pick<
  Registry,
  'verifyToken' | 'findDevice' | 'findFactor' | 'findFactorByAgriId'
> & {
  readonly plans: Pick<PlanSource, 'plansFor'>;
};
