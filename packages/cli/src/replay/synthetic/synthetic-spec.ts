import { formatIssues, schemaIssues } from '@furrow/contracts';
import { z } from 'zod';
import { UsageError } from '../../errors.ts';

const DURATION = /^(\d{1,7})(ms|s|m|h|d)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const whole = (name: string, min: number, max: number, fallback: number) => {
  const rule = `${name} is a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,10}$/, rule)
    .transform(Number)
    .refine((n) => n >= min && n <= max, rule)
    .default(fallback);
};

const share = (name: string) => {
  const rule = `${name} is a share from 0 to 1`;
  return z
    .string()
    .regex(/^(?:0|1|0?\.\d{1,6}|1\.0*)$/, rule)
    .transform(Number)
    .default(0);
};

const duration = (name: string, fallback: number) => {
  const rule = `${name} is a time such as 500ms, 10s, 5m, 2h or 1d`;
  return z
    .string()
    .regex(DURATION, rule)
    .transform((text) => {
      const [, count = '0', unit = 's'] = DURATION.exec(text) ?? [];
      return Number(count) * (UNIT_MS[unit] ?? 0);
    })
    .refine((ms) => ms > 0 && ms <= 90 * 86_400_000, `${name} is more than 0 and at most 90d`)
    .default(fallback);
};

/** In which form the synthetic fleet sends. */
const FORMS = ['items', 'frames', 'mixed', 'flat'] as const;

const specSchema = z.strictObject({
  /** Same seed and settings, same bytes. */
  seed: whole('seed', 0, 4_294_967_295, 1),
  orgs: whole('orgs', 1, 1_000, 1),
  devices: whole('devices', 1, 1_000_000, 100),
  factors: whole('factors', 1, 50, 10),
  /** How often a device reads its factors, milliseconds. */
  interval: duration('interval', 60_000),
  /** Recorded time in all, milliseconds. */
  for: duration('for', 3_600_000),
  /** How late a message may be, at most the interval; milliseconds. */
  jitter: duration('jitter', 1_000),
  form: z.enum(FORMS, `form is one of ${FORMS.join(', ')}`).default('items'),
  /** Share of the intervals in which all devices send at the same moment. */
  bursts: share('bursts'),
  /** Share of reads at which a device's connection is lost. */
  outages: share('outages'),
  /** How long an outage lasts; afterwards the device sends all it kept. Milliseconds. */
  outage: duration('outage', 600_000),
  /** Share of messages that come twice. */
  duplicates: share('duplicates'),
  /** Share of messages that come after the next one of their device. */
  disorder: share('disorder'),
  /** Bad messages for each good one; they must be refused, each for its own reason. */
  poison: share('poison'),
});

/** What a synthetic fleet is like. Times are milliseconds, shares from 0 to 1. */
export type SyntheticSpec = z.output<typeof specSchema>;

/** The settings with what they are when left out, for the help. */
export const SYNTHETIC_DEFAULTS = specSchema.parse({});

/**
 * Reads `devices=500,interval=10s,poison=0.01`; an empty text means all defaults. Throws UsageError that lists every broken rule.
 */
export function parseSyntheticSpec(text: string): SyntheticSpec {
  const given: Record<string, string> = {};
  for (const part of text.split(',').filter((piece) => piece.trim() !== '')) {
    const at = part.indexOf('=');
    if (at < 0) throw new UsageError(`--synthetic: ${JSON.stringify(part)} is not of the form name=value`);
    given[part.slice(0, at).trim()] = part.slice(at + 1).trim();
  }
  const unknown = Object.keys(given).filter((name) => !(name in specSchema.shape));
  if (unknown.length > 0) {
    const known = Object.keys(specSchema.shape).join(', ');
    throw new UsageError(`--synthetic: there is no setting ${unknown.join(', ')}; there are ${known}`);
  }
  const parsed = specSchema.safeParse(given);
  if (!parsed.success)
    throw new UsageError(`--synthetic: ${formatIssues(schemaIssues(parsed.error, given))}`);
  const spec = parsed.data;
  if (spec.for < spec.interval) throw new UsageError('--synthetic: for is at least one interval');
  return { ...spec, jitter: Math.min(spec.jitter, spec.interval) };
}

/** Settings that are always shown. */
const MAIN: readonly string[] = ['seed', 'devices', 'factors', 'interval', 'for'];
const TIMES: readonly string[] = ['interval', 'for', 'jitter', 'outage'];

/** A spec as it could be written, without what has its default: `seed=1, devices=100, factors=10, interval=1m, for=1h`. */
export function describeSpec(spec: SyntheticSpec): string {
  const defaults: Readonly<Record<string, unknown>> = SYNTHETIC_DEFAULTS;
  return Object.entries(spec)
    .filter(([name, value]) => MAIN.includes(name) || value !== defaults[name])
    .map(([name, value]) => `${name}=${TIMES.includes(name) ? durationText(Number(value)) : value}`)
    .join(', ');
}

function durationText(ms: number): string {
  const [unit = 'ms', size = 1] =
    Object.entries(UNIT_MS)
      .reverse()
      .find(([, one]) => ms % one === 0) ?? [];
  return `${ms / size}${unit}`;
}
