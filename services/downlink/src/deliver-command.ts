import type { CommandAction, CommandReason, GatewayModel } from '@furrow/contracts';
import type { ClaimedCommand, CommandEnd, Commands } from '@furrow/registry';
import { commandSteps } from './gateways/command-steps.ts';
import type { BrokerLink } from './mqtt/broker-link.ts';
import type { Conversation } from './mqtt/conversation.ts';
import { topicOf } from './mqtt/topics.ts';
import { longestTalkMs, type TalkEnd, talk } from './talk.ts';

/** Where devices are told things, and where they answer; `{device_id}` stands for the device. */
export interface DeviceTopics {
  readonly down: string;
  readonly up: string;
}

export interface DeliveryDeps {
  readonly commands: Pick<Commands, 'claim' | 'release' | 'settle'>;
  readonly link: Pick<BrokerLink, 'converse'>;
  readonly topics: DeviceTopics;
  readonly confirmMs: number;
}

/** What became of one try to deliver a command. */
export type Delivery =
  /** It was sent, and is over. */
  | {
      readonly kind: 'ended';
      readonly command: ClaimedCommand;
      readonly end: 'confirmed' | CommandReason;
      readonly detail: string;
      /** False when its end came too late to be written down. */
      readonly isWritten: boolean;
    }
  /** There is nothing to send (any more). */
  | { readonly kind: 'nothing'; readonly because: 'taken' | 'expired' | 'refused' | 'unknown' }
  /** Another command of the device comes first. */
  | { readonly kind: 'wait' }
  /** It was not sent, for lack of the broker; it is still queued. */
  | { readonly kind: 'not_sent'; readonly because: unknown };

/** Time for what is around a talk: the subscription before it, the registry after it. */
const AROUND_TALK_MS = 12_000;

/** How long a claimed command may take until its end is written, in milliseconds. */
export function answerBudgetMs(model: GatewayModel, action: CommandAction, confirmMs: number): number {
  return longestTalkMs(commandSteps(model, action), confirmMs) + AROUND_TALK_MS;
}

/**
 * Claims the command, sends it, waits for its confirmation and writes down how it ended. It is sent at most once (repeatable steps
 * apart), because a claim succeeds once: a process that dies between claim and end leaves a command that reads as failed, "not
 * known", when its time is over. Rejects when the registry does not answer.
 */
export async function deliverCommand(
  deps: DeliveryDeps,
  token: string,
  signal: AbortSignal,
): Promise<Delivery> {
  const startedAt = performance.now();
  const claim = await deps.commands.claim(token, (model, action) =>
    answerBudgetMs(model, action, deps.confirmMs),
  );
  if (claim.kind === 'wait') return claim;
  if (claim.kind === 'done') return { kind: 'nothing', because: claim.because };
  const { command } = claim;
  const leftMs = (): number => command.sendWithinMs - (performance.now() - startedAt);
  let conversation: Conversation;
  try {
    const { down, up } = deps.topics;
    conversation = await deps.link.converse(topicOf(down, command.deviceId), topicOf(up, command.deviceId));
  } catch (error) {
    await deps.commands.release(token);
    return { kind: 'not_sent', because: error };
  }
  const steps = commandSteps(command.gatewayModel, command.action);
  const limits = { confirmMs: deps.confirmMs, leftMs, signal };
  const end = await talk(conversation, steps, limits).finally(() => conversation.close());
  return await settle(deps, command, end);
}

async function settle({ commands }: DeliveryDeps, command: ClaimedCommand, end: TalkEnd): Promise<Delivery> {
  const detail = 'detail' in end ? end.detail : '';
  const isWritten = await commands.settle(command.token, commandEnd(end));
  const reason = end.kind === 'failed' ? end.reason : end.kind;
  return { kind: 'ended', command, end: reason, detail, isWritten };
}

function commandEnd(end: TalkEnd): CommandEnd {
  switch (end.kind) {
    case 'confirmed':
      return { state: 'confirmed' };
    case 'too_late':
      return { state: 'expired', reason: 'too_late' };
    case 'failed':
      return { state: 'failed', reason: end.reason, detail: end.detail };
  }
}
