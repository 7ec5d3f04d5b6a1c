import type { Row } from '@aws-sdk/client-timestream-query';
import { StoreUnavailableError } from '../errors.ts';

/** A row's cells in the order of the statement's columns. */
export type Cells = readonly string[];

/** The cells of a row. None of the engine's statements gives NULL, so that is an answer that cannot be right. */
export function cellsOf(row: Row): Cells {
  return (row.Data ?? []).map(({ ScalarValue }) => {
    if (ScalarValue === undefined) throw new StoreUnavailableError('A query gave a cell without a value.');
    return ScalarValue;
  });
}

/** A number as the service writes it (`21.5`, `4.9E-324`). */
export function numberOf(cell: string): number {
  const number = Number(cell);
  if (cell === '' || Number.isNaN(number))
    throw new StoreUnavailableError(`A query gave ${cell} for a number.`);
  return number;
}
