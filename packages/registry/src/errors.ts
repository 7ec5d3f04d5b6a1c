import { formatIssues, type SchemaIssue } from '@furrow/contracts';

/** Every code that this package throws. */
export type RegistryErrorCode =
  | 'REGISTRY_URL_INVALID'
  | 'REGISTRY_IN_USE'
  | 'REGISTRY_OPEN_FAILED'
  | 'REGISTRY_UNAVAILABLE'
  | 'REGISTRY_CONFLICT'
  | 'REGISTRY_QUERY_FAILED'
  | 'FLEET_INVALID';

/**
 * What every error of the registry is. `retryable` says what the caller does next: the same call may succeed later, or it
 * never will. No message contains a password.
 */
export abstract class RegistryError extends Error {
  abstract readonly code: RegistryErrorCode;
  abstract readonly retryable: boolean;
}

/** The registry's URL has none of the accepted forms. */
export class RegistryUrlError extends RegistryError {
  readonly code = 'REGISTRY_URL_INVALID';
  readonly retryable = false;
  override readonly name = 'RegistryUrlError';
}

/** Another process, or another part of this one, holds the data directory. */
export class RegistryInUseError extends RegistryError {
  readonly code = 'REGISTRY_IN_USE';
  readonly retryable = false;
  override readonly name = 'RegistryInUseError';
}

/** The database is there, but cannot be used: a refused login, a missing permission, a failed migration, damaged files. */
export class RegistryOpenError extends RegistryError {
  readonly code = 'REGISTRY_OPEN_FAILED';
  readonly retryable = false;
  override readonly name = 'RegistryOpenError';
}

/** The registry did not answer, or not in time, or is closed. Try again later. */
export class RegistryUnavailable extends RegistryError {
  readonly code = 'REGISTRY_UNAVAILABLE';
  readonly retryable = true;
  override readonly name = 'RegistryUnavailable';
}

/**
 * A rule between rows refuses the change: a taken name, position or label, or an agri_id under or above another
 * organization's. `problems` has one sentence for each; they name rows, also of other organizations, and are for operators
 * only.
 */
export class RegistryConflictError extends RegistryError {
  readonly code = 'REGISTRY_CONFLICT';
  readonly retryable = false;
  override readonly name = 'RegistryConflictError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(listed('The registry refuses the change', problems), options);
    this.problems = problems;
  }
}

/** The database refused a statement: a defect of this package or of the database. Repeating it does not help. */
export class RegistryQueryError extends RegistryError {
  readonly code = 'REGISTRY_QUERY_FAILED';
  readonly retryable = false;
  override readonly name = 'RegistryQueryError';
}

/** A fleet file breaks rules; all of them are listed. */
export class FleetError extends RegistryError {
  readonly code = 'FLEET_INVALID';
  readonly retryable = false;
  override readonly name = 'FleetError';
  readonly issues: readonly SchemaIssue[];

  constructor(issues: readonly SchemaIssue[]) {
    super(
      listed(
        'The fleet file is not valid',
        issues.map((issue) => formatIssues([issue])),
      ),
    );
    this.issues = issues;
  }
}

/** How many problems a message shows; the rest are counted. The fields have them all. */
const SHOWN_PROBLEMS = 20;

function listed(what: string, problems: readonly string[]): string {
  const lines = problems.slice(0, SHOWN_PROBLEMS).map((problem) => `\n  - ${problem}`);
  const rest = problems.length - lines.length;
  return `${what}:${lines.join('')}${rest > 0 ? `\n  … and ${rest} more` : ''}`;
}
