import { projectFormSchema } from '@furrow/registry';
import { UsageError } from '../errors.ts';
import { fillIn, operate } from '../operate/operate.ts';
import type { ProjectArgument } from '../operate/operate-flags.ts';
import type { CreateProjectFlags, ListProjectsFlags } from '../operate/project-command.ts';
import { print, printList } from '../operate/rows.ts';

/** `furrow project create`: throws {@link UsageError} for one that is there, unless the flags allow it. */
export async function createProject(
  place: ProjectArgument,
  { name, ifMissing }: CreateProjectFlags,
): Promise<void> {
  const form = fillIn(projectFormSchema, { ...place, name });
  const { org: orgId, project: projectId } = form;
  await operate(process.env, async ({ projects }) => {
    const outcome = await projects.create({ orgId, projectId, name: form.name ?? projectId });
    if (outcome === 'no_org') throw new UsageError(`there is no organization ${orgId}`);
    if (outcome === 'exists' && !ifMissing)
      throw new UsageError(`project ${orgId}/${projectId} is there already; --if-missing leaves it as it is`);
    const what = outcome === 'created' ? 'created' : 'there already, unchanged';
    await print([`project ${orgId}/${projectId}: ${what}`]);
  });
}

/** `furrow project list`. */
export async function listProjects(flags: ListProjectsFlags): Promise<void> {
  await operate(process.env, async ({ projects }) => {
    const found = await projects.list({ page: flags.page, pageSize: flags.limit, orgId: flags.org });
    await printList(found, flags, 'projects', ({ orgId, projectId, name, devices, createTime }) => ({
      project: `${orgId}/${projectId}`,
      name,
      devices,
      create_time: createTime,
    }));
  });
}
