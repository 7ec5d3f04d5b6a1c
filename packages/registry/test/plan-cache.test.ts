import { type AgriId, agriId, belongsTo } from '@furrow/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type LoadedDevice,
  type LoadedFamily,
  PlanCache,
  type PlanCacheOptions,
  type PlanLoader,
  RegistryUnavailable,
} from '../src/index.ts';

const ids = (...texts: string[]) => texts.map((text) => agriId(text));

/** Devices in memory that count what they are asked. */
class FakeLoader implements PlanLoader {
  readonly versions = new Map<AgriId, number>();
  asked: string[] = [];
  answer: () => Promise<void> = async () => undefined;

  constructor(...devices: string[]) {
    for (const id of ids(...devices)) this.versions.set(id, 1);
  }

  async fingerprints(wanted: readonly AgriId[]) {
    this.asked.push(`fingerprints ${wanted.join(' ')}`);
    await this.answer();
    return new Map(wanted.filter((id) => this.versions.has(id)).map((id) => [id, this.#fingerprint(id)]));
  }

  async families(wanted: readonly AgriId[]) {
    this.asked.push(`families ${wanted.join(' ')}`);
    await this.answer();
    return new Map(wanted.filter((id) => this.versions.has(id)).map((id) => [id, this.#family(id)]));
  }

  async registeredAmong(candidates: readonly AgriId[]) {
    this.asked.push(`registered ${candidates.join(' ')}`);
    await this.answer();
    return new Set(candidates.filter((id) => this.versions.has(id)));
  }

  #members(root: AgriId): AgriId[] {
    const under = [...this.versions.keys()].filter((id) => belongsTo(id, root));
    return under.sort((a, b) => b.length - a.length);
  }

  #fingerprint(root: AgriId): string {
    return this.#members(root)
      .map((id) => `${id}:${this.versions.get(id)}`)
      .join();
  }

  #family(root: AgriId): LoadedFamily {
    const subDevices = this.#members(root).filter((id) => id !== root);
    return { ...this.#load(root), subDevices: subDevices.map((id) => this.#load(id)) };
  }

  #load(id: AgriId): LoadedDevice {
    const version = this.versions.get(id) ?? 0;
    const device = {
      pk: 1,
      deviceId: `hw-${id}`,
      agriId: id,
      orgId: 'yanji-lab',
      orgPk: 1,
      projectId: 'alpha',
      projectName: 'Alpha',
      deviceName: '',
      info: '',
      allow: true,
      scaled: false,
      gatewayModel: 'yy-m200' as const,
      bindTime: null,
      createTime: new Date(0),
      connectTime: null,
      version,
    };
    return { device, factors: [] };
  }
}

describe('PlanCache', () => {
  let now: number;
  let loader: FakeLoader;
  const cacheOf = (options: Partial<PlanCacheOptions> = {}) =>
    new PlanCache(loader, { now: () => now, ...options });
  const down = () => {
    loader.answer = () => Promise.reject(new RegistryUnavailable('down'));
  };
  const up = () => {
    loader.answer = async () => undefined;
  };

  beforeEach(() => {
    now = 0;
    loader = new FakeLoader('a', 'a-1', 'b', 'c');
  });

  it('asks once while an answer is fresh, for devices that are there and for those that are not', async () => {
    const cache = cacheOf();
    await cache.plansFor(ids('a', 'nobody'));
    now = 1_999;
    expect([...(await cache.plansFor(ids('a', 'nobody'))).keys()]).toEqual(['a']);
    expect(loader.asked).toEqual(['fingerprints a nobody', 'families a']);
    expect(cache.status).toMatchObject({ hits: 2, loaded: 1, devices: 1 });
  });

  it('compares stale plans in one question, and loads only what changed', async () => {
    const cache = cacheOf();
    const before = await cache.plansFor(ids('a', 'b', 'c'));
    loader.asked = [];
    loader.versions.set(agriId('b'), 2);
    now = 2_000;
    const after = await cache.plansFor(ids('a', 'b', 'c'));
    expect(loader.asked).toEqual(['fingerprints a b c', 'families b']);
    expect(after.get(agriId('a'))).toBe(before.get(agriId('a')));
    expect(after.get(agriId('b'))?.device.version).toBe(2);
    expect(cache.status).toMatchObject({ unchanged: 2, loaded: 4 });
  });

  it('lets concurrent callers share their questions', async () => {
    const cache = cacheOf();
    const gate = Promise.withResolvers<void>();
    loader.answer = () => gate.promise;
    const first = [cache.plansFor(ids('a', 'b')), cache.plansFor(ids('b'))];
    await Promise.resolve();
    // These come while the first question is under way, and are asked together afterwards.
    const second = [cache.plansFor(ids('a', 'c')), cache.plansFor(ids('c'))];
    gate.resolve();
    expect((await Promise.all([...first, ...second])).map((plans) => plans.size)).toEqual([2, 1, 2, 1]);
    expect(loader.asked).toEqual(['fingerprints a b', 'families a b', 'fingerprints c', 'families c']);
  });

  it('asks about many devices in parts', async () => {
    const many = Array.from({ length: 1_200 }, (_, n) => `x${n}`);
    loader = new FakeLoader(...many);
    expect((await cacheOf().plansFor(ids(...many))).size).toBe(1_200);
    expect(loader.asked.map((question) => question.split(' ').length - 1)).toEqual([
      500, 500, 500, 500, 200, 200,
    ]);
  });

  it('keeps no more devices than it may, and answers for more all the same', async () => {
    const cache = cacheOf({ maxDevices: 2 });
    expect((await cache.plansFor(ids('a', 'b', 'c'))).size).toBe(3);
    expect(cache.status.devices).toBe(2);
  });

  it('keeps no more factors than it may', async () => {
    const cache = cacheOf({ maxDevices: 3, maxFactors: 0 });
    // `a` weighs two: itself and its sub-device.
    await cache.plansFor(ids('a', 'b', 'c'));
    expect(cache.status.devices).toBe(2);
  });

  it('goes on with known plans while the registry does not answer, says so, and recovers', async () => {
    const cache = cacheOf();
    const before = await cache.plansFor(ids('a'));
    down();
    now = 600_000;
    expect(await cache.plansFor(ids('a'))).toEqual(before);
    expect(cache.status).toMatchObject({ servedStale: 1, failures: 1, failing: 'down' });
    up();
    loader.versions.set(agriId('a'), 2);
    now += 1_000;
    expect((await cache.plansFor(ids('a'))).get(agriId('a'))?.device.version).toBe(2);
    expect(cache.status.failing).toBeNull();
  });

  it('does not ask a registry again that has just not answered', async () => {
    const cache = cacheOf();
    await cache.plansFor(ids('a'));
    down();
    now = 5_000;
    await cache.plansFor(ids('a'));
    loader.asked = [];
    now = 5_999;
    await cache.plansFor(ids('a'));
    await expect(cache.plansFor(ids('b'))).rejects.toThrow(RegistryUnavailable);
    expect(loader.asked).toEqual([]);
    now = 6_000;
    await cache.plansFor(ids('a'));
    expect(loader.asked).toEqual(['fingerprints a']);
  });

  it('throws a retryable error for a plan that is too old or was never there', async () => {
    const cache = cacheOf();
    await cache.plansFor(ids('a', 'nobody'));
    down();
    await expect(cache.plansFor(ids('b'))).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      retryable: true,
    });
    now = 600_001;
    await expect(cache.plansFor(ids('a'))).rejects.toThrow(RegistryUnavailable);
    // That nobody had it ten minutes ago is no answer either.
    await expect(cache.plansFor(ids('nobody'))).rejects.toThrow(RegistryUnavailable);
  });

  it('does not make one caller fail for the missing plan of another', async () => {
    const cache = cacheOf();
    await cache.plansFor(ids('a'));
    down();
    now = 2_000;
    const [known, unknown] = await Promise.allSettled([cache.plansFor(ids('a')), cache.plansFor(ids('b'))]);
    expect(known.status).toBe('fulfilled');
    expect(unknown.status).toBe('rejected');
  });

  it('takes any failure of the loader for no answer', async () => {
    loader.answer = () => Promise.reject(new Error('a defect'));
    await expect(cacheOf().plansFor(ids('a'))).rejects.toThrow('the registry gives no plans: a defect');
  });

  it('does not wait for an answer longer than it may, and still uses it when it comes', async () => {
    const cache = cacheOf({ answerMs: 5 });
    const gate = Promise.withResolvers<void>();
    loader.answer = () => gate.promise;
    await expect(cache.plansFor(ids('a'))).rejects.toThrow('did not answer within 5 ms');
    gate.resolve();
    await expect.poll(() => cache.status.devices).toBe(1);
    expect((await cache.plansFor(ids('a'))).size).toBe(1);
  });

  it('stops waiting when the signal says so', async () => {
    const cache = cacheOf();
    loader.answer = () => new Promise(() => undefined);
    const controller = new AbortController();
    const waiting = [
      cache.plansFor(ids('a'), controller.signal),
      cache.ownersOf(ids('a'), controller.signal),
    ];
    controller.abort(new Error('shutting down'));
    for (const one of waiting) await expect(one).rejects.toThrow('shutting down');
    await expect(cache.plansFor(ids('a'), controller.signal)).rejects.toThrow('shutting down');
  });

  it('finds owners by the devices in memory without asking', async () => {
    const cache = cacheOf();
    await cache.plansFor(ids('a', 'a-1'));
    loader.asked = [];
    const owners = await cache.ownersOf(ids('a-1-00', 'a-2-00', 'a'));
    expect([...owners].map(([item, plan]) => `${item} → ${plan.device.agriId}`)).toEqual([
      'a-1-00 → a-1',
      'a-2-00 → a',
      'a → a',
    ]);
    expect(loader.asked).toEqual([]);
  });

  it('remembers for a while that an item has no owner', async () => {
    const cache = cacheOf();
    expect((await cache.ownersOf(ids('x-1-00'))).size).toBe(0);
    await cache.ownersOf(ids('x-1-00'));
    expect(loader.asked).toEqual(['registered x-1-00 x-1 x']);
    loader.versions.set(agriId('x'), 1);
    now = 2_000;
    expect((await cache.ownersOf(ids('x-1-00'))).get(agriId('x-1-00'))?.device.agriId).toBe('x');
  });

  it('finds an owner that was asked for before it was registered', async () => {
    const cache = cacheOf();
    await cache.plansFor(ids('x'));
    loader.versions.set(agriId('x'), 1);
    expect((await cache.ownersOf(ids('x-1-00'))).size).toBe(1);
  });

  it('gives an item to the next ancestor when the one in memory was removed', async () => {
    const cache = cacheOf();
    await cache.plansFor(ids('a-1'));
    loader.versions.delete(agriId('a-1'));
    now = 2_000;
    expect((await cache.ownersOf(ids('a-1-00'))).get(agriId('a-1-00'))?.device.agriId).toBe('a');
  });
});
