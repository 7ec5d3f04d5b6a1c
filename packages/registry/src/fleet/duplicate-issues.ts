import { modbusTypeSchema, type SchemaIssue, shorten } from '@furrow/contracts';

/**
 * Everything in a fleet file that may be there once and is there again, each with both places. Works on the JSON as it is,
 * so that these problems are listed together with those of the schema; parts of another form than the schema's are passed
 * over.
 */
export function duplicateIssues(json: unknown): SchemaIssue[] {
  const once = new Once();
  for (const [org, at] of entries(json, 'orgs', '')) {
    once.see('slug', org['slug'], `${at}.slug`);
    for (const [token, path] of entries(org, 'tokens', at)) {
      once.see(`${at} token name`, token['name'], `${path}.name`);
      once.see('token', token['token'], `${path}.token`, 'a secret');
    }
    for (const [project, path] of entries(org, 'projects', at)) {
      once.see(`${at} project_id`, project['project_id'], `${path}.project_id`);
      for (const [device, place] of entries(project, 'devices', path)) seeDevice(once, device, place);
    }
  }
  return once.issues;
}

function seeDevice(once: Once, device: JsonObject, at: string): void {
  once.see('device_id', device['device_id'], `${at}.device_id`);
  once.see('device agri_id', device['agri_id'], `${at}.agri_id`);
  for (const [factor, path] of entries(device, 'factors', at)) {
    const { unit, modbus_type, address, agri_id, bit = -1 } = factor;
    const dataIndex = factor['data_index'] ?? 0;
    const table = modbusTypeSchema.safeParse(modbus_type);
    const position = [unit, address, dataIndex];
    const placed = table.success && position.every((part) => typeof part === 'number');
    const again = placed && once.see(`${at} position`, [table.data, ...position, bit].join(' '), path);
    if (agri_id !== undefined) once.see('factor agri_id', agri_id, `${path}.agri_id`);
    // The platform's label of a factor joins the same numbers; of two at one position it would be named a second time.
    else if (placed && !again) {
      const label = `${typeof device['agri_id'] === 'string' ? device['agri_id'] : at}-${unit}-${address}${dataIndex}`;
      once.see('factor agri_id', label, path);
    }
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

/** The objects in the array under `key`, each with its path. */
function* entries(parent: unknown, key: string, at: string): Generator<[JsonObject, string]> {
  const list = isObject(parent) ? parent[key] : undefined;
  if (!Array.isArray(list)) return;
  const prefix = at === '' ? key : `${at}.${key}`;
  for (const [index, entry] of list.entries()) if (isObject(entry)) yield [entry, `${prefix}[${index}]`];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Remembers where each text of each kind stood first. */
class Once {
  readonly issues: SchemaIssue[] = [];
  readonly #seen = new Map<string, Map<string, string>>();

  /** True when `text` was seen before; that is then an issue. */
  see(kind: string, text: unknown, path: string, shown?: string): boolean {
    if (typeof text !== 'string') return false;
    const seen = this.#seen.get(kind) ?? new Map<string, string>();
    this.#seen.set(kind, seen);
    const first = seen.get(text);
    if (first === undefined) {
      seen.set(text, path);
      return false;
    }
    this.issues.push({ path, rule: `the same is at ${first}`, received: shown ?? shorten(text) });
    return true;
  }
}
