import { type Command, Option } from 'commander';
import { API_SCOPES, type ApiScope, SCOPE_WORDS } from '../console/api/scopes.ts';
import { createToken, listTokens, revokeToken, TOKEN_NAME, type TokenLine } from '../console/api/tokens.ts';
import { PurgedeskError } from '../domain/errors.ts';
import { agentNamed } from './agent-name.ts';
import { withDesk } from './attach.ts';
import { print, show, table } from './table.ts';

const DAY_MS = 86_400_000;
const DAYS_MAX = 3_650;

export function addApiCommands(program: Command): void {
  const tokens = program.command('api-token').description('tokens of programs that work with the desk');
  tokens
    .command('add <name>')
    .description('make a token; it is shown once')
    .addOption(
      new Option(
        '--scopes <scopes...>',
        `what it may do: ${API_SCOPES.map((scope) => `${scope} (${SCOPE_WORDS[scope]})`).join('; ')}`,
      ).makeOptionMandatory(),
    )
    .option('--expires <days>', 'after how many days it ends; without, it stays until it is revoked')
    .requiredOption('--as <name>', 'who acts')
    .action(async (name: string, options: { scopes: string[]; expires?: string; as: string }) => {
      const by = agentNamed(options.as);
      const order = {
        name: tokenNamed(name),
        scopes: scopesOf(options.scopes),
        expiresAt: endOf(options.expires),
        by,
      };
      const made = await withDesk((desk) => createToken(desk.db, order));
      if (made.kind === 'taken')
        throw new PurgedeskError('PD_USAGE', 'a token that works has this name, or one that looks like it', {
          remedy: 'choose another, or revoke that one',
        });
      print(made.token);
      process.stderr.write('Keep it now: it is not shown again.\n');
    });
  tokens
    .command('list')
    .description('all tokens, newest first, without the tokens themselves')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const lines = await withDesk((desk) => listTokens(desk.db));
      show(options.json, lines, () => (lines.length === 0 ? 'No tokens.' : listing(lines)));
    });
  tokens
    .command('revoke <number>')
    .description('end a token at once; list shows its number')
    .requiredOption('--as <name>', 'who acts')
    .action(async (number: string, options: { as: string }) => {
      const by = agentNamed(options.as);
      const id = /^[1-9]\d{0,14}$/.test(number) ? Number(number) : 0;
      if (!(await withDesk((desk) => revokeToken(desk.db, id, by))))
        throw new PurgedeskError('PD_USAGE', 'no token of this number can be revoked', {
          remedy: 'purgedesk api-token list shows them all',
        });
      print('Revoked.');
    });
}

const listing = (lines: readonly TokenLine[]): string =>
  table(
    ['no', 'name', 'scopes', 'made by', 'expires (UTC)', 'last used (UTC)', 'state'],
    lines.map((line) => [
      String(line.id),
      line.name,
      line.scopes.join(' '),
      line.createdBy,
      minute(line.expiresAt),
      minute(line.lastUsedAt),
      line.works ? 'works' : line.revokedBy === null ? 'over' : `revoked by ${line.revokedBy}`,
    ]),
  );

const minute = (iso: string | null): string => iso?.slice(0, 16).replace('T', ' ') ?? '';

function tokenNamed(text: string): string {
  const name = text.trim();
  if (TOKEN_NAME.test(name)) return name;
  throw new PurgedeskError(
    'PD_USAGE',
    'a token has a name of letters, digits, spaces and . _ @ -, 60 at most',
  );
}

function scopesOf(texts: readonly string[]): readonly ApiScope[] {
  return texts
    .flatMap((text) => text.split(','))
    .map((text) => {
      const scope = API_SCOPES.find((known) => known === text.trim());
      if (scope !== undefined) return scope;
      throw new PurgedeskError('PD_USAGE', `a scope is one of: ${API_SCOPES.join(', ')}`);
    });
}

function endOf(days: string | undefined): Date | null {
  if (days === undefined) return null;
  const count = /^\d{1,4}$/.test(days) ? Number(days) : 0;
  if (count >= 1 && count <= DAYS_MAX) return new Date(Date.now() + count * DAY_MS);
  throw new PurgedeskError('PD_USAGE', `--expires takes a number of days from 1 to ${DAYS_MAX}`);
}
