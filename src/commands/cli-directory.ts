import { extname } from 'node:path';
import type { Command } from 'commander';
import { importDirectory, readDirectory } from '../directory/import.ts';
import { listWorkspaces } from '../directory/list.ts';
import { PurgedeskError } from '../domain/errors.ts';
import { withDesk } from './attach.ts';
import { readInput } from './read-input.ts';
import { print, show, table } from './table.ts';

export function addDirectoryCommands(program: Command): void {
  const directory = program.command('directory').description('who owns what');
  directory
    .command('import <file>')
    .description('bring the directory to what a JSON or CSV file says; all or nothing')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--force', 'accept that more than a fifth of all members go')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nBoth formats are described in docs/directory.md.')
    .action(async (file: string, options: ImportOptions) => {
      const read = readDirectory((await readInput(file)).toString('utf8'), formatOf(file));
      if ('problems' in read) return refuse(read.problems);
      const report = await withDesk((desk) =>
        importDirectory(desk.db, read.workspaces, {
          dryRun: options.dryRun === true,
          force: options.force === true,
        }),
      );
      if (report.problems.length > 0) return refuse(report.problems);
      const verb = options.dryRun === true ? 'Would change' : 'Changed';
      show(
        options.json,
        report,
        () =>
          `${verb}: ${report.added} workspace(s) added, ${report.changed} changed, ${report.unchanged} unchanged, ` +
          `${report.removed} member(s) removed, ${report.newlyDeleted.length} workspace(s) newly deleted.`,
      );
    });
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

/** What a terminal listing shows at most. */
const LIST_MAX = 10_000;

interface ImportOptions {
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
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
