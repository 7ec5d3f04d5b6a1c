import { type Command, Option } from 'commander';
import { addListFlags, finishGroup, gather, type ListFlags, parseExpiry } from './operate-flags.ts';

/** The flags of `furrow token create`. */
export interface CreateTokenFlags {
  readonly role: string;
  readonly project?: readonly string[];
  readonly expires?: Date;
  readonly quiet?: boolean;
}

/** The flags of `furrow token list`. */
export interface ListTokensFlags extends ListFlags {
  readonly org?: string;
}

/** Adds `furrow token` to the program. */
export function addTokenCommand(program: Command): void {
  const token = program.command('token').description('access tokens of the API: make, list, revoke');
  token
    .command('create')
    .description('make a token and show it, this once: only its SHA-256 is kept')
    .argument('<org>', 'whose data it opens')
    .argument(
      '<name>',
      'what it is called, once in the organization; the name of a revoked one is free again',
    )
    .addOption(
      new Option('--role <role>', 'a reader only reads; gateways post, so they are managers')
        .choices(['reader', 'manager'])
        .makeOptionMandatory(),
    )
    .option('--project <project>', 'open this project only; may be repeated (default: all of them)', gather)
    .option('--expires <when>', 'good until then: 90d, 2027-01-31, or a time with its offset', parseExpiry)
    .option('--quiet', 'print the token alone, for scripts')
    .action(async (org: string, name: string, flags: CreateTokenFlags) =>
      (await actions()).createToken(org, name, flags),
    );
  addListFlags(token.command('list').description('all of them, without their texts'))
    .option('--org <org>', 'only those of this organization')
    .action(async (flags: ListTokensFlags) => (await actions()).listTokens(flags));
  token
    .command('revoke')
    .description('switch a token off for good; running services notice within 3 seconds')
    .argument('<org>')
    .argument('<name>')
    .action(async (org: string, name: string) => (await actions()).revokeToken(org, name));
  finishGroup(token);
}

function actions() {
  return import('../commands/token.ts');
}
