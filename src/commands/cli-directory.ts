import { extname } from 'node:path';
import type { Command } from 'commander';
import { readDirectory } from '../directory/import.ts';
import { listWorkspaces } from '../directory/list.ts';
import { activeStops, liftStop } from '../directory/stops.ts';
import { PurgedeskError } from '../domain/errors.ts';
import { agentNamed } from './agent-name.ts';
import { withDesk } from './attach.ts';
import { importAndOpen } from './import-directory.ts';
import { readInput } from './read-input.ts';
import { print, show, table } from './table.ts';

export function addDirectoryCommands(program: Command): void {
  const directory = program.command('directory').description('who owns what');
  directory
    .command('import <file>')
    .description('bring the directory to what a JSON or CSV file says; all or nothing')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--force', 'accept that more than a fifth of all members go')
    .option(
      '--deletions <count>',
      'confirm that so many workspaces are newly deleted, when it is more than a fifth',
      countOf,
    )
    .option('--json', 'print JSON')
    .addHelpText('after', '\nBoth formats are described in docs/directory.md.')
    .action(async (file: string, options: ImportOptions) => {
      const read = readDirectory((await readInput(file)).toString('utf8'), formatOf(file));
      if ('problems' in read) return refuse(read.problems);
      const report = await withDesk((desk) =>
        importAndOpen(desk, read.workspaces, {
          dryRun: options.dryRun === true,
          force: options.force === true,
          ...(options.deletions === undefined ? {} : { deletions: options.deletions }),
        }),
      );
      if (report.problems.length > 0) return refuse(report.problems);
      const verb = options.dryRun === true ? 'Would change' : 'Changed';
      show(options.json, report, () =>
        [
          `${verb}: ${report.added} workspace(s) added, ${report.changed} changed, ${report.unchanged} unchanged, ` +
            `${report.removed} member(s) removed, ${report.newlyDeleted.length} workspace(s) newly deleted, ` +
            `${report.restored.length} restored.`,
          ...(report.opened.length > 0 ? [`Opened, as deleted in the app: ${report.opened.join(', ')}`] : []),
          ...(report.goingOn.length > 0
            ? [`Goes on, from an earlier deletion in the app: ${report.goingOn.join(', ')}`]
            : []),
          ...(report.cancelled.length > 0
            ? [`Cancelled, as revoked in the app: ${report.cancelled.join(', ')}`]
            : []),
        ].join('\n'),
      );
    });
  addStopCommands(directory);
  directory
    .command('list')
    .description('workspaces with their owners and admins')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const workspaces = await withDesk((desk) => listWorkspaces(desk.db, { limit: LIST_MAX }));
      show(options.json, workspaces, () =>
        workspaces.length === 0
          ? 'The directory is empty: purgedesk directory import FILE'
          : table(
              ['id', 'slug', 'name', 'deleted', 'members', 'blockers'],
              workspaces.map((workspace) => [
                workspace.id,
                workspace.slug,
                workspace.name,
                workspace.deletedAt?.toISOString().slice(0, 10) ?? '',
                workspace.members
                  .filter((member) => member.removedAt === null)
                  .map((member) => `${member.address} (${member.role})`)
                  .join(', '),
                workspace.blockers.join(', '),
              ]),
            ),
      );
    });
}

function addStopCommands(directory: Command): void {
  directory
    .command('stops')
    .description('workspaces of which nothing is purged, because somebody in charge asked to stop')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const stops = await withDesk((desk) => activeStops(desk.db));
      show(options.json, stops, () =>
        stops.length === 0
          ? 'No workspace is stopped.'
          : table(
              ['workspace', 'slug', 'since (UTC)', 'mail'],
              stops.map((stop) => [
                stop.workspaceId,
                stop.slug,
                stop.placedAt.slice(0, 16).replace('T', ' '),
                stop.messageId === null ? '' : String(stop.messageId),
              ]),
            ),
      );
    });
  directory
    .command('lift <workspace>')
    .description('lift the stop of a workspace by its ID; tickets that met it keep their hold')
    .requiredOption('--as <name>', 'who acts')
    .requiredOption('--reason <text>', 'why; kept with the stop')
    .action(async (workspace: string, options: { as: string; reason: string }) => {
      const agent = agentNamed(options.as);
      const lifted = await withDesk(async (desk) =>
        liftStop(desk.db, workspace, { agent, note: options.reason, at: await desk.now() }),
      );
      if (!lifted) throw new PurgedeskError('PD_USAGE', 'no workspace with that ID is stopped');
      show(false, null, () => 'Lifted. A ticket that met it is released with: purgedesk tickets release');
    });
}

/** What a terminal listing shows at most. */
const LIST_MAX = 10_000;

interface ImportOptions {
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly deletions?: number;
  readonly json?: boolean;
}

function countOf(text: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new PurgedeskError('PD_USAGE', '--deletions takes the number of workspaces');
}

function refuse(problems: readonly string[]): never {
  problems.forEach((problem) => {
    print(problem);
  });
  throw new PurgedeskError(
    'PD_IMPORT_INVALID',
    `nothing was changed: ${problems.length} problem(s), listed above`,
    {
      details: { problems: problems.length },
      remedy: 'correct the file and import it again',
    },
  );
}

function formatOf(file: string): 'json' | 'csv' {
  const extension = extname(file).toLowerCase();
  if (extension === '.json') return 'json';
  if (extension === '.csv') return 'csv';
  throw new PurgedeskError('PD_USAGE', 'a directory file ends in .json or .csv');
}
