import type { Table } from '@aws-sdk/client-timestream-write';
import { RETENTION_DAYS } from '@furrow/contracts';

const HOURS_PER_DAY = 24;

/**
 * What keeps a table from holding 90 days, each as a sentence with what to change; empty when nothing does. The service expires
 * points by itself, by the table's two periods, which add up: points move to the magnetic store when the memory store's period is
 * over. Whatever is older than the memory store's period when it arrives is only taken with magnetic store writes enabled.
 * See https://docs.aws.amazon.com/timestream/latest/developerguide/storage.html
 */
export function retentionProblems(table: Table, name: string): string[] {
  const { MemoryStoreRetentionPeriodInHours: memoryHours = 0, MagneticStoreRetentionPeriodInDays: days = 0 } =
    table.RetentionProperties ?? {};
  const problems: string[] = [];
  if (table.TableStatus !== undefined && table.TableStatus !== 'ACTIVE') {
    problems.push(`${name} is ${table.TableStatus}, not ACTIVE`);
  }
  if (memoryHours + days * HOURS_PER_DAY < RETENTION_DAYS * HOURS_PER_DAY) {
    problems.push(
      `${name} keeps ${memoryHours} hours in memory and ${days} days in the magnetic store, together less than ${RETENTION_DAYS} days: raise its MagneticStoreRetentionPeriodInDays`,
    );
  }
  if (
    memoryHours < RETENTION_DAYS * HOURS_PER_DAY &&
    table.MagneticStoreWriteProperties?.EnableMagneticStoreWrites !== true
  ) {
    problems.push(
      `${name} refuses points that arrive later than ${memoryHours} hours: set EnableMagneticStoreWrites in its MagneticStoreWriteProperties`,
    );
  }
  return problems;
}
