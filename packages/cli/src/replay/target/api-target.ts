import { agriIdSchema } from '@furrow/contracts';
import { ApiAnswerError } from '../../open-api-client.ts';
import type { DeviceAddress, DeviceDirectory } from './device-directory.ts';
import type { OutgoingUplink, ReplayTarget, SendOutcome } from './replay-target.ts';

/** What is posted for one device. */
interface Post {
  readonly address: DeviceAddress;
  readonly body: unknown;
}

/**
 * The Open API, as gateways use it: a post for each device in a message. The API gives each post a new time of reception. Rejects a send
 * only when the token is refused, which no later message can mend.
 */
export function apiTarget(url: string, directory: DeviceDirectory, connections: number): ReplayTarget {
  return {
    description: url,
    inFlight: connections,
    send: async (outgoing, signal) => {
      const { posts, unaddressed } = postsOf(outgoing, directory);
      let malformed = 0;
      for (const { address, body } of posts) {
        const outcome = await post(address, body, signal);
        if (!outcome.ok) return outcome;
        malformed += outcome.malformed;
      }
      if (unaddressed === 0) return { ok: true, malformed };
      const message = 'no device that the token reaches has this agri_id';
      return { ok: false, reason: 'no device of the token', message, unsure: posts.length > 0 };
    },
    close: async () => {},
  };
}

async function post(
  { api, projectId, devicePk }: DeviceAddress,
  body: unknown,
  signal: AbortSignal,
): Promise<SendOutcome> {
  try {
    const { problems } = await api.postData(projectId, devicePk, body, signal);
    return { ok: true, malformed: problems.length };
  } catch (error) {
    if (!(error instanceof ApiAnswerError)) {
      if (!signal.aborted) throw error;
      return { ok: false, reason: 'stopped', message: 'the replay was stopped', unsure: true };
    }
    if (error.status === 401) throw error;
    const reason = error.status === 0 ? 'api no answer' : `api ${error.status} ${error.apiCode}`;
    return { ok: false, reason, message: error.message, unsure: error.retryable };
  }
}

/** The posts that carry a message, and how many of its entries have no address. */
function postsOf(
  { message, uplink }: OutgoingUplink,
  directory: DeviceDirectory,
): { posts: Post[]; unaddressed: number } {
  const device = uplink?.device ?? message.device;
  if (device !== undefined) {
    const address = directory.find(device);
    if (!address) return { posts: [], unaddressed: 1 };
    return { posts: [{ address, body: bodyOf(message.body, uplink) }], unaddressed: 0 };
  }
  const byOwner = new Map<string, unknown[]>();
  let unaddressed = uplink ? 0 : 1;
  for (const item of uplink?.items ?? []) {
    const owner = ownerOf(item, directory);
    if (owner === undefined) unaddressed += 1;
    else {
      const items = byOwner.get(owner);
      if (items) items.push(item);
      else byOwner.set(owner, [item]);
    }
  }
  const posts = [...byOwner].flatMap(([owner, items]) => {
    const address = directory.find(owner);
    return address ? [{ address, body: { items } }] : [];
  });
  return { posts, unaddressed };
}

/** The flat form, and what is no uplink, is posted as it is; of an envelope the API makes its own. */
function bodyOf(body: string, uplink: OutgoingUplink['uplink']): unknown {
  if (uplink?.form !== 'envelope') return body;
  const { items, frames } = uplink;
  return frames.length === 0 ? { items } : { items, frames };
}

function ownerOf(item: unknown, directory: DeviceDirectory): string | undefined {
  const id = typeof item === 'object' && item !== null ? Reflect.get(item, 'agri_id') : undefined;
  const parsed = agriIdSchema.safeParse(id);
  return parsed.success ? directory.ownerOf(parsed.data) : undefined;
}
