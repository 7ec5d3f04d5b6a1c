import type { FactorProblem } from '@furrow/registry';
import { ApiError } from '../errors.ts';

/** Why a factor is refused, and how to get it in. */
export function factorProblemText(problem: FactorProblem): string {
  switch (problem.kind) {
    case 'position_taken':
      return `${whose(problem.factorPk)} has the same unit, modbus_type, address, data_index and bit`;
    case 'label_taken':
      return (
        `its agri_id would be ${problem.agriId}, which ${whose(problem.factorPk)} has: address and data_index are joined in it. ` +
        'Another address with another data_index reads the same register'
      );
    case 'too_many':
      return `a device has at most ${problem.limit} factors`;
  }
}

/** The answer 409 for one factor. */
export function factorConflict(problem: FactorProblem): ApiError {
  const message = factorProblemText(problem);
  return new ApiError('CONFLICT', message, { fields: [{ name: FIELDS[problem.kind], message }] });
}

const FIELDS = { position_taken: 'address', label_taken: 'data_index', too_many: 'factors' } as const;

function whose(factorPk: number | undefined): string {
  return factorPk === undefined ? 'another factor' : `factor ${factorPk}`;
}
