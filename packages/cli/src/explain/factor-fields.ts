import { readFile } from 'node:fs/promises';
import { type FactorDefinition, factorAgriId, parseJsonExact } from '@furrow/contracts';
import type { Fleet } from '@furrow/registry';
import { fieldsOf } from '../decode/value-flags.ts';
import { UsageError, unreadable } from '../errors.ts';
import type { ExplainOptions } from './explain-command.ts';

/** What is known of the factor before the frame is looked at. */
export interface FactorFields {
  /** What people call it. */
  readonly label: string;
  /** Fields of its definition, not checked yet; flags have taken the place of its own. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The factor of the fleet, the one given as JSON, or the one that the flags describe. Throws {@link UsageError}. */
export async function factorFields(options: ExplainOptions): Promise<FactorFields> {
  const { fleet, factor } = options;
  const base =
    factor === undefined ? { label: 'given by flags', fields: {} } : await namedFactor(factor, fleet);
  if (factor === undefined && fleet !== undefined) {
    throw new UsageError('--fleet needs --factor, the agri_id of one of its factors');
  }
  return { label: base.label, fields: { ...base.fields, ...fieldsOf(options) } };
}

async function namedFactor(factor: string, fleet: string | undefined): Promise<FactorFields> {
  if (factor.trimStart().startsWith('{')) return { label: 'given as JSON', fields: parseFields(factor) };
  if (fleet === undefined) {
    throw new UsageError(
      `--factor ${factor} needs --fleet, the file that has it; or give the factor as JSON: {"data_type":…}`,
    );
  }
  const found = factorsOf(await readFleet(fleet));
  const wanted = found.find(({ label }) => label === factor);
  if (wanted === undefined)
    throw new UsageError(`${fleet} has no factor ${factor}; ${listLabels(found, factor)}`);
  return wanted;
}

function parseFields(text: string): Record<string, unknown> {
  try {
    return parseJsonExact(text) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`--factor is no JSON: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

async function readFleet(file: string): Promise<Fleet> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  // The registry brings its database along: loaded only where there is a fleet.
  const { parseFleet } = await import('@furrow/registry');
  try {
    return parseFleet(parseJsonExact(text));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new UsageError(`${file} is no JSON: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Every factor that the file gives a label, or whose device it does. */
function factorsOf(fleet: Fleet): FactorFields[] {
  const devices = fleet.orgs.flatMap((org) => org.projects.flatMap((project) => project.devices));
  return devices.flatMap((device) =>
    device.factors.flatMap(({ agri_id, name: _, ...definition }) => {
      const label = agri_id ?? (device.agri_id && platformLabel(device.agri_id, definition));
      return label === undefined ? [] : [{ label, fields: definition }];
    }),
  );
}

function platformLabel(
  device: Parameters<typeof factorAgriId>[0],
  { unit, address, data_index }: FactorDefinition,
): string {
  return factorAgriId(device, unit, address, data_index);
}

/** How many factors a message names. */
const SHOWN_LABELS = 5;

/** The labels that begin most like the wanted one. */
function listLabels(found: readonly FactorFields[], wanted: string): string {
  if (found.length === 0) return 'it has none with an agri_id';
  const likeness = (label: string): number => {
    let at = 0;
    while (at < label.length && label[at] === wanted[at]) at += 1;
    return at;
  };
  const labels = found.map(({ label }) => label).sort((a, b) => likeness(b) - likeness(a));
  const more = labels.length > SHOWN_LABELS ? ` and ${labels.length - SHOWN_LABELS} more` : '';
  return `it has ${labels.slice(0, SHOWN_LABELS).join(', ')}${more}`;
}
