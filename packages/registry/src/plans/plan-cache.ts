import { type AgriId, belongsTo, ownerCandidates } from '@furrow/contracts';
import { LRUCache } from 'lru-cache';
import { RegistryUnavailable } from '../errors.ts';
import { type BatchAnswers, CheckQueue } from './check-queue.ts';
import { PLAN_CACHE_DEFAULTS, type PlanCacheOptions, type PlanCacheStatus } from './plan-cache-options.ts';
import type { LoadedDevice, LoadedFamily, PlanLoader } from './plan-loader.ts';
import type { DevicePlan, PlannedDevice, PlanSource } from './plan-source.ts';
import { withDeadline } from './with-deadline.ts';

/** Most devices in one statement: 500 families of 20 factors are 10,000 rows. */
const BATCH_SIZE = 500;

interface Entry {
  readonly plan: DevicePlan;
  readonly fingerprint: string;
  /** Devices and factors in it, for the bound on memory. */
  readonly weight: number;
  /** When the registry was last asked about it, by the cache's clock. */
  checkedAt: number;
}

/**
 * The compiled plans of the devices in use. A plan that was not compared with the registry for `freshMs` is compared before
 * it is used again, many in one statement; a changed one is loaded anew. While the registry does not answer, plans up to
 * `maxAgeMs` old go on being used, and {@link PlanCache.status} says so; a device without such a plan makes the call throw
 * {@link RegistryUnavailable}.
 */
export class PlanCache implements PlanSource {
  readonly #loader: PlanLoader;
  readonly #options: PlanCacheOptions;
  readonly #entries: LRUCache<AgriId, Entry>;
  /** Agri_ids that are no registered device, and when that was found. */
  readonly #absent: LRUCache<AgriId, number>;
  /** Agri_ids of items that belong to no registered device, and when that was found. */
  readonly #ownerless: LRUCache<AgriId, number>;
  readonly #queue: CheckQueue<AgriId, Entry>;
  readonly #counts = {
    hits: 0,
    unchanged: 0,
    loaded: 0,
    changed: 0,
    removed: 0,
    servedStale: 0,
    failures: 0,
  };
  #oldestUseMs = 0;
  #failure: { readonly at: number; readonly error: unknown } | undefined;

  constructor(loader: PlanLoader, options: Partial<PlanCacheOptions> = {}) {
    this.#loader = loader;
    this.#options = { ...PLAN_CACHE_DEFAULTS, ...options };
    const { maxDevices, maxFactors, maxAbsent } = this.#options;
    this.#entries = new LRUCache({
      max: maxDevices,
      maxSize: maxDevices + maxFactors,
      sizeCalculation: ({ weight }) => weight,
    });
    this.#absent = new LRUCache({ max: maxAbsent });
    this.#ownerless = new LRUCache({ max: maxAbsent });
    this.#queue = new CheckQueue((ids) => this.#checkOrServeStale(ids), BATCH_SIZE);
  }

  get status(): PlanCacheStatus {
    const error = this.#failure?.error;
    const failing = error === undefined ? null : error instanceof Error ? error.message : String(error);
    return { devices: this.#entries.size, ...this.#counts, failing };
  }

  /** Age of the oldest plan that was handed out since the last call, in milliseconds; 0 when all had just been checked. */
  takeOldestUseMs(): number {
    const oldest = this.#oldestUseMs;
    this.#oldestUseMs = 0;
    return oldest;
  }

  async plansFor(devices: readonly AgriId[], signal?: AbortSignal): Promise<ReadonlyMap<AgriId, DevicePlan>> {
    signal?.throwIfAborted();
    const now = this.#options.now();
    const plans = new Map<AgriId, DevicePlan>();
    const due: AgriId[] = [];
    for (const id of devices) {
      const entry = this.#entries.get(id);
      if (entry !== undefined && this.#isFresh(entry.checkedAt, now)) {
        this.#counts.hits++;
        this.#used(entry, now);
        plans.set(id, entry.plan);
      } else if (entry === undefined && this.#isFresh(this.#absent.get(id), now)) {
        this.#counts.hits++;
      } else {
        due.push(id);
      }
    }
    if (due.length === 0) return plans;
    const asked = Promise.all(due.map((id) => this.#queue.ask(id)));
    const entries = await withDeadline(asked, { signal });
    for (const entry of entries) if (entry) plans.set(entry.plan.device.agriId, entry.plan);
    return plans;
  }

  async ownersOf(items: readonly AgriId[], signal?: AbortSignal): Promise<ReadonlyMap<AgriId, DevicePlan>> {
    signal?.throwIfAborted();
    const ownerOf = await this.#ownerIds(items, signal);
    const lost = items.filter((item) => ownerOf.get(item) === null);
    // An ancestor in memory was removed meanwhile; it is in memory no more, so this time the registry is asked.
    if (lost.length > 0)
      for (const [item, owner] of await this.#ownerIds(lost, signal)) ownerOf.set(item, owner);
    const owners = new Set([...ownerOf.values()].filter((owner) => owner !== null));
    const plans = await this.plansFor([...owners], signal);
    const answer = new Map<AgriId, DevicePlan>();
    for (const [item, owner] of ownerOf) {
      const plan = owner === null ? undefined : plans.get(owner);
      if (plan) answer.set(item, plan);
    }
    return answer;
  }

  /**
   * The device, or something below it, has just changed: what is known of it and of the devices above it is compared with the registry
   * before it is used again. For the one who made the change; everybody else notices within `freshMs`.
   */
  expire(device: AgriId): void {
    const due = this.#options.now() - this.#options.freshMs;
    for (const id of ownerCandidates(device)) {
      const entry = this.#entries.peek(id);
      if (entry) entry.checkedAt = Math.min(entry.checkedAt, due);
      this.#absent.delete(id);
    }
    this.#ownerless.clear();
  }

  /** The closest device that each item belongs to; null when its ancestor was removed; absent when it has none. */
  async #ownerIds(items: readonly AgriId[], signal?: AbortSignal): Promise<Map<AgriId, AgriId | null>> {
    const ancestors = await this.#ancestorsOf(items, signal);
    const families = await this.plansFor([...new Set(ancestors.values())], signal);
    const owners = new Map<AgriId, AgriId | null>();
    for (const [item, ancestor] of ancestors) {
      const family = families.get(ancestor);
      owners.set(item, family ? closestOwner(item, family) : null);
    }
    return owners;
  }

  /**
   * Some registered device that each item belongs to. Any will do, since no other organization has devices under it and its
   * family names the closest one; so one that is in memory saves the question.
   */
  async #ancestorsOf(items: readonly AgriId[], signal?: AbortSignal): Promise<Map<AgriId, AgriId>> {
    const now = this.#options.now();
    const ancestors = new Map<AgriId, AgriId>();
    const open = new Map<AgriId, readonly AgriId[]>();
    for (const item of items) {
      if (ancestors.has(item) || open.has(item) || this.#isFresh(this.#ownerless.get(item), now)) continue;
      const candidates = ownerCandidates(item);
      const known = candidates.find((candidate) => this.#entries.has(candidate));
      if (known === undefined) open.set(item, candidates);
      else ancestors.set(item, known);
    }
    if (open.size === 0) return ancestors;
    const candidates = [...new Set([...open.values()].flat())];
    const asked = this.#answered(() => this.#loader.registeredAmong(candidates));
    const registered = await withDeadline(asked, { signal });
    // One of them may have been found absent a moment ago.
    for (const owner of registered) this.#absent.delete(owner);
    for (const [item, own] of open) {
      const owner = own.find((candidate) => registered.has(candidate));
      if (owner === undefined) this.#ownerless.set(item, now);
      else ancestors.set(item, owner);
    }
    return ancestors;
  }

  /** One batch of the queue. */
  async #checkOrServeStale(ids: readonly AgriId[]): Promise<BatchAnswers<AgriId, Entry>> {
    try {
      return { answers: await this.#answered(() => this.#check(ids)) };
    } catch (error) {
      return { answers: this.#stale(ids), failure: unavailable(error) };
    }
  }

  /** Compares these devices with the registry and loads what is new or changed. */
  async #check(ids: readonly AgriId[]): Promise<ReadonlyMap<AgriId, Entry>> {
    const checkedAt = this.#options.now();
    const fingerprints = await this.#loader.fingerprints(ids);
    const answers = new Map<AgriId, Entry>();
    const changed: AgriId[] = [];
    for (const [id, fingerprint] of fingerprints) {
      const entry = this.#entries.peek(id);
      if (entry?.fingerprint === fingerprint) {
        this.#counts.unchanged++;
        entry.checkedAt = checkedAt;
        answers.set(id, entry);
      } else {
        changed.push(id);
      }
    }
    const families =
      changed.length > 0 ? await this.#loader.families(changed) : new Map<AgriId, LoadedFamily>();
    for (const [id, family] of families) {
      this.#counts.loaded++;
      if (this.#entries.has(id)) this.#counts.changed++;
      const entry = this.#compile(family, fingerprints.get(id) ?? '', checkedAt);
      this.#entries.set(id, entry);
      answers.set(id, entry);
    }
    for (const id of ids) {
      if (answers.has(id)) {
        this.#absent.delete(id);
      } else {
        if (this.#entries.delete(id)) this.#counts.removed++;
        this.#absent.set(id, checkedAt);
      }
    }
    return answers;
  }

  #compile(family: LoadedFamily, fingerprint: string, checkedAt: number): Entry {
    const compiled = ({ device, factors }: LoadedDevice): PlannedDevice => ({
      device,
      plan: this.#options.compilePlan(factors),
    });
    const members: readonly LoadedDevice[] = [family, ...family.subDevices];
    return {
      plan: { ...compiled(family), subDevices: family.subDevices.map(compiled) },
      fingerprint,
      weight: members.reduce((sum, { factors }) => sum + 1 + factors.length, 0),
      checkedAt,
    };
  }

  /**
   * The registry's answer, or {@link RegistryUnavailable}: at once while it is paused, else when it fails or takes too
   * long. An answer that comes too late still goes into the cache, so that a slow registry fills it in the end.
   */
  async #answered<T>(ask: () => Promise<T>): Promise<T> {
    const { answerMs, pauseMs, now } = this.#options;
    if (this.#failure && now() - this.#failure.at < pauseMs) throw unavailable(this.#failure.error);
    try {
      const answer = await withDeadline(ask(), { milliseconds: answerMs });
      this.#failure = undefined;
      return answer;
    } catch (error) {
      this.#failure = { at: now(), error };
      this.#counts.failures++;
      throw unavailable(error);
    }
  }

  /** The plans that may go on being used without the registry. */
  #stale(ids: readonly AgriId[]): ReadonlyMap<AgriId, Entry> {
    const now = this.#options.now();
    const answers = new Map<AgriId, Entry>();
    for (const id of ids) {
      const entry = this.#entries.peek(id);
      if (entry !== undefined && now - entry.checkedAt <= this.#options.maxAgeMs) {
        answers.set(id, entry);
        this.#used(entry, now);
      }
    }
    this.#counts.servedStale += answers.size;
    return answers;
  }

  #used({ checkedAt }: Entry, now: number): void {
    this.#oldestUseMs = Math.max(this.#oldestUseMs, now - checkedAt);
  }

  #isFresh(checkedAt: number | undefined, now: number): boolean {
    return checkedAt !== undefined && now - checkedAt < this.#options.freshMs;
  }
}

/** The member of the family with the longest agri_id that the item belongs to; the item belongs to the family. */
function closestOwner(item: AgriId, family: DevicePlan): AgriId {
  const under = family.subDevices.find(({ device }) => belongsTo(item, device.agriId));
  return (under ?? family).device.agriId;
}

function unavailable(cause: unknown): RegistryUnavailable {
  if (cause instanceof RegistryUnavailable) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new RegistryUnavailable(`the registry gives no plans: ${why}`, { cause });
}
