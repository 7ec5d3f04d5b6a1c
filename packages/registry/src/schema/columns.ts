import type { AgriId } from '@furrow/contracts';
import { customType, timestamp } from 'drizzle-orm/pg-core';

/**
 * An agri_id, compared byte by byte (collation "C") on every server: the order that makes "everything under a prefix" one
 * index range, whatever the locale of the database. In that order `.` follows `-` directly, and a segment has no other
 * character below `.`, so what belongs to `x` is exactly `x <= agri_id < x.`; no pattern is matched, so `_` needs no
 * escaping.
 */
export const agriIdColumn = customType<{ data: AgriId; driverData: string }>({
  dataType: () => 'text COLLATE "C"',
});

/** An instant; UTC in JavaScript, `timestamptz` in the database. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
