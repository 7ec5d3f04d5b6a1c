/** A fleet, and what runs for it. The sizes are what `stages/` would say. */
export interface Fleet {
  readonly devices: number;
  /** Points of different uplinks that share a write, because they come within a flush of each other. */
  readonly pointsPerWrite: number;
  readonly api: TaskSize;
  readonly ingest: TaskSize;
  readonly downlink: TaskSize;
  /** Aurora capacity units that are used, over all instances. */
  readonly registryCapacity: number;
  readonly natGateways: number;
  /** Interface endpoints, counted in each zone. */
  readonly endpoints: number;
}

export interface TaskSize {
  readonly tasks: number;
  readonly vcpu: number;
  readonly gib: number;
}

/** Every device sends one uplink of ten readings in five minutes. */
export const SECONDS_BETWEEN_UPLINKS = 300;

/** Least of a worker's measured speed that is left free, so that a backlog is worked off: three quarters. */
export const SPARE = 0.75;

/** Fleets of three sizes, from one NAT gateway and single tasks to standbys everywhere. */
export const FLEETS: readonly Fleet[] = [
  {
    devices: 100,
    pointsPerWrite: 10,
    api: { tasks: 1, vcpu: 0.25, gib: 1 },
    ingest: { tasks: 1, vcpu: 0.25, gib: 1 },
    downlink: { tasks: 1, vcpu: 0.25, gib: 0.5 },
    registryCapacity: 0.5,
    natGateways: 1,
    endpoints: 0,
  },
  {
    devices: 10_000,
    pointsPerWrite: 10,
    api: { tasks: 2, vcpu: 0.5, gib: 1 },
    ingest: { tasks: 2, vcpu: 1, gib: 2 },
    downlink: { tasks: 2, vcpu: 0.25, gib: 0.5 },
    registryCapacity: 2,
    natGateways: 2,
    endpoints: 10,
  },
  {
    devices: 1_000_000,
    pointsPerWrite: 40,
    api: { tasks: 10, vcpu: 0.5, gib: 1 },
    ingest: { tasks: 9, vcpu: 1, gib: 2 },
    downlink: { tasks: 2, vcpu: 0.25, gib: 0.5 },
    registryCapacity: 8,
    natGateways: 2,
    endpoints: 10,
  },
];
