import type { CommandReason } from '@furrow/contracts';
import { attemptsOf } from './gateways/command-steps.ts';
import type { Step, StepAnswer } from './gateways/step.ts';
import type { Conversation } from './mqtt/conversation.ts';

/** How a talk with a device ended. */
export type TalkEnd =
  | { readonly kind: 'confirmed' }
  /** Its time was over before anything was sent. */
  | { readonly kind: 'too_late' }
  | {
      readonly kind: 'failed';
      readonly reason: Extract<CommandReason, 'refused' | 'no_answer' | 'connection_lost'>;
      readonly detail: string;
    };

export interface TalkLimits {
  /** How long the device may take to confirm each sending of a step, in milliseconds. */
  readonly confirmMs: number;
  /** Milliseconds left in which the first step may be sent, and a step repeated. */
  readonly leftMs: () => number;
  readonly signal: AbortSignal;
}

/** How long a talk may take at most, in milliseconds. */
export function longestTalkMs(steps: readonly Step[], confirmMs: number): number {
  return steps.reduce((sum, step) => sum + attemptsOf(step) * confirmMs, 0);
}

/** Sends the steps one after the other, each when the one before is confirmed. What is not confirmed ends it. */
export async function talk(
  conversation: Pick<Conversation, 'ask'>,
  steps: readonly Step[],
  limits: TalkLimits,
): Promise<TalkEnd> {
  for (const [index, step] of steps.entries()) {
    if (index === 0 && limits.leftMs() <= 0) return { kind: 'too_late' };
    const end = await takeStep(conversation, step, limits);
    if (end.kind !== 'failed') continue;
    const before = steps.slice(0, index).map(({ name }) => name);
    if (before.length === 0) return end;
    return { ...end, detail: [`${before.join(', ')} was done`, end.detail].filter(Boolean).join('; ') };
  }
  return { kind: 'confirmed' };
}

async function takeStep(
  conversation: Pick<Conversation, 'ask'>,
  step: Step,
  { confirmMs, leftMs, signal }: TalkLimits,
): Promise<TalkEnd> {
  let other = '';
  const read = (bytes: Uint8Array): StepAnswer | undefined => {
    const answer = step.read(bytes);
    if (answer?.kind !== 'other') return answer;
    other = answer.detail;
    return undefined;
  };
  for (let attempt = 1; ; attempt++) {
    const goodForSeconds = Math.max(leftMs(), confirmMs) / 1000;
    const heard = await conversation.ask(step.payload, read, {
      timeoutMs: confirmMs,
      goodForSeconds,
      signal,
    });
    switch (heard.kind) {
      case 'answer':
        return heard.answer.kind === 'confirmed'
          ? { kind: 'confirmed' }
          : { kind: 'failed', reason: 'refused', detail: heard.answer.detail };
      case 'lost':
        return { kind: 'failed', reason: 'connection_lost', detail: '' };
      case 'aborted':
        return { kind: 'failed', reason: 'no_answer', detail: 'the sender was stopped as it waited' };
      default:
        if (attempt < attemptsOf(step) && leftMs() > 0) continue;
        return { kind: 'failed', reason: 'no_answer', detail: other || `${step.name} was not answered` };
    }
  }
}
