import { type TokenOutcome, type TokenSummary, tokenFormSchema } from '@furrow/registry';
import { UsageError } from '../errors.ts';
import { fillIn, operate } from '../operate/operate.ts';
import { print, printList } from '../operate/rows.ts';
import type { CreateTokenFlags, ListTokensFlags } from '../operate/token-command.ts';
import { safeText } from '../terminal/safe-text.ts';

/** `furrow token create`: prints the token, this once; alone with `quiet`. Throws {@link UsageError} when it cannot be made. */
export async function createToken(org: string, name: string, flags: CreateTokenFlags): Promise<void> {
  const form = fillIn(tokenFormSchema, { org, name, role: flags.role, projects: flags.project });
  await operate(process.env, async ({ tokens }) => {
    const { role, projects } = form;
    const outcome = await tokens.create({
      orgId: form.org,
      name: form.name,
      role,
      projects,
      expiresAt: flags.expires,
    });
    if (outcome.kind !== 'created') throw refusal(outcome, form);
    await print([outcome.text]);
    if (flags.quiet) return;
    const where = projects === undefined ? `all of ${org}` : `${projects.join(', ')} of ${org}`;
    const until =
      flags.expires === undefined ? 'does not expire' : `good until ${flags.expires.toISOString()}`;
    console.error(`Token ${safeText(name)}: ${role} of ${where}, ${until}. It is shown this once.`);
  });
}

/** `furrow token list`. */
export async function listTokens(flags: ListTokensFlags): Promise<void> {
  await operate(process.env, async ({ tokens }) => {
    const found = await tokens.list({ page: flags.page, pageSize: flags.limit, orgId: flags.org });
    await printList(found, flags, 'tokens', (token) => ({
      org: token.orgId,
      name: token.name,
      begins: token.prefix,
      role: token.role,
      projects: token.projects ?? (flags.json ? null : 'all'),
      state: stateOf(token, Date.now()),
      expires: token.expiresAt,
      last_used: token.lastUsed,
    }));
  });
}

/** `furrow token revoke`; repeating it changes nothing. */
export async function revokeToken(org: string, name: string): Promise<void> {
  await operate(process.env, async ({ tokens }) => {
    const outcome = await tokens.revoke(org, name);
    const what = `token ${JSON.stringify(safeText(name).slice(0, 200))} of ${safeText(org)}`;
    if (outcome === 'missing') throw new UsageError(`there is no ${what}`);
    await print([`${what}: ${outcome === 'revoked' ? 'revoked' : 'revoked already'}`]);
  });
}

function refusal(
  outcome: Exclude<TokenOutcome, { kind: 'created' }>,
  { org, name }: { readonly org: string; readonly name: string },
): UsageError {
  switch (outcome.kind) {
    case 'no_org':
      return new UsageError(`there is no organization ${org}`);
    case 'no_project':
      return new UsageError(`organization ${org} has no project ${outcome.projects.join(', ')}`);
    case 'exists':
      return new UsageError(
        `${org} has a token ${safeText(name)} already, which cannot be shown again; revoke it first, or choose another name`,
      );
  }
}

function stateOf({ isActive, expiresAt }: TokenSummary, now: number): string {
  if (!isActive) return 'revoked';
  return expiresAt !== null && expiresAt.getTime() <= now ? 'expired' : 'good';
}
