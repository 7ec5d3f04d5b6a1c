import {
  arrivalTimes,
  entryListSchema,
  parseFrame,
  parseItem,
  type SchemaIssue,
  type UplinkMessage,
} from '@furrow/contracts';
import type { DevicePlan, RegisteredDevice } from '@furrow/registry';
import { z } from 'zod';
import type { FieldProblem } from '../errors.ts';
import { fieldProblem, MAX_NAMED_PROBLEMS, validate } from '../validate.ts';

/** What a gateway posts: a list of items, or an object with items, frames, or both. */
export interface DataPost {
  readonly items: readonly unknown[];
  readonly frames: readonly unknown[];
}

const dataPostSchema = z
  .object(
    { items: entryListSchema('items').default([]), frames: entryListSchema('frames').default([]) },
    'the body is a list of items, or an object with the lists items and frames',
  )
  .refine(({ items, frames }) => items.length + frames.length > 0, 'at least one item or frame');

/** Reads the body of a POST; throws VALIDATION_ERROR when it has neither form or is empty. Items are not looked into. */
export function parseDataPost(body: unknown): DataPost {
  return validate(dataPostSchema, Array.isArray(body) ? { items: body } : body, 'body');
}

/**
 * Adds what the reference says the API adds: `the_type`, project, organization, and a time where there is none. Nothing is left out
 * here: the worker is the one judge of what belongs to the device, and what it refuses is counted and quarantined. `problems`
 * names the entries that have not the form of an item or a frame, which the sender can mend; it says nothing of prefixes.
 */
export function enrichUplink(
  post: DataPost,
  device: RegisteredDevice,
  plans: DevicePlan | undefined,
  receivedAt: number,
): { readonly uplink: UplinkMessage; readonly problems: readonly FieldProblem[] } {
  const problems: FieldProblem[] = [];
  const note = (issues: readonly SchemaIssue[]): void => {
    if (problems.length < MAX_NAMED_PROBLEMS) problems.push(...issues.slice(0, 1).map(fieldProblem));
  };
  const arrival = arrivalTimes(receivedAt);
  const items = post.items.map((json, index) => {
    const parsed = parseItem(json, `items[${index}]`);
    if (parsed.ok) return enrichItem(parsed.value, plans, arrival);
    note(parsed.issues);
    return json;
  });
  const frames = post.frames.map((json, index) => {
    const parsed = parseFrame(json, `frames[${index}]`);
    if (parsed.ok) return { ...parsed.value, t: parsed.value.t ?? receivedAt };
    note(parsed.issues);
    return json;
  });
  const uplink = {
    v: 1 as const,
    org_id: device.orgId,
    project_id: device.projectId ?? '',
    device: device.agriId,
    received_at: receivedAt,
    items,
    frames,
  };
  return { uplink, problems };
}

type ParsedItem = Extract<ReturnType<typeof parseItem>, { ok: true }>['value'];

/** The item in the one spelling of the queue, without keys that nobody reads. */
function enrichItem(
  { agriId, reading, raw, t, scaled }: ParsedItem,
  plans: DevicePlan | undefined,
  arrival: (agriId: string) => number,
) {
  const theType = findType(agriId, plans);
  return {
    agri_id: agriId,
    ...(raw === undefined ? { value: finiteOrText(reading) } : { raw }),
    t: t ?? arrival(agriId),
    ...(scaled !== undefined && { scaled }),
    ...(theType !== undefined && { the_type: theType }),
  };
}

function findType(agriId: string, plans: DevicePlan | undefined): string | undefined {
  const own = plans?.plan.find(agriId);
  const found =
    own ?? plans?.subDevices.map(({ plan }) => plan.find(agriId)).find((planned) => planned !== undefined);
  return found?.factor.the_type;
}

/** JSON has no word for infinity (a posted 1e400) and would turn it into null, another reason; its text keeps the right one. */
function finiteOrText(reading: ParsedItem['reading']): unknown {
  return typeof reading === 'number' && !Number.isFinite(reading) ? String(reading) : reading;
}
