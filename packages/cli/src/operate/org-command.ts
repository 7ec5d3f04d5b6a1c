import type { Command } from 'commander';
import { addListFlags, finishGroup, type ListFlags } from './operate-flags.ts';

/** The flags of `furrow org create`. */
export interface CreateOrgFlags {
  readonly name?: string;
  readonly ifMissing?: boolean;
}

/** Adds `furrow org` to the program. */
export function addOrgCommand(program: Command): void {
  const org = program.command('org').description('organizations: make, list, switch off');
  org
    .command('create')
    .description('make an organization; one that is there already is refused')
    .argument('<org>', 'its public name in paths and readings, such as yanji-lab; never changes')
    .option('--name <text>', 'what people call it (default: its public name)')
    .option('--if-missing', 'leave one that is there as it is, and exit 0')
    .action(async (id: string, flags: CreateOrgFlags) => (await actions()).createOrg(id, flags));
  addListFlags(org.command('list').description('all of them, by public name')).action(
    async (flags: ListFlags) => (await actions()).listOrgs(flags),
  );
  org
    .command('show')
    .description('one of them')
    .argument('<org>')
    .option('--json', 'as a line of JSON')
    .action(async (id: string, flags: { json?: boolean }) => (await actions()).showOrg(id, flags));
  org
    .command('disable')
    .description('switch it off: within 3 seconds none of its tokens opens anything; nothing is deleted')
    .argument('<org>')
    .action(async (id: string) => (await actions()).switchOrg(id, false));
  org
    .command('enable')
    .description('switch it on again')
    .argument('<org>')
    .action(async (id: string) => (await actions()).switchOrg(id, true));
  finishGroup(org);
}

function actions() {
  return import('../commands/org.ts');
}
