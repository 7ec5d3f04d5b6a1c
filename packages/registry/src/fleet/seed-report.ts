/** What became of the rows of one kind. */
export interface SeedCounts {
  created: number;
  updated: number;
  unchanged: number;
}

/** A token that was just made. Its text is nowhere else, and is not shown again. */
export interface NewToken {
  readonly orgId: string;
  readonly name: string;
  readonly text: string;
}

/** What applying a fleet did. A second time, everything is unchanged. */
export interface SeedReport {
  readonly orgs: Readonly<SeedCounts>;
  readonly projects: Readonly<SeedCounts>;
  readonly devices: Readonly<SeedCounts>;
  readonly factors: Readonly<SeedCounts>;
  readonly tokens: Readonly<SeedCounts>;
  readonly newTokens: readonly NewToken[];
}

export function noCounts(): SeedCounts {
  return { created: 0, updated: 0, unchanged: 0 };
}
