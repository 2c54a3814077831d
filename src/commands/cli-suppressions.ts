import type { Command } from 'commander';
import { PurgedeskError } from '../domain/errors.ts';
import { referenceOf, ticketId } from '../domain/ids.ts';
import {
  exportSuppressions,
  isSuppressed,
  listSuppressions,
  removeSuppression,
} from '../purge/suppression.ts';
import { agentNamed } from './agent-name.ts';
import { withDesk } from './attach.ts';
import { show, table } from './table.ts';

/** What a terminal listing shows at most. */
const LIST_MAX = 10_000;

export function addSuppressionCommands(program: Command): void {
  const suppressions = program
    .command('suppressions')
    .description('people who were deleted and are not to be taken in again');
  suppressions
    .command('list')
    .description('the list, newest first: hashes, for it names nobody')
    .option('--workspace <id>', 'only those of this workspace')
    .option('--json', 'print JSON')
    .action(async (options: { workspace?: string; json?: boolean }) => {
      const filter = {
        limit: LIST_MAX,
        ...(options.workspace === undefined ? {} : { workspaceId: options.workspace }),
      };
      const lines = await withDesk((desk) => listSuppressions(desk.db, filter));
      show(options.json, lines, () =>
        lines.length === 0
          ? 'Nobody is suppressed.'
          : table(
              ['workspace', 'hash', 'ticket', 'since (UTC)', 'removed (UTC)', 'by'],
              lines.map((line) => [
                line.workspaceId,
                line.hash,
                referenceOf(ticketId(line.ticketId)),
                minute(line.addedAt),
                line.removedAt === null ? '' : minute(line.removedAt),
                line.removedBy ?? '',
              ]),
            ),
      );
    });
  suppressions
    .command('check <workspace> <user>')
    .description('whether a user ID of a workspace is on the list')
    .option('--json', 'print JSON')
    .action(async (workspace: string, user: string, options: { json?: boolean }) => {
      const suppressed = await withDesk((desk) => isSuppressed(desk.db, workspace, user));
      show(options.json, { suppressed }, () =>
        suppressed ? 'Suppressed: not to be taken in again.' : 'Not on the list.',
      );
    });
  suppressions
    .command('export <workspace>')
    .description('the salt and the hashes of a workspace as JSON, for a system that answers for itself')
    .action(async (workspace: string) => {
      const found = await withDesk((desk) => exportSuppressions(desk.db, workspace));
      show(true, found ?? { workspaceId: workspace, salt: null, hashes: [] }, () => '');
    });
  suppressions
    .command('remove <workspace> <user>')
    .description('take a user ID off the list: the person may be taken in again')
    .requiredOption('--as <name>', 'who acts')
    .requiredOption('--reason <text>', 'why; kept with the entry, so name nobody')
    .action(async (workspace: string, user: string, options: { as: string; reason: string }) => {
      const agent = agentNamed(options.as);
      const was = await withDesk((desk) =>
        desk.db.transaction(async (trx) =>
          removeSuppression(
            trx,
            { workspaceId: workspace, userId: user },
            { agent, note: options.reason, at: await desk.now() },
          ),
        ),
      );
      if (!was) throw new PurgedeskError('PD_USAGE', 'that user ID is not on the list of that workspace');
      show(false, null, () => 'Removed from the list.');
    });
}

const minute = (iso: string): string => iso.slice(0, 16).replace('T', ' ');
