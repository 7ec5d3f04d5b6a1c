import { describe, expect, it } from 'vitest';
import type { Step, StepAnswer } from '../src/gateways/step.ts';
import type { Heard } from '../src/mqtt/conversation.ts';
import { longestTalkMs, talk } from '../src/talk.ts';

const CONFIRMED: StepAnswer = { kind: 'confirmed', detail: '' };
const OTHER: StepAnswer = { kind: 'other', detail: 'answered something else' };

function step(name: string, isRepeatable = false): Step {
  return { name, isRepeatable, payload: new TextEncoder().encode(name), read: () => CONFIRMED };
}

/** A device that hears each payload and answers by the script; what it was told stands in `told`. */
function device(...script: (Heard<unknown>['kind'] | StepAnswer)[]) {
  const told: string[] = [];
  return {
    told,
    ask: async <T>(payload: Uint8Array, read: (bytes: Uint8Array) => T | undefined): Promise<Heard<T>> => {
      told.push(new TextDecoder().decode(payload));
      const next = script.shift() ?? 'answer';
      if (next === 'answer') return { kind: 'answer', answer: read(new Uint8Array()) as T };
      if (typeof next === 'object') return { kind: 'answer', answer: next as T };
      return { kind: next } as Heard<T>;
    },
  };
}

const limits = (leftMs: () => number = () => 10_000) => ({
  confirmMs: 100,
  leftMs,
  signal: new AbortController().signal,
});

describe('talk', () => {
  it('confirms when each step is confirmed, in their order', async () => {
    const gateway = device();
    expect(await talk(gateway, [step('set', true), step('reboot')], limits())).toEqual({ kind: 'confirmed' });
    expect(gateway.told).toEqual(['set', 'reboot']);
  });

  it('sends nothing when it is too late', async () => {
    const gateway = device();
    expect(
      await talk(
        gateway,
        [step('set')],
        limits(() => 0),
      ),
    ).toEqual({ kind: 'too_late' });
    expect(gateway.told).toEqual([]);
  });

  it('repeats what can be repeated once, and nothing else', async () => {
    const repeatable = device('silence', 'silence');
    expect(await talk(repeatable, [step('set', true)], limits())).toMatchObject({ reason: 'no_answer' });
    expect(repeatable.told).toEqual(['set', 'set']);
    const pump = device('silence');
    expect(await talk(pump, [step('on')], limits())).toMatchObject({ reason: 'no_answer' });
    expect(pump.told).toEqual(['on']);
  });

  it('repeats nothing when it is too late by then', async () => {
    const gateway = device('silence');
    const left = [100, 100, 0];
    await talk(
      gateway,
      [step('set', true)],
      limits(() => left.shift() ?? 0),
    );
    expect(gateway.told).toEqual(['set']);
  });

  it('repeats nothing after a lost connection: it may have been heard', async () => {
    const gateway = device('lost');
    expect(await talk(gateway, [step('set', true)], limits())).toMatchObject({ reason: 'connection_lost' });
    expect(gateway.told).toEqual(['set']);
  });

  it('says what was done when a later step fails', async () => {
    const end = await talk(device('answer', 'silence'), [step('set', true), step('reboot')], limits());
    expect(end).toEqual({
      kind: 'failed',
      reason: 'no_answer',
      detail: 'set was done; reboot was not answered',
    });
  });

  it('stops at a refusal', async () => {
    const gateway = device({ kind: 'refused', detail: 'ERROR ARGS' });
    const end = await talk(gateway, [step('set', true), step('reboot')], limits());
    expect(end).toEqual({ kind: 'failed', reason: 'refused', detail: 'ERROR ARGS' });
    expect(gateway.told).toEqual(['set']);
  });

  it('names another answer when no right one follows', async () => {
    const gateway = {
      ask: async <T>(_: Uint8Array, read: (bytes: Uint8Array) => T | undefined): Promise<Heard<T>> => {
        expect(read(new Uint8Array())).toBeUndefined();
        return { kind: 'silence' };
      },
    };
    const end = await talk(gateway, [{ ...step('on'), read: () => OTHER }], limits());
    expect(end).toMatchObject({ reason: 'no_answer', detail: 'answered something else' });
  });
});

describe('longestTalkMs', () => {
  it('counts every sending', () => {
    expect(longestTalkMs([step('set', true), step('reboot')], 100)).toBe(300);
  });
});
