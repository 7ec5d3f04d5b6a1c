import { type FactorDefinition, factorDefinitionSchema, factorWidth } from '@furrow/contracts';
import type { RegisteredFactor } from '../records.ts';

const NAME_SUFFIX = '_copy';
const NAME_MAX_LENGTH = 200;

/**
 * The copies of a factor that may be made, the nearest first: `data_index` counted up by the width of its value, so that no copy
 * reads half of the original. Ends where a value no longer fits into one read.
 */
export function* nextCopy(
  original: RegisteredFactor,
): Generator<{ readonly definition: FactorDefinition; readonly name: string }> {
  const { pk: _, devicePk: __, agri_id: ___, name, ...definition } = original;
  const width = factorWidth(definition);
  // A factor without a name is called after its type.
  const copied = `${(name || original.the_type).slice(0, NAME_MAX_LENGTH - NAME_SUFFIX.length)}${NAME_SUFFIX}`;
  for (let data_index = original.data_index + width; ; data_index += width) {
    const next = factorDefinitionSchema.safeParse({ ...definition, data_index });
    if (!next.success) return;
    yield { definition: next.data, name: copied };
  }
}
