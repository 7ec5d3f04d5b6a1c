import { compilePlan } from '@furrow/decoding';
import { exactValue } from './exact-value.ts';
import { type OpenedDecoder, OTHER_DECODERS } from './other-decoders.ts';
import { DATA_START, type Mix, type RegisterMap, type RegisterRead, registerMaps } from './register-maps.ts';
import { markdownTable, median, type Row } from './table.ts';

const SIZES = [10, 50, 120] as const;
const MIXES = ['int16', 'mixed'] as const satisfies readonly Mix[];
/** Devices take turns, as they do in the worker: no decoder sees the same layout twice in a row. */
const DEVICES = 40;
const POLLS = 8;
const SEED = 20_240_216;

const ROUNDS = 9;
const WARM_UP_ROUNDS = 3;
/** How long one decoder works at a time. */
const TURN_MS = 25;

/**
 * From the registers of a read to scaled values, in memory and on one core: compiled plans against what others decode registers with. All
 * take turns on the same bytes in each round; medians of the rounds. Before that every raw number that a decoder reads is held to be the one
 * that the plan reads; values are counted that are not the exact ones.
 */
export async function benchDecoding(): Promise<string> {
  const contests = MIXES.flatMap((mix) => SIZES.map((size) => openContest(mix, size)));
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    for (const contestant of contests.flatMap(({ contestants }) => contestants)) {
      const speed = takeTurn(contestant);
      if (round >= 0) contestant.speeds.push(speed);
    }
  }
  return report(contests);
}

const OURS = 'Furrow, compiled plan';

/** What all decode, and who takes part. */
interface Contest {
  readonly mix: Mix;
  readonly size: number;
  readonly contestants: readonly Contestant[];
}

interface Contestant {
  readonly name: string;
  /** One for each read. */
  readonly opened: readonly OpenedDecoder[];
  readonly reads: readonly RegisterRead[];
  readonly pointsPerLap: number;
  /** Share of its values that are not the exact ones; undefined when it makes none. */
  readonly wrong: number | undefined;
  /** Points per second, one measurement a round. */
  readonly speeds: number[];
}

function openContest(mix: Mix, size: number): Contest {
  const maps = registerMaps(mix, { devices: DEVICES, factors: size, polls: POLLS }, SEED);
  const reads = maps.flatMap((map) => map.reads);
  const plans = maps.flatMap((map) => map.reads.map((read) => openPlan(map, read)));
  const sides = [
    { name: OURS, opened: plans },
    ...OTHER_DECODERS.map(({ name, open }) => ({ name, opened: reads.map((read) => open(read)) })),
  ];
  const pointsPerLap = DEVICES * POLLS * size;
  const contestants = sides.map(({ name, opened }) => {
    const differing = opened.map((decoder, at) => compare(name, decoder, plans[at], reads[at]));
    if (name === OURS && sum(differing) > 0)
      throw new Error(`${sum(differing)} values of the plan are not exact`);
    const makesValues = opened.every(({ values }) => values !== undefined);
    const wrong = makesValues ? sum(differing) / pointsPerLap : undefined;
    return { name, opened, reads, pointsPerLap, wrong, speeds: [] };
  });
  return { mix, size, contestants };
}

/** The plan of a whole device, laid out for one of its reads. */
function openPlan(map: RegisterMap, { address, count, answers }: RegisterRead): OpenedDecoder {
  const bytes = answers[0]?.buffer ?? new ArrayBuffer(0);
  const decoderOf = (factors: RegisterMap['factors']): ((answer: Buffer) => Float64Array) => {
    const block = compilePlan(factors).block(1, 'holding', address, count);
    const view = new DataView(bytes);
    const values = new Float64Array(block.factors.length);
    return (answer) => {
      const start = answer.byteOffset + DATA_START;
      if (block.decodeValues(view, start, values) > 0) {
        for (const [at, { result }] of block.decode(view, start).entries()) {
          values[at] = result.ok ? result.value : Number.NaN;
        }
      }
      return values;
    };
  };
  const run = decoderOf(map.factors);
  const unscaled = decoderOf(map.factors.map((factor) => ({ ...factor, data_factor: 1, data_delta: 0 })));
  return { run, raws: (answer) => [...unscaled(answer)], values: run };
}

/**
 * Holds the raw numbers of a decoder to those of the plan, answer by answer, and throws where one differs. Returns how many of its values are
 * not the exact ones.
 */
function compare(
  name: string,
  decoder: OpenedDecoder,
  plan: OpenedDecoder | undefined,
  read: RegisterRead | undefined,
): number {
  if (plan === undefined || read === undefined) throw new Error('every read has a plan');
  let inexact = 0;
  for (const answer of read.answers) {
    const raws = decoder.raws(answer);
    const values = decoder.values?.(answer);
    const right = plan.raws(answer);
    for (const [at, factor] of read.factors.entries()) {
      // The plan gives a float32 as the shortest decimal that reads back as it, the others with all its binary digits.
      const same = (raw = Number.NaN): number => (factor.data_type === 'float32' ? Math.fround(raw) : raw);
      const raw = same(raws[at]);
      if (raw !== same(right[at])) {
        throw new Error(
          `${name} reads ${raw} as ${factor.data_type} ${factor.data_endian}, not ${right[at]}`,
        );
      }
      if (values !== undefined && values[at] !== exactValue(raw, factor)) inexact += 1;
    }
  }
  return inexact;
}

/** Where results go, so that no engine finds out that nobody looks at them. */
const sink: { result: unknown } = { result: undefined };

/** Decodes every answer again and again for {@link TURN_MS}. Returns points per second. */
function takeTurn({ opened, reads, pointsPerLap }: Contestant): number {
  const startedAt = performance.now();
  let laps = 0;
  let elapsedMs = 0;
  while (elapsedMs < TURN_MS) {
    for (const [at, { run }] of opened.entries()) {
      for (const answer of reads[at]?.answers ?? []) sink.result = run(answer);
    }
    laps += 1;
    elapsedMs = performance.now() - startedAt;
  }
  return (laps * pointsPerLap * 1000) / elapsedMs;
}

/** One row a decoder, one column a contest, in millions of points per second. */
function report(contests: readonly Contest[]): string {
  const names = contests[0]?.contestants.map(({ name }) => name) ?? [];
  const rows = names.map((name, at): Row => {
    const own = contests.map(({ contestants }) => contestants[at]);
    const mixed = own.filter((_, contest) => contests[contest]?.mix === 'mixed');
    const wrong = mixed.map((contestant) => contestant?.wrong);
    return [
      name,
      ...own.map((contestant) => median(contestant?.speeds ?? []) / 1e6),
      wrong.includes(undefined)
        ? 'makes none'
        : `${((100 * sum(wrong as number[])) / wrong.length).toFixed(1)} %`,
    ];
  });
  const columns = contests.map(({ mix, size }) => `${size} ${mix}`);
  return `Millions of points per second and core, by factors in a device:\n\n${markdownTable(
    ['', ...columns, 'values not exact (mixed)'],
    rows,
  )}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
