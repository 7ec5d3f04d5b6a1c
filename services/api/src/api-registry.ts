import type { Commands, ContactLog, Devices, Factors, Modules, PlanSource, Registry } from '@furrow/registry';

/** What the API asks the registry: a part of `Registry`, so that a test can stand in for it. */
export type ApiRegistry = Pick<
  Registry,
  'verifyToken' | 'findProject' | 'findDevice' | 'findFactor' | 'findFactorByAgriId'
> & {
  readonly plans: Pick<PlanSource, 'plansFor'>;
  readonly devices: Pick<Devices, 'list' | 'page' | 'details' | 'update' | 'bind' | 'unbind' | 'move'>;
  readonly factors: Pick<Factors, 'list' | 'create' | 'update' | 'remove' | 'copy' | 'import'>;
  readonly modules: Pick<Modules, 'list' | 'find'>;
  readonly commands: Pick<Commands, 'issue' | 'refused' | 'find'>;
  readonly contacts: Pick<ContactLog, 'note'>;
};
