import { randomInt } from 'node:crypto';
import { type AgriId, agriId } from '@furrow/contracts';
import { sql } from 'drizzle-orm';
import type { Database } from '../engine/engine.ts';
import { RegistryConflictError } from '../errors.ts';
import { anyOf } from '../lookups/columns.ts';
import { devices } from '../schema/index.ts';

const SUFFIX_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const SUFFIX_LENGTH = 4;

/** How often identifiers are drawn again for those that turn out to be taken. */
const ROUNDS = 5;

/**
 * New identifiers of devices, `d-<number>-<four lower-case letters or digits>`: the number from a sequence, the letters at
 * random so that nobody guesses a neighbour's. None of them is in `reserved`, or is or lies under an identifier that is
 * registered.
 */
export async function newDeviceAgriIds(
  db: Database,
  count: number,
  reserved: ReadonlySet<AgriId>,
): Promise<AgriId[]> {
  const made: AgriId[] = [];
  for (let round = 0; round < ROUNDS && made.length < count; round++) {
    const numbers = await nextNumbers(db, count - made.length);
    const drawn = numbers.map((number) => ({
      parent: agriId(`d-${number}`),
      id: agriId(`d-${number}-${suffix()}`),
    }));
    const wanted = drawn.flatMap(({ parent, id }) => [parent, id]);
    const rows = await db.select({ id: devices.agriId }).from(devices).where(anyOf(devices.agriId, wanted));
    const taken = new Set([...reserved, ...rows.map(({ id }) => id)]);
    made.push(...drawn.filter(({ parent, id }) => !taken.has(parent) && !taken.has(id)).map(({ id }) => id));
  }
  if (made.length < count)
    throw new RegistryConflictError(['the next device numbers are all taken by other agri_ids']);
  return made;
}

async function nextNumbers(db: Database, count: number): Promise<number[]> {
  const rows = await db
    .select({ number: sql<string>`nextval('device_numbers')` })
    .from(sql`generate_series(1, ${count}::integer)`);
  return rows.map(({ number }) => Number(number));
}

function suffix(): string {
  return Array.from({ length: SUFFIX_LENGTH }, () => SUFFIX_LETTERS[randomInt(SUFFIX_LETTERS.length)]).join(
    '',
  );
}
