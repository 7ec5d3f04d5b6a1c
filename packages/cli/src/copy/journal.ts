import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import type { AgriId } from '@furrow/contracts';
import type { FactorDay } from '@furrow/timeseries';
import { z } from 'zod';
import { UsageError, unreadable } from '../errors.ts';
import type { Block } from './blocks.ts';

/** What a journal is about: another copy must not go on with it. Places are as `storePlace` says them, without secrets. */
const headerSchema = z.object({
  furrow_copy: z.literal(1),
  from: z.string(),
  to: z.string(),
  projects: z.array(z.string()),
  since: z.string().nullable(),
});
export type CopyHeader = Omit<z.output<typeof headerSchema>, 'furrow_copy'>;

/** Neighbouring factors of a day, from the first to the last agri_id: copied, with so many points; or to be copied again. */
const rangeSchema = z.object({
  day: z.int().min(0),
  first: z.string(),
  last: z.string(),
  factors: z.int().min(1),
  points: z.int().min(0),
  again: z.literal(true).optional(),
});
type Range = z.output<typeof rangeSchema>;

/** Longest part of a place in a file's name. */
const PLACE_IN_NAME = 60;

/** The default file of a copy: readable, and of its own for each pair of places. */
export function journalName(from: string, to: string): string {
  const hash = createHash('sha256').update(`${from}\n${to}`).digest('hex').slice(0, 8);
  const short = (place: string) =>
    place
      .replace(/[^A-Za-z0-9.]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(-PLACE_IN_NAME);
  return `furrow-copy-${short(from)}--${short(to)}-${hash}.journal`;
}

/**
 * The file that says what of a copy is done: a line of JSON for the copy, then one for each block. A line is entered after the points are
 * durable at the destination, so a line that a crash cut off or lost costs one block copied again, which changes nothing.
 */
export class Journal {
  readonly file: string;
  readonly #handle: FileHandle;
  readonly #byDay = new Map<number, Range[]>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, handle: FileHandle, ranges: readonly Range[]) {
    this.file = file;
    this.#handle = handle;
    for (const range of ranges) this.#take(range);
  }

  /** Opens or begins the journal. Throws {@link UsageError} when the file cannot be read, is no journal, or belongs to another copy. */
  static async open(file: string, header: CopyHeader): Promise<Journal> {
    try {
      const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (text === undefined) {
        await writeFile(`${file}.new`, `${JSON.stringify({ furrow_copy: 1, ...header })}\n`);
        await rename(`${file}.new`, file);
      }
      const end = text === undefined ? 0 : text.lastIndexOf('\n') + 1;
      const ranges = text === undefined ? [] : readLines(file, text.slice(0, end), header);
      if (text !== undefined && end < text.length)
        await truncate(file, Buffer.byteLength(text.slice(0, end)));
      return new Journal(file, await open(file, 'a'), ranges);
    } catch (error) {
      throw unreadable(file, error);
    }
  }

  /** Points of everything that is done. */
  get points(): number {
    return [...this.#byDay.values()].flat().reduce((sum, { points }) => sum + points, 0);
  }

  /** Of a day's factors, in order, those that are done: as many points as now were copied of their range. */
  doneOf(day: number, factors: readonly FactorDay[]): Set<AgriId> {
    const done = new Set<AgriId>();
    for (const range of this.#byDay.get(day) ?? []) {
      const inside = factors.filter(({ agriId }) => range.first <= agriId && agriId <= range.last);
      const points = inside.reduce((sum, factor) => sum + factor.points, 0);
      if (inside.length !== range.factors || points !== range.points) continue;
      for (const { agriId } of inside) done.add(agriId);
    }
    return done;
  }

  /** Enters that a block is copied, with so many points. */
  done(block: Block, points: number): Promise<void> {
    return this.#enter({ ...rangeOf(block), points });
  }

  /** Enters that a block is to be copied again. */
  again(block: Block): Promise<void> {
    return this.#enter({ ...rangeOf(block), again: true });
  }

  async close(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#handle.close();
  }

  #enter(range: Range): Promise<void> {
    this.#take(range);
    this.#writing = this.#writing.then(() => this.#handle.appendFile(`${JSON.stringify(range)}\n`));
    return this.#writing;
  }

  /** A range takes the place of those that it overlaps: what it says is newer. */
  #take(range: Range): void {
    const others = (this.#byDay.get(range.day) ?? []).filter(
      ({ first, last }) => last < range.first || first > range.last,
    );
    this.#byDay.set(range.day, range.again ? others : [...others, range]);
  }
}

function rangeOf({ day, factors, points }: Block): Range {
  const [first, last] = [factors[0]?.agriId ?? '', factors.at(-1)?.agriId ?? ''];
  return { day, first, last, factors: factors.length, points };
}

function readLines(file: string, text: string, header: CopyHeader): Range[] {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const found = parseLine(head, headerSchema);
  if (found === undefined) throw new UsageError(`${file} is no journal of a copy; name another with --state`);
  const flags = { from: '--from', to: '--to', projects: '--project', since: '--since' } as const;
  for (const [field, flag] of Object.entries(flags) as [keyof CopyHeader, string][]) {
    if (JSON.stringify(found[field]) === JSON.stringify(header[field])) continue;
    throw new UsageError(
      `${file} is the journal of a copy with another ${flag} (${JSON.stringify(found[field])}); name another with --state, or remove it`,
    );
  }
  return lines.map((line, at) => {
    const range = parseLine(line, rangeSchema);
    if (range !== undefined) return range;
    throw new UsageError(`line ${at + 2} of ${file} is damaged; remove the file to copy from the beginning`);
  });
}

function parseLine<T>(line: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
