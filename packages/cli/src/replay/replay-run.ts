import { UsageError } from '../errors.ts';
import { safeText } from '../terminal/safe-text.ts';
import { RunMeter } from './measure/run-meter.ts';
import { type Clock, type Dispatched, dispatch } from './pace/dispatch.ts';
import { type Rate, Schedule } from './pace/schedule.ts';
import type { ReplaySource, SourceEntry } from './source/source-message.ts';
import type { OutgoingUplink, ReplayTarget } from './target/replay-target.ts';
import { arrivalOf, readUplink } from './time/read-uplink.ts';
import { shiftTimes } from './time/shift-times.ts';
import type { Expectations } from './verify/expectations.ts';
import type { Judge, Judgement } from './verify/judge.ts';

/** Problems of the source that a report shows. */
const SHOWN_PROBLEMS = 5;

export interface ReplayRunOptions {
  readonly source: ReplaySource;
  readonly target: ReplayTarget;
  readonly rate: Rate;
  readonly clock: Clock;
  /** Milliseconds that all times are moved by. */
  readonly shiftMs: number;
  readonly limit: number | undefined;
  readonly strict: boolean;
  /** Works out what must be stored; undefined when nobody will ask. */
  readonly judge: Judge | undefined;
  /** Takes what must be readable; undefined without verification. */
  readonly expectations: Expectations | undefined;
  /** Stops the sending; what is under way is waited for. */
  readonly signal: AbortSignal;
  /** Gives up what is under way. */
  readonly abandon: AbortSignal;
}

interface Job extends OutgoingUplink {
  readonly readings: number;
  readonly judgement: Judgement | undefined;
}

/** One replay: reads the source, sends each message when it is due, measures, and keeps what must be true afterwards. */
export class ReplayRun {
  readonly meter: RunMeter;
  readonly #options: ReplayRunOptions;
  readonly #mustBeRefused = new Map<string, number>();
  readonly #unverifiable = new Map<string, number>();
  readonly #problems: string[] = [];
  #skipped = 0;
  #read = 0;
  #notTaken = 0;

  constructor(options: ReplayRunOptions) {
    this.#options = options;
    this.meter = new RunMeter(() => options.clock.now());
  }

  /** Messages read from the source so far. */
  get read(): number {
    return this.#read;
  }

  /** Messages that should have been taken and were not. */
  get notTaken(): number {
    return this.#notTaken;
  }

  /** What of the source was no message, and the first of it. */
  get skipped(): { readonly count: number; readonly first: readonly string[] } {
    return { count: this.#skipped, first: this.#problems };
  }

  /** Readings that must be refused, by reason. */
  get mustBeRefused(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#mustBeRefused);
  }

  /** Readings that cannot be verified, by why. */
  get unverifiable(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#unverifiable);
  }

  /** Resolves when every message has its answer, or when the signal stopped it. Rejects when source or target make it senseless to go on. */
  async send(): Promise<void> {
    const { target, clock, signal } = this.#options;
    await dispatch({
      jobs: this.#jobs(),
      connections: target.inFlight,
      clock,
      signal,
      send: (job) => this.#send(job),
    });
  }

  async *#jobs(): AsyncGenerator<{ job: Job; dueMs: number | undefined }> {
    const { source, rate, limit, signal } = this.#options;
    const schedule = new Schedule(rate);
    for await (const entry of source.entries()) {
      if (signal.aborted || (limit !== undefined && this.#read >= limit)) return;
      if (!entry.ok) {
        this.#skip(entry);
        continue;
      }
      this.#read += 1;
      const { job, arrivedAt } = this.#prepare(entry.message);
      yield { job, dueMs: schedule.next(arrivedAt, job.readings) };
    }
  }

  #skip({ where, problem }: Extract<SourceEntry, { ok: false }>): void {
    const line = safeText(`${where}: ${problem}`);
    if (this.#options.strict) throw new UsageError(line);
    this.#skipped += 1;
    if (this.#problems.length < SHOWN_PROBLEMS) this.#problems.push(line);
  }

  #prepare(recorded: OutgoingUplink['message']): { job: Job; arrivedAt: number | undefined } {
    const { shiftMs, judge } = this.#options;
    const message = shiftMs === 0 ? recorded : { ...recorded, body: shiftTimes(recorded.body, shiftMs) };
    const read = readUplink(message);
    const uplink = read.ok ? read.uplink : undefined;
    const judgement = judge?.judge({ message, uplink }, read.ok ? undefined : read.reason);
    const readings = judgement?.readings ?? (uplink ? uplink.items.length + uplink.frames.length : 1);
    return { job: { message, uplink, readings, judgement }, arrivedAt: uplink && arrivalOf(uplink) };
  }

  async #send({ job, dueAt, late }: Dispatched<Job>): Promise<void> {
    const { target, expectations, abandon, clock } = this.#options;
    const outcome = await target.send(job, abandon);
    const latencyMs = clock.now() - dueAt;
    const bytes = Buffer.byteLength(job.message.body);
    this.meter.sent({ latencyMs, readings: job.readings, bytes, late, ok: outcome.ok });
    if (!outcome.ok) {
      this.meter.refused(outcome.reason, 1, safeText(outcome.message));
      if (job.message.poison === undefined) this.#notTaken += 1;
      else this.#expectRefused(job);
      return;
    }
    this.meter.refused('entries that the API calls malformed', outcome.malformed, '');
    this.#expectRefused(job);
    for (const [why, count] of job.judgement?.unverifiable ?? []) {
      this.#unverifiable.set(why, (this.#unverifiable.get(why) ?? 0) + count);
    }
    if (job.judgement) expectations?.add(job.judgement);
  }

  #expectRefused({ judgement }: Job): void {
    for (const [reason, count] of judgement?.refused ?? []) {
      this.#mustBeRefused.set(reason, (this.#mustBeRefused.get(reason) ?? 0) + count);
    }
  }
}
