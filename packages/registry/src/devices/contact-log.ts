import { sql } from 'drizzle-orm';
import type { Database } from '../engine/engine.ts';
import { devices } from '../schema/index.ts';

export interface ContactLogOptions {
  /** How exactly `connect_time` is kept: one write a device in this time, in milliseconds. Default 60,000. */
  readonly grainMs: number;
  /** How long contacts are gathered before they are written together, in milliseconds. Default 2,000. */
  readonly gatherMs: number;
  /** Most devices remembered; beyond it the oldest is forgotten, and may be written again early. Default 50,000. */
  readonly maxDevices: number;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}

const DEFAULTS: ContactLogOptions = { grainMs: 60_000, gatherMs: 2_000, maxDevices: 50_000, now: Date.now };

/** What is known of a device's contacts, in milliseconds since 1970 UTC. */
interface Contact {
  /** The newest that was noted. */
  readonly at: number;
  /** When it was last written; 0 when it was not yet. */
  readonly writtenAt: number;
}

/**
 * Notes when devices were last heard of, as `connect_time`. Nobody waits for it, and it is best effort: an uplink is worth more
 * than the note that it came. Any number of uplinks is one write a device and minute, many devices in one statement, and the newest
 * contact wins in whatever order they come.
 */
export class ContactLog {
  readonly #db: Database;
  readonly #options: ContactLogOptions;
  readonly #noted = new Map<number, Contact>();
  #waiting = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failures = 0;

  constructor(db: Database, options: Partial<ContactLogOptions> = {}) {
    this.#db = db;
    this.#options = { ...DEFAULTS, ...options };
  }

  /** Writes that failed since the start; their devices are written with their next contact. */
  get failures(): number {
    return this.#failures;
  }

  /** The device was heard of at `at`, in milliseconds since 1970 UTC; just now when left out, and never later than that. Returns at once. */
  note(devicePk: number, at?: number): void {
    const { now, grainMs, gatherMs, maxDevices } = this.#options;
    const heardAt = Math.min(at ?? Number.POSITIVE_INFINITY, now());
    const before = this.#noted.get(devicePk);
    if (before !== undefined && heardAt - before.at < grainMs) return;
    if (!this.#waiting.has(devicePk) && this.#waiting.size >= maxDevices) return;
    this.#noted.delete(devicePk);
    this.#noted.set(devicePk, { at: heardAt, writtenAt: before?.writtenAt ?? 0 });
    for (const oldest of this.#noted.keys()) {
      if (this.#noted.size <= maxDevices) break;
      this.#noted.delete(oldest);
    }
    this.#waiting.set(devicePk, heardAt);
    this.#timer ??= setTimeout(() => this.#writeDue(), gatherMs).unref();
  }

  /** Writes all that waits. Does not reject. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const contacts = this.#waiting;
    this.#waiting = new Map();
    await this.#enqueue(contacts);
  }

  /** Writes what waits of devices whose last write is long enough ago; a backlog brings many contacts of one at once. */
  #writeDue(): void {
    const { now, grainMs, gatherMs } = this.#options;
    const dueBefore = now() - grainMs;
    const due = new Map<number, number>();
    for (const [pk, at] of this.#waiting) {
      if ((this.#noted.get(pk)?.writtenAt ?? 0) > dueBefore) continue;
      due.set(pk, at);
      this.#waiting.delete(pk);
    }
    this.#timer = this.#waiting.size > 0 ? setTimeout(() => this.#writeDue(), gatherMs).unref() : undefined;
    void this.#enqueue(due);
  }

  async #enqueue(contacts: ReadonlyMap<number, number>): Promise<void> {
    const writtenAt = this.#options.now();
    for (const pk of contacts.keys()) {
      const noted = this.#noted.get(pk);
      if (noted !== undefined) this.#noted.set(pk, { ...noted, writtenAt });
    }
    this.#writing = this.#writing.then(() => this.#write(contacts));
    await this.#writing;
  }

  async #write(contacts: ReadonlyMap<number, number>): Promise<void> {
    if (contacts.size === 0) return;
    // In the order of the keys, so that two processes that write at once do not wait for each other in a circle.
    const rows = [...contacts]
      .sort(([a], [b]) => a - b)
      .map(([pk, at]) => ({ pk, at: new Date(at).toISOString() }));
    const contact = sql`json_to_recordset(${JSON.stringify(rows)}::json) as contact (pk integer, at timestamptz)`;
    await this.#db
      .execute(
        sql`update ${devices} set connect_time = contact.at from ${contact}
            where devices.pk = contact.pk and (devices.connect_time is null or devices.connect_time < contact.at)`,
      )
      .catch(() => {
        this.#failures += 1;
        for (const pk of contacts.keys()) this.#noted.delete(pk);
      });
  }
}
