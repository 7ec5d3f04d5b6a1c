import {
  type MonthlyCost,
  monthlyCost,
  pointsPerMonth,
  queueCostPerMillion,
  storageCostPerMillion,
  writeCostPerMillion,
} from './cost-model.ts';
import { FLEETS, SECONDS_BETWEEN_UPLINKS } from './fleets.ts';
import { MEASURED } from './measured.ts';
import { PRICES } from './prices.ts';

const ROWS: Readonly<Record<keyof MonthlyCost, string>> = {
  queues: 'Queues (SQS)',
  writes: 'Writes (Timestream)',
  storage: 'Storage, 90 days (Timestream)',
  tasks: 'Tasks (Fargate on ARM, on demand)',
  registry: 'Registry (Aurora Serverless v2)',
  network: 'Load balancer, NAT, endpoints',
  observability: 'Logs, metrics, alarms',
};

/** The text of docs/cost.md. */
export function costPage(): string {
  return `# What it costs

Computed by \`npm run cost\` in the folder \`infra\`, from requests and bytes that were measured (\`infra/src/cost/measured.ts\`) and list prices of
${PRICES.date} in ${PRICES.region} (\`infra/src/cost/prices.ts\`, with the page of each). US dollars, before taxes, discounts and free tiers. Prices change: check
them before relying on a sum.

## A million points

| part | dollars |
| --- | ---: |
| Queue requests, at most (no message shares one) | ${dollars(queueCostPerMillion())} |
| Writes, 10 points each: one uplink alone | ${dollars(writeCostPerMillion(10))} |
| Writes, 100 points each: full | ${dollars(writeCostPerMillion(MEASURED.pointsPerFullWrite))} |
| One record a write, as often done, for comparison | ${dollars(writeCostPerMillion(1))} |
| Keeping them 90 days: 1 in memory, 89 on the magnetic store | ${dollars(storageCostPerMillion())} |

## A month

Every device sends an uplink of ${MEASURED.pointsPerUplink} readings each ${SECONDS_BETWEEN_UPLINKS / 60} minutes, and 90 days of points are there.

${fleetTable()}

## What is left out, and what moves the sum

* Queries: Timestream bills them by compute units, so they depend on who reads; nothing of them was measured on the service.
* A large fleet pays most for the requests of the queue and for the memory store, where points stay for 24 hours so that late and corrected ones
  are taken at full speed. Gateways that send ten times as many readings in an uplink pay a tenth of the queue and of the load balancer for each.
* Spot for the workers above the minimum (\`ingest.spot\`), savings plans, and reserved capacity are not counted.
* Timestream for InfluxDB is billed by instance and storage, not by points: its price stands on its page for the instance of \`stages/\`. It replaces the
  rows "Writes" and "Storage".
* The counts of tasks come from ${MEASURED.readingsPerSecond.toLocaleString('en-US')} readings a second of one worker on the benchmark's machine, of which a quarter is used; the API's are an assumption.
`;
}

function fleetTable(): string {
  const costs = FLEETS.map(monthlyCost);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const names = Object.keys(ROWS) as (keyof MonthlyCost)[];
  const total = (cost: MonthlyCost): number => names.reduce((sum, name) => sum + cost[name], 0);
  return [
    line(['', ...FLEETS.map(({ devices }) => `${devices.toLocaleString('en-US')} devices`)]),
    line(['---', ...FLEETS.map(() => '---:')]),
    line(['Million points a month', ...FLEETS.map((fleet) => whole(pointsPerMonth(fleet) / 1_000_000))]),
    ...names.map((name) => line([ROWS[name], ...costs.map((cost) => whole(cost[name]))])),
    line(['**Together**', ...costs.map((cost) => `**${whole(total(cost))}**`)]),
    line([
      'for each million points',
      ...FLEETS.map((fleet, index) => {
        const cost = costs[index];
        return cost ? dollars(total(cost) / (pointsPerMonth(fleet) / 1_000_000)) : '';
      }),
    ]),
  ].join('\n');
}

function dollars(amount: number): string {
  return amount.toFixed(amount < 0.1 ? 3 : 2);
}

function whole(amount: number): string {
  return amount.toLocaleString('en-US', { maximumFractionDigits: amount < 10 ? 1 : 0 });
}
