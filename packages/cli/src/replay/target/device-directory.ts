import { readFile } from 'node:fs/promises';
import { type AgriId, agriIdSchema, formatIssues, ownerCandidates, schemaIssues } from '@furrow/contracts';
import { z } from 'zod';
import { UsageError, unreadable } from '../../errors.ts';
import { ApiAnswerError, type OpenApiClient } from '../../open-api-client.ts';

/** Where a device's readings are posted. */
export interface DeviceAddress {
  readonly api: OpenApiClient;
  readonly projectId: string;
  readonly devicePk: number;
  /** Undefined where nobody says. */
  readonly allow?: boolean | undefined;
  /** Whether its gateway sends engineering values; undefined where nobody says. */
  readonly scaled?: boolean | undefined;
}

const keysSchema = z.record(
  agriIdSchema,
  z.strictObject({ project_id: z.string(), device_pk: z.int().min(1) }),
);

/** The devices that the tokens reach, by their agri_id. */
export class DeviceDirectory {
  readonly #devices = new Map<string, DeviceAddress>();
  readonly #apis: readonly OpenApiClient[];

  private constructor(apis: readonly OpenApiClient[]) {
    this.#apis = apis;
  }

  /**
   * Asks the API for the devices of each token, or takes them from a file `{"<agri_id>": {"project_id", "device_pk"}}` for an API that
   * lists none. Throws UsageError when neither can say.
   */
  static async open(apis: readonly OpenApiClient[], file: string | undefined): Promise<DeviceDirectory> {
    const directory = new DeviceDirectory(apis);
    if (file !== undefined) await directory.#readFile(file);
    else for (const api of apis) await directory.#ask(api);
    return directory;
  }

  /** A directory that knows no device, for reading only. */
  static empty(apis: readonly OpenApiClient[]): DeviceDirectory {
    return new DeviceDirectory(apis);
  }

  get size(): number {
    return this.#devices.size;
  }

  /** Every device with its address; the iterator may be shared. */
  entries(): IterableIterator<[string, DeviceAddress]> {
    return this.#devices.entries();
  }

  /** The address of a device; undefined when no token reaches it. */
  find(device: string): DeviceAddress | undefined {
    return this.#devices.get(device);
  }

  /** The device whose agri_id is the longest prefix of a factor's, by segments. */
  ownerOf(factor: AgriId): string | undefined {
    return ownerCandidates(factor).find((candidate) => this.#devices.has(candidate));
  }

  /** The API to ask for a factor: that of its device's token, or any. */
  apiOf(factor: AgriId): OpenApiClient | undefined {
    const owner = this.ownerOf(factor);
    return (owner === undefined ? undefined : this.#devices.get(owner)?.api) ?? this.#apis[0];
  }

  async #ask(api: OpenApiClient): Promise<void> {
    const devices = await api.devices().catch((error: unknown) => {
      if (!(error instanceof ApiAnswerError)) throw error;
      const hint = error.status === 404 ? '; an API without this list needs --devices <file.json>' : '';
      throw new UsageError(`the API does not list its devices${hint}: ${error.message}`, { cause: error });
    });
    for (const { id, agri_id, project, allow, scaled } of devices) {
      if (!project) continue;
      this.#devices.set(agri_id, { api, projectId: project.project_id, devicePk: id, allow, scaled });
    }
  }

  async #readFile(file: string): Promise<void> {
    const [api] = this.#apis;
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      throw unreadable(file, error);
    });
    const json = parse(text, file);
    const parsed = keysSchema.safeParse(json);
    if (!parsed.success) throw new UsageError(`${file}: ${formatIssues(schemaIssues(parsed.error, json))}`);
    for (const [agriId, key] of Object.entries(parsed.data)) {
      if (api) this.#devices.set(agriId, { api, projectId: key.project_id, devicePk: key.device_pk });
    }
  }
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}
