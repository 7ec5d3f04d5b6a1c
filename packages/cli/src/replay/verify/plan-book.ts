import { readFile } from 'node:fs/promises';
import {
  type AgriId,
  agriId,
  belongsTo,
  type Factor,
  factorAgriId,
  ownerCandidates,
} from '@furrow/contracts';
import { compilePlan, type Plan, type PlannedFactor } from '@furrow/decoding';
import { type Fleet, parseFleet } from '@furrow/registry/fleet';
import { UsageError, unreadable } from '../../errors.ts';

/** A device of a fleet file, ready to decode. */
export interface BookedDevice {
  readonly agriId: AgriId;
  readonly orgId: string;
  readonly allow: boolean;
  readonly scaled: boolean;
  readonly plan: Plan;
}

/** The devices of a fleet file, by which a replay works out for itself what must be stored. */
export class PlanBook {
  readonly #devices = new Map<string, BookedDevice>();

  constructor(fleet: Fleet) {
    for (const org of fleet.orgs) {
      for (const project of org.projects) {
        for (const device of project.devices) {
          if (device.agri_id === undefined) continue;
          this.#devices.set(device.agri_id, bookedDevice(org.slug, device, device.agri_id));
        }
      }
    }
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
  return new PlanBook(parseFleet(json));
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
