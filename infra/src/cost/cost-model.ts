import { RETENTION_DAYS } from '@furrow/contracts';
import { type Fleet, SECONDS_BETWEEN_UPLINKS, type TaskSize } from './fleets.ts';
import { MEASURED } from './measured.ts';
import { PRICES } from './prices.ts';

const HOURS = 730;
const SECONDS = HOURS * 3_600;
const SECONDS_PER_DAY = 86_400;
const MILLION = 1_000_000;
const GIB = 2 ** 30;

/** Requests that a message costs when none share one: sent, received, deleted. */
const REQUESTS_PER_MESSAGE = 3;
/** A worker that waits asks eight times in 20 seconds. */
const IDLE_REQUESTS_PER_SECOND = 8 / 20;
/** New connections a second in a unit of the load balancer; gateways open one for each uplink. */
const CONNECTIONS_PER_UNIT = 25;
/** What the collector's lines and the logs of a task take, in GiB a month. */
const LOG_GIB_PER_TASK = 1;
const METRICS = 50;
const ALARMS = 13;

/** Dollars a month by what they are for, in the order of the page. */
export interface MonthlyCost {
  readonly queues: number;
  readonly writes: number;
  readonly storage: number;
  readonly tasks: number;
  readonly registry: number;
  readonly network: number;
  readonly observability: number;
}

/** Points that a fleet sends in a month of 730 hours. */
export function pointsPerMonth({ devices }: Pick<Fleet, 'devices'>): number {
  return (devices * MEASURED.pointsPerUplink * SECONDS) / SECONDS_BETWEEN_UPLINKS;
}

/** What a fleet costs in a month on Timestream for LiveAnalytics, once 90 days of points are there. Queries are left out. */
export function monthlyCost(fleet: Fleet): MonthlyCost {
  const points = pointsPerMonth(fleet);
  const messages = points / MEASURED.pointsPerUplink;
  const tasks = [fleet.api, fleet.ingest, fleet.downlink];
  const taskCount = sum(tasks.map((size) => size.tasks));
  return {
    queues: queueCost(messages, fleet.ingest.tasks + fleet.downlink.tasks),
    writes: (points / MILLION) * writeCostPerMillion(fleet.pointsPerWrite),
    storage: storageCost((points / SECONDS) * SECONDS_PER_DAY),
    tasks: sum(tasks.map(taskCost)),
    registry: fleet.registryCapacity * HOURS * PRICES.auroraCapacityHour,
    network: networkCost(fleet, points),
    observability:
      taskCount * LOG_GIB_PER_TASK * PRICES.logGib +
      METRICS * PRICES.metricMonth +
      ALARMS * PRICES.alarmMonth,
  };
}

/** Dollars for writing a million points, so many in a write. A write is billed by the KiB, and is at least one. */
export function writeCostPerMillion(pointsPerWrite: number): number {
  const kib = Math.ceil((pointsPerWrite / MEASURED.pointsPerFullWrite) * MEASURED.kibPerFullWrite);
  return (kib / pointsPerWrite) * PRICES.timestreamMillionKibWritten;
}

/** Dollars for the queue's requests of a million points, at most: no message shares a request with another. */
export function queueCostPerMillion(): number {
  return (REQUESTS_PER_MESSAGE / MEASURED.pointsPerUplink) * PRICES.sqsMillionRequests;
}

/** Dollars for keeping a million points for 90 days: one in memory, the others on the magnetic store. */
export function storageCostPerMillion(): number {
  const gib = (MILLION * MEASURED.storedBytesPerPoint) / GIB;
  const monthsOnMagnetic = ((RETENTION_DAYS - 1) * 24) / HOURS;
  return gib * (24 * PRICES.timestreamMemoryGibHour + monthsOnMagnetic * PRICES.timestreamMagneticGibMonth);
}

function queueCost(messages: number, consumers: number): number {
  const requests = messages * REQUESTS_PER_MESSAGE + consumers * IDLE_REQUESTS_PER_SECOND * SECONDS;
  return (requests / MILLION) * PRICES.sqsMillionRequests;
}

function storageCost(pointsPerDay: number): number {
  const gibPerDay = (pointsPerDay * MEASURED.storedBytesPerPoint) / GIB;
  const memory = gibPerDay * HOURS * PRICES.timestreamMemoryGibHour;
  return memory + gibPerDay * (RETENTION_DAYS - 1) * PRICES.timestreamMagneticGibMonth;
}

function taskCost({ tasks, vcpu, gib }: TaskSize): number {
  return tasks * HOURS * (vcpu * PRICES.fargateVcpuHour + gib * PRICES.fargateGibHour);
}

function networkCost(fleet: Fleet, points: number): number {
  const uplinksPerSecond = points / MEASURED.pointsPerUplink / SECONDS;
  const units = Math.max(1, uplinksPerSecond / CONNECTIONS_PER_UNIT);
  const throughNat = (points * MEASURED.sentBytesPerPoint) / GIB;
  const hourly =
    PRICES.loadBalancerHour +
    units * PRICES.loadBalancerUnitHour +
    fleet.natGateways * PRICES.natGatewayHour +
    fleet.endpoints * PRICES.endpointHour;
  return hourly * HOURS + throughNat * PRICES.natGib;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
