import type { Command } from 'commander';
import {
  addListFlags,
  finishGroup,
  type ListFlags,
  type ProjectArgument,
  parseProject,
} from './operate-flags.ts';

/** The flags of `furrow project create`. */
export interface CreateProjectFlags {
  readonly name?: string;
  readonly ifMissing?: boolean;
}

/** The flags of `furrow project list`. */
export interface ListProjectsFlags extends ListFlags {
  readonly org?: string;
}

/** Adds `furrow project` to the program. */
export function addProjectCommand(program: Command): void {
  const project = program.command('project').description('projects: make, list');
  project
    .command('create')
    .description('make a project; one that is there already is refused')
    .argument(
      '<org/project>',
      'its public name after that of its organization, such as yanji-lab/greenhouse-alpha',
      parseProject,
    )
    .option('--name <text>', 'what people call it (default: its public name)')
    .option('--if-missing', 'leave one that is there as it is, and exit 0')
    .action(async (place: ProjectArgument, flags: CreateProjectFlags) =>
      (await actions()).createProject(place, flags),
    );
  addListFlags(project.command('list').description('all of them, by organization and public name'))
    .option('--org <org>', 'only those of this organization')
    .action(async (flags: ListProjectsFlags) => (await actions()).listProjects(flags));
  finishGroup(project);
}

function actions() {
  return import('../commands/project.ts');
}
