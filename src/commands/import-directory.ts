/** The directory and the tickets meet: a workspace that is newly deleted in the app opens its ticket with the import. */
import {
  type AppliedBy,
  type ImportedWorkspace,
  type ImportReport,
  importDirectory,
} from '../directory/import.ts';
import { referenceOf } from '../domain/ids.ts';
import { cancelRestored, openAppTickets } from '../tickets/app-deletions.ts';
import type { Desk } from './desk.ts';

/** References of tickets beside what the import did. */
export interface DirectoryImported extends ImportReport {
  /** Of workspaces that lived until now. */
  readonly opened: readonly string[];
  /** Of workspaces whose earlier deletion in the app is still open, such as a purge that had begun before they lived again. */
  readonly goingOn: readonly string[];
  /** Of workspaces that live again. */
  readonly cancelled: readonly string[];
}

/** Imports and decides in one transaction: no workspace is ever deleted in the directory and without its ticket here. */
export async function importAndOpen(
  desk: Pick<Desk, 'db' | 'tickets'>,
  workspaces: readonly ImportedWorkspace[],
  options: {
    readonly dryRun: boolean;
    readonly force?: boolean;
    readonly deletions?: number;
    readonly by?: AppliedBy;
  },
): Promise<DirectoryImported> {
  let opened: readonly string[] = [];
  let goingOn: readonly string[] = [];
  let cancelled: readonly string[] = [];
  const report = await importDirectory(desk.db, workspaces, {
    ...options,
    report: async (trx, news) => {
      cancelled = (await cancelRestored(trx, desk.tickets, news.restored)).map(referenceOf);
      const tickets = await openAppTickets(trx, desk.tickets, news.deleted);
      opened = tickets.opened.map(referenceOf);
      goingOn = tickets.goingOn.map(referenceOf);
      desk.tickets.crashPoint?.('directory.importing');
    },
  });
  if (!options.dryRun) desk.tickets.crashPoint?.('directory.imported');
  return { ...report, opened, goingOn, cancelled };
}
