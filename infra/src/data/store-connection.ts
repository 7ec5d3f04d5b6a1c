import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/** What a task needs in order to use the store. */
export interface StoreConnection {
  /** `FURROW_STORE`. */
  readonly url: string;
  /** `FURROW_STORE_TOKEN`, where the store asks for one. */
  readonly token?: ISecret;
  /** What the task's role must be allowed; a new list each time. */
  readonly permissions: () => PolicyStatement[];
}
