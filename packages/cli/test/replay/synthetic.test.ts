import { createHash } from 'node:crypto';
import { compilePlan } from '@furrow/decoding';
import { parseFleet } from '@furrow/registry/fleet';
import { describe, expect, it } from 'vitest';
import type { SourceMessage } from '../../src/replay/source/source-message.ts';
import { syntheticFleet } from '../../src/replay/synthetic/synthetic-fleet.ts';
import { SYNTHETIC_NEWEST, syntheticSource } from '../../src/replay/synthetic/synthetic-source.ts';
import { parseSyntheticSpec } from '../../src/replay/synthetic/synthetic-spec.ts';
import { readUplink } from '../../src/replay/time/read-uplink.ts';
import { Judge } from '../../src/replay/verify/judge.ts';
import { bookOf } from '../../src/replay/verify/plan-book.ts';

async function messagesOf(spec: string): Promise<SourceMessage[]> {
  const messages: SourceMessage[] = [];
  for await (const entry of syntheticSource(parseSyntheticSpec(spec)).entries()) {
    if (entry.ok) messages.push(entry.message);
  }
  return messages;
}

const digest = (messages: readonly SourceMessage[]): string =>
  createHash('sha256')
    .update(messages.map(({ body, groupId, device }) => `${groupId} ${device} ${body}`).join('\n'))
    .digest('hex');

const ROUGH =
  'devices=7,orgs=2,factors=5,interval=10s,for=20m,bursts=0.1,outages=0.05,outage=1m,duplicates=0.1,disorder=0.1';

/** What the messages must lead to, each key once. */
function judged(messages: readonly SourceMessage[], spec: string) {
  const plans = bookOf(parseFleet(syntheticFleet(parseSyntheticSpec(spec))));
  const judge = new Judge({ plans, throughApi: false, now: () => SYNTHETIC_NEWEST });
  const values = new Map<string, number>();
  const verdicts = messages.map((message) => {
    const read = readUplink(message);
    const judgement = judge.judge(
      { message, uplink: read.ok ? read.uplink : undefined },
      read.ok ? undefined : read.reason,
    );
    for (const { agriId, t, value } of judgement.points) values.set(`${agriId} ${t}`, value);
    return { message, judgement };
  });
  return { values, verdicts };
}

describe('syntheticSource', () => {
  it('gives the same bytes for the same seed, and others for another', async () => {
    const spec = `${ROUGH},poison=0.05,form=mixed`;
    const first = digest(await messagesOf(spec));
    expect(digest(await messagesOf(spec))).toBe(first);
    expect(digest(await messagesOf(`${spec},seed=2`))).not.toBe(first);
  });

  it('sends every read of every device in the end, whatever is lost, doubled or late', async () => {
    const messages = await messagesOf(ROUGH);
    const { values } = judged(messages, ROUGH);
    expect(values.size).toBe(7 * 5 * 120);
    expect(new Set(messages.map(({ body }) => body)).size).toBeLessThan(messages.length);
    const most = Math.max(...messages.map(({ body }) => JSON.parse(body).items.length));
    expect(most).toBeGreaterThanOrEqual(5 * 6);
  });

  it('says the same in items, frames and the flat form', async () => {
    const spec = (form: string) => `devices=3,factors=9,interval=1m,for=10m,form=${form}`;
    const [items, frames, flat] = await Promise.all(
      ['items', 'frames', 'flat'].map(
        async (form) => judged(await messagesOf(spec(form)), spec(form)).values,
      ),
    );
    expect(items?.size).toBe(3 * 9 * 10);
    expect(frames).toEqual(items);
    expect(flat).toEqual(items);
  });

  it('sends poison that must be refused, each kind for its own reason', async () => {
    const spec = 'devices=5,interval=10s,for=30m,poison=0.1';
    const { verdicts } = judged(await messagesOf(spec), spec);
    const poisons = verdicts.filter(({ message }) => message.poison !== undefined);
    expect(new Set(poisons.map(({ message }) => message.poison)).size).toBe(11);
    for (const { message, judgement } of poisons) {
      expect([message.poison, ...judgement.refused.keys()]).toEqual([message.poison, message.poison]);
      expect(judgement.points).toEqual([]);
    }
  });

  it('has a fleet file of sound factors for exactly its devices', async () => {
    const spec = 'devices=5,orgs=2,factors=50,interval=1m,for=1m';
    const fleet = parseFleet(syntheticFleet(parseSyntheticSpec(spec)));
    const devices = fleet.orgs.flatMap(({ projects }) => projects.flatMap((project) => project.devices));
    const senders = new Set((await messagesOf(spec)).map(({ device }) => device));
    expect(new Set(devices.map(({ agri_id }) => agri_id))).toEqual(senders);
    const factors = devices[0]?.factors.map((factor) => ({ ...factor, agri_id: 'd-1' as never })) ?? [];
    expect(factors).toHaveLength(50);
    for (const factor of factors) expect(compilePlan([factor]).problems).toEqual([]);
  });
});

describe('parseSyntheticSpec', () => {
  it.each([
    ['devces=3', /no setting devces; there are seed, orgs, devices/],
    ['devices', /"devices" is not of the form name=value/],
    ['jitter=3,poison=7', /jitter is a time such as.*poison is a share from 0 to 1/s],
    ['interval=2h,for=1h', /for is at least one interval/],
  ])('refuses %s', (text, message) => {
    expect(() => parseSyntheticSpec(text)).toThrow(message);
  });
});
