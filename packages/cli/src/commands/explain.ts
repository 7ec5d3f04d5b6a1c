import type { ExplainOptions } from '../explain/explain-command.ts';
import { explainLines } from '../explain/explain-lines.ts';
import { writeText } from '../terminal/write-text.ts';

/**
 * `furrow explain`: shows on standard output how a factor reads the bytes of a read, and which other readings would be plausible. Throws
 * UsageError when flags, file, factor or bytes leave nothing to explain.
 */
export async function explain(options: ExplainOptions): Promise<void> {
  const lines = await explainLines(options);
  await writeText(process.stdout, `${lines.join('\n')}\n`);
}
