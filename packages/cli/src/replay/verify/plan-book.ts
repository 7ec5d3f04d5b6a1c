import { readFile } from 'node:fs/promises';
import {
  type AgriId,
  agriId,
  belongsTo,
  type Factor,
  factorAgriId,
  factorDefinitionSchema,
  formatIssues,
  ownerCandidates,
  schemaIssues,
} from '@furrow/contracts';
import { compilePlan, type Plan, type PlannedFactor } from '@furrow/decoding';
import { type Fleet, parseFleet } from '@furrow/registry/fleet';
import { UsageError, unreadable } from '../../errors.ts';
import { safeText } from '../../terminal/safe-text.ts';
import type { DeviceDirectory } from '../target/device-directory.ts';

/** A device of a fleet file, ready to decode. */
export interface BookedDevice {
  readonly agriId: AgriId;
  /** Undefined where nobody says; then any organization may be claimed. */
  readonly orgId: string | undefined;
  readonly allow: boolean;
  /** Whether its gateway sends engineering values; undefined where nobody says. */
  readonly scaled: boolean | undefined;
  readonly plan: Plan;
}

/** Devices with their factors, by which a replay works out for itself what must be stored. */
export class PlanBook {
  readonly #devices = new Map<string, BookedDevice>();

  constructor(devices: Iterable<BookedDevice>) {
    for (const device of devices) this.#devices.set(device.agriId, device);
  }

  get size(): number {
    return this.#devices.size;
  }

  find(device: string): BookedDevice | undefined {
    return this.#devices.get(device);
  }

  /** The device with the longest agri_id that the id belongs to. */
  ownerOf(id: AgriId): BookedDevice | undefined {
    const owner = ownerCandidates(id).find((candidate) => this.#devices.has(candidate));
    return owner === undefined ? undefined : this.#devices.get(owner);
  }

  /** The factor of that label on the device or on a sub-device of it. */
  factorOf(
    device: BookedDevice,
    id: AgriId,
  ): { readonly device: BookedDevice; readonly planned: PlannedFactor } | undefined {
    const own = device.plan.find(id);
    if (own) return { device, planned: own };
    for (const candidate of ownerCandidates(id)) {
      const sub = belongsTo(candidate, device.agriId) ? this.#devices.get(candidate) : undefined;
      const planned = sub?.plan.find(id);
      if (sub && planned) return { device: sub, planned };
    }
    return undefined;
  }
}

/** Reads a fleet file. Throws UsageError when it cannot be read or is no JSON, FleetError when it breaks a rule. */
export async function readPlanBook(file: string): Promise<PlanBook> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  return bookOf(parseFleet(json));
}

/** The devices of a fleet that say their agri_id; the others get theirs only when they are made. */
export function bookOf(fleet: Fleet): PlanBook {
  const projects = fleet.orgs.flatMap(({ slug, projects }) => projects.map((project) => ({ slug, project })));
  return new PlanBook(
    projects.flatMap(({ slug, project }) =>
      project.devices.flatMap((device) =>
        device.agri_id === undefined ? [] : [bookedDevice(slug, device, device.agri_id)],
      ),
    ),
  );
}

/** Devices asked at a time for their factors. */
const ASKED_AT_A_TIME = 8;

/**
 * The devices that the tokens reach, by the API's own words. Rejects with ApiAnswerError, and with UsageError when the API tells of a factor
 * that this release cannot decode: what came of it could not be told.
 */
export async function askPlanBook(directory: DeviceDirectory): Promise<PlanBook> {
  const booked: BookedDevice[] = [];
  const entries = directory.entries();
  const ask = async (): Promise<void> => {
    for (const [device, { api, devicePk, allow = true, scaled }] of entries) {
      const plan = compilePlan((await api.factors(devicePk)).map(toldFactor));
      booked.push({ agriId: agriId(device), orgId: undefined, allow, scaled, plan });
    }
  };
  await Promise.all(Array.from({ length: ASKED_AT_A_TIME }, ask));
  return new PlanBook(booked);
}

function toldFactor(told: { readonly agri_id: string; readonly [field: string]: unknown }): Factor {
  const checked = factorDefinitionSchema.safeParse(told);
  if (checked.success) return { ...checked.data, agri_id: agriId(told.agri_id) };
  const problems = formatIssues(schemaIssues(checked.error, told));
  throw new UsageError(`the API tells of the factor ${safeText(told.agri_id)}: ${problems}`);
}

type FleetDevice = Fleet['orgs'][number]['projects'][number]['devices'][number];

function bookedDevice(orgId: string, device: FleetDevice, id: AgriId): BookedDevice {
  const factors = device.factors.map(({ name: _, agri_id, ...definition }): Factor => {
    const label = agri_id ?? factorAgriId(id, definition.unit, definition.address, definition.data_index);
    return { ...definition, agri_id: agriId(label) };
  });
  const { allow = true, scaled = false } = device;
  return { agriId: id, orgId, allow, scaled, plan: compilePlan(factors) };
}
