import { setTimeout as sleep } from 'node:timers/promises';
import type { AgriId } from '@furrow/contracts';
import { auditPoints, type ShownPoint } from './audit-points.ts';
import { auditQuarantine } from './audit-quarantine.ts';
import { DEVICES, FACTOR_IDS, FACTORS, factorId } from './chaos-fleet.ts';
import type { ChaosOptions } from './chaos-options.ts';
import { planChaos } from './chaos-plan.ts';
import type { ChaosResult } from './chaos-result.ts';
import { FaultPlayer } from './fault-player.ts';
import { readThroughApi } from './read-through-api.ts';
import { Sender } from './sender.ts';
import { SentLedger } from './sent-ledger.ts';
import { callSqs, emptyQueue } from './sqs-wire.ts';
import { type Stage, setStage } from './stage.ts';
import { Watch } from './watch.ts';

/** How often the drained queue is looked at; it counts as empty when it is so twice. */
const LOOK_MS = 500;
/** One factor of every third device is read through the API. */
const SAMPLE_EVERY = 3;

/**
 * One run: starts the real processes, sends the load while faults come and go, ends the faults, waits for the queue to be empty, and
 * compares all that reads, quarantine and dead letters show with all that was sent.
 */
export async function runChaos(
  options: ChaosOptions,
  logFolder: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<ChaosResult> {
  const plan = planChaos(options);
  const ledger = new SentLedger();
  say('Starting queue, store, registry, API and workers.');
  const stage = await setStage(options, ledger, plan.random, logFolder);
  const sender = createSender(stage, ledger, plan.messages());
  const player = new FaultPlayer(stage.chaos, say);
  let loading = true;
  const watch = new Watch({
    workerUrls: stage.chaos.workers.map(({ url }) => url),
    pids: () => ({
      ...Object.fromEntries(stage.processes.map(({ name, pid }) => [name, pid])),
      'runner with queue and store': process.pid,
    }),
    stored: () => stage.store.points,
    shouldProgress: () => loading && !player.outage,
  });
  try {
    say(`${plan.schedule.length} faults in ${options.loadMs / 1000} s at ${options.rate} readings/s.`);
    player.start(plan.schedule);
    await sender.play(Date.now(), signal);
    loading = false;
    player.calm();
    say('Load and faults are over; waiting for the queue to be empty.');
    const drained = await drain(stage, sender, options.drainMs, signal);
    await watch.sample();
    watch.stop();
    say('Comparing what is stored with what was sent.');
    const found = await audit(stage, ledger);
    return {
      options,
      registry: stage.registry.engine,
      faults: plan.schedule.length,
      sent: ledger.readings,
      messages: sender.messages,
      poison: ledger.poison.size,
      repeated: sender.repeated,
      refusals: sender.refusals,
      ...found,
      ...drained,
      sqs: stage.chaos.sqs.counts,
      imbalance: watch.imbalance,
      ledgerSamples: watch.samples,
      longestStallMs: watch.longestStallMs,
      longestStallEndMs: watch.longestStallEndMs,
      peakBytes: Object.fromEntries(watch.peakBytes),
      processes: Object.fromEntries(stage.processes.map(({ name, counts }) => [name, counts])),
    };
  } finally {
    watch.stop();
    player.calm();
    await sender.stop();
    await stage.close();
  }
}

function createSender(
  stage: Stage,
  ledger: SentLedger,
  messages: ConstructorParameters<typeof Sender>[0]['messages'],
) {
  return new Sender({
    messages,
    ledger,
    apiUrl: stage.chaos.api.url,
    devicePks: stage.devicePks,
    sqsEndpoint: stage.sqs.endpoint,
    queueUrl: stage.sqs.queueUrl('furrow-uplinks'),
  });
}

/** Waits until every message is sent and the queue is empty, in hand or waiting; gives up after `limitMs` without progress. */
async function drain(stage: Stage, sender: Sender, limitMs: number, signal: AbortSignal) {
  const startedAt = performance.now();
  const left = async (): Promise<number> => sender.pending + (await messagesOn(stage, 'furrow-uplinks'));
  let stuck = await left();
  let progressAt = startedAt;
  for (let empty = 0; empty < 2 && performance.now() - progressAt < limitMs; ) {
    await sleep(LOOK_MS, undefined, { signal });
    const now = await left();
    if (now < stuck) progressAt = performance.now();
    stuck = Math.min(stuck, now);
    empty = now === 0 ? empty + 1 : 0;
  }
  return { stuck: await left(), drainedAfterMs: performance.now() - startedAt };
}

async function messagesOn({ sqs }: Stage, queue: string): Promise<number> {
  const input = { QueueUrl: sqs.queueUrl(queue), AttributeNames: ['All'] };
  const { Attributes } = await callSqs(sqs.endpoint, 'GetQueueAttributes', input);
  return Object.entries(Attributes as Record<string, string>)
    .filter(([name]) => name.startsWith('ApproximateNumberOfMessages'))
    .reduce((sum, [, value]) => sum + Number(value), 0);
}

async function audit(stage: Stage, ledger: SentLedger) {
  const { sqs, store } = stage;
  const bodies = async (queue: string): Promise<string[]> =>
    (await emptyQueue(sqs.endpoint, sqs.queueUrl(queue))).map(({ Body }) => Body);
  const quarantine = await auditQuarantine(
    ledger,
    await bodies('furrow-quarantine'),
    await bodies('furrow-dead-letter'),
  );
  const shown = await store.histories(FACTOR_IDS);
  const points = auditPoints(ledger, shown);
  const phantoms = [...points.phantoms];
  const known = [...shown.values()].reduce((sum, list) => sum + list.length, 0);
  if (store.points !== known)
    phantoms.push(`${store.points - known} points are in the store under no known factor`);
  return {
    stored: store.points,
    points: { ...points, phantoms },
    quarantine,
    ...(await auditApi(stage, ledger)),
  };
}

/** The same comparison for a sample of the factors as the API shows them. */
async function auditApi(stage: Stage, ledger: SentLedger) {
  const sample = DEVICES.filter((_, index) => index % SAMPLE_EVERY === 0).map((device, index) => ({
    orgId: device.orgId,
    agriId: factorId(device.agriId, FACTORS[index % FACTORS.length] as (typeof FACTORS)[number]),
  }));
  const shown = new Map<AgriId, ShownPoint[]>();
  for (const { agriId, orgId } of sample)
    shown.set(agriId, await readThroughApi(stage.chaos.api.url, agriId, orgId));
  const sent = new Map(sample.map(({ agriId }) => [agriId, ledger.points.get(agriId) ?? new Map()]));
  const { missing, wrong, duplicates, phantoms } = auditPoints({ points: sent }, shown);
  return {
    apiDifferences: [...missing, ...wrong, ...duplicates, ...phantoms],
    apiPoints: [...shown.values()].reduce((sum, list) => sum + list.length, 0),
  };
}
