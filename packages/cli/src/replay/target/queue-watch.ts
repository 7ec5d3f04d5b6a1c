import { type createSqsClient, probeQueue } from '@furrow/queue';

/** The queues beside a target, as far as they can be asked. */
export class QueueWatch {
  readonly #client: ReturnType<typeof createSqsClient> | undefined;
  readonly #uplinks: string | undefined;
  readonly #quarantine: string | undefined;

  constructor(
    client: ReturnType<typeof createSqsClient> | undefined,
    queues: { readonly uplinks: string | undefined; readonly quarantine: string | undefined },
  ) {
    this.#client = client;
    this.#uplinks = queues.uplinks;
    this.#quarantine = queues.quarantine;
  }

  /** Messages that wait for a worker or are in one's hands; undefined when the queue is not known or does not answer. */
  async backlog(): Promise<number | undefined> {
    return await this.#count(this.#uplinks);
  }

  /** Messages in quarantine; undefined when that is not known or does not answer. */
  async quarantine(): Promise<number | undefined> {
    return await this.#count(this.#quarantine);
  }

  async #count(queueUrl: string | undefined): Promise<number | undefined> {
    if (!this.#client || queueUrl === undefined) return undefined;
    try {
      const facts = await probeQueue({ client: this.#client, queueUrl, signal: AbortSignal.timeout(3_000) });
      return facts.messagesVisible + facts.messagesInFlight + facts.messagesDelayed;
    } catch {
      return undefined;
    }
  }
}
