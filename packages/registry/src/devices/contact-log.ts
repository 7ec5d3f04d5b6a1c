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

/**
 * Notes when devices were last heard of, as `connect_time`. Nobody waits for it, and it is best effort: an uplink is worth more
 * than the note that it came. Any number of uplinks is one write a device and minute, many devices in one statement.
 */
export class ContactLog {
  readonly #db: Database;
  readonly #options: ContactLogOptions;
  /** When each device was last written, or is about to be. */
  readonly #noted = new Map<number, number>();
  #waiting = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(db: Database, options: Partial<ContactLogOptions> = {}) {
    this.#db = db;
    this.#options = { ...DEFAULTS, ...options };
  }

  /** The device was heard of just now. Returns at once. */
  note(devicePk: number): void {
    const { now, grainMs, gatherMs, maxDevices } = this.#options;
    const at = now();
    const before = this.#noted.get(devicePk);
    if (before !== undefined && at - before < grainMs) return;
    this.#noted.delete(devicePk);
    this.#noted.set(devicePk, at);
    for (const oldest of this.#noted.keys()) {
      if (this.#noted.size <= maxDevices) break;
      this.#noted.delete(oldest);
    }
    if (this.#waiting.size < maxDevices) this.#waiting.set(devicePk, at);
    this.#timer ??= setTimeout(() => void this.flush(), gatherMs).unref();
  }

  /** Writes what waits. Does not reject. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const contacts = this.#waiting;
    this.#waiting = new Map();
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
        for (const pk of contacts.keys()) this.#noted.delete(pk);
      });
  }
}
