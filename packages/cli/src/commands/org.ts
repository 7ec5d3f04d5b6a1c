import { type OrgSummary, orgFormSchema } from '@furrow/registry';
import { UsageError } from '../errors.ts';
import { fillIn, operate } from '../operate/operate.ts';
import type { ListFlags } from '../operate/operate-flags.ts';
import type { CreateOrgFlags } from '../operate/org-command.ts';
import { type NamedRow, print, printList, printOne } from '../operate/rows.ts';

/** `furrow org create`: throws {@link UsageError} for one that is there, unless the flags allow it. */
export async function createOrg(id: string, { name, ifMissing }: CreateOrgFlags): Promise<void> {
  const form = fillIn(orgFormSchema, { org: id, name });
  await operate(process.env, async ({ orgs }) => {
    const outcome = await orgs.create({ orgId: form.org, name: form.name ?? form.org });
    if (outcome === 'exists' && !ifMissing)
      throw new UsageError(`organization ${id} is there already; --if-missing leaves it as it is`);
    await print([`organization ${id}: ${outcome === 'created' ? 'created' : 'there already, unchanged'}`]);
  });
}

/** `furrow org list`. */
export async function listOrgs(flags: ListFlags): Promise<void> {
  await operate(process.env, async ({ orgs }) => {
    const found = await orgs.list({ page: flags.page, pageSize: flags.limit });
    await printList(found, flags, 'organizations', rowOf);
  });
}

/** `furrow org show`. */
export async function showOrg(id: string, { json }: { readonly json?: boolean }): Promise<void> {
  await operate(process.env, async ({ orgs }) => {
    const org = await orgs.find(id);
    if (org === undefined) throw noOrg(id);
    await printOne(rowOf(org), json);
  });
}

/** `furrow org disable` and `enable`; repeating it changes nothing. */
export async function switchOrg(id: string, isActive: boolean): Promise<void> {
  await operate(process.env, async ({ orgs }) => {
    const outcome = await orgs.setActive(id, isActive);
    if (outcome === 'missing') throw noOrg(id);
    await print([
      `organization ${id}: ${isActive ? 'enabled' : 'disabled'}${outcome === 'unchanged' ? ' already' : ''}`,
    ]);
  });
}

function noOrg(id: string): UsageError {
  return new UsageError(`there is no organization ${JSON.stringify(id.slice(0, 80))}`);
}

function rowOf({ orgId, name, isActive, createTime, projects, devices, tokens }: OrgSummary): NamedRow {
  return { org: orgId, name, active: isActive, projects, devices, tokens, create_time: createTime };
}
