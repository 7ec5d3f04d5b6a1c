import { ConfigError } from '@furrow/runtime';

/** The problems that a ConfigError lists, or none when there is no error. */
export function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
