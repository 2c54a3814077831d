import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { keyed } from '../domain/canonical.ts';
import { PurgedeskError } from '../domain/errors.ts';
import { faultCode } from '../domain/fault.ts';
import { referenceOf, ticketId } from '../domain/ids.ts';
import { ledgerLines, readLedgerFile } from '../purge/ledger/file.ts';
import { readLedger } from '../purge/ledger/ledger.ts';
import { type ReplayOptions, rehearseReplay } from '../purge/ledger/replay.ts';
import { runReplay } from '../purge/ledger/replay-run.ts';
import { verifyLedger } from '../purge/ledger/verify.ts';
import { agentNamed } from './agent-name.ts';
import { withDesk } from './attach.ts';
import type { Desk } from './desk.ts';
import { endInWords, ledgerTable, outcomeInWords, rehearsalInWords } from './ledger-words.ts';
import { readInput } from './read-input.ts';
import { print, show } from './table.ts';

export function addLedgerCommands(program: Command): void {
  const ledger = program
    .command('ledger')
    .description('what was erased where, and erasing it once more after a backup was restored');
  ledger
    .command('list')
    .description('every erasure, oldest first: no end user is named')
    .option('--ticket <reference>', 'of one ticket only')
    .option('--json', 'print JSON')
    .action(list);
  ledger
    .command('verify')
    .description('read the chain from its first entry; exit code 1 when it does not hold')
    .option('--json', 'print JSON')
    .action(verify);
  ledger
    .command('export <file>')
    .description('write the ledger to a new file, to be kept outside of the database; - = to the terminal')
    .action(exportTo);
  ledger
    .command('replay')
    .description('count what a restored backup brought back; with --confirm, erase it once more')
    .option('--since <instant>', 'when the backup was made, like 2026-11-22T03:00Z; without it, of all time')
    .option('--store <name>', 'only this store was restored')
    .option('--from <file>', 'an exported ledger, when the database of the desk was restored too')
    .option('--include-unbounded', 'also what the dry run leaves with "needs a person": you made sure')
    .option('--confirm <digest>', 'erase exactly what the dry run with this digest counted')
    .option('--as <name>', 'who confirms; kept with the replay')
    .option('--reason <text>', 'why; kept with the replay')
    .option('--json', 'print JSON')
    .action(replay);
}

async function list(options: { ticket?: string; json?: boolean }): Promise<void> {
  const entries = await withDesk(async (desk) => {
    const found = [];
    for await (const part of readLedger(desk.db)) {
      for (const { link, sealed } of part) {
        const { ticket, previousHash: _, hash: __, ...entry } = link;
        const reference = referenceOf(ticketId(ticket));
        if (options.ticket === undefined || options.ticket === reference)
          found.push({ ...entry, ticket: reference, canReplay: sealed !== null });
      }
    }
    return found;
  });
  show(options.json, entries, () =>
    entries.length === 0 ? 'Nothing was erased yet.' : ledgerTable(entries),
  );
}

async function verify(options: { json?: boolean }): Promise<void> {
  const report = await withDesk((desk) => verifyLedger(desk.db, desk.purge.ledgerKey));
  const counts = `${report.entries} entry(s), ${report.sealed} of them sealed`;
  show(options.json, report, () =>
    [
      ...(report.problems.length === 0
        ? [`The ledger holds: ${counts}.`]
        : [`Broken (${counts}):`, ...report.problems]),
      ...(report.head.seq === 0
        ? []
        : [`Newest entry, to be kept elsewhere: ${report.head.seq} ${report.head.hash}`]),
      ...(report.unchained === 0 ? [] : [`${report.unchained} older erasure(s) join it when the desk runs.`]),
    ].join('\n'),
  );
  if (report.problems.length > 0) process.exitCode = 1;
}

async function exportTo(file: string): Promise<void> {
  await withDesk(async (desk) => {
    const lines = Readable.from(withNewlines(ledgerLines(desk.db)));
    if (file === '-') {
      for await (const line of lines) process.stdout.write(line as string);
      return;
    }
    try {
      // A file of an earlier day is never overwritten: it may be the one that is still whole.
      await pipeline(lines, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      throw new PurgedeskError('PD_USAGE', `the ledger cannot be written there (${faultCode(error)})`, {
        cause: error,
        remedy: 'Name a file that does not exist yet.',
      });
    }
    print(
      'Written. Keep it with the SECRET_KEY that it needs, for as long as the backups it is for, and no longer.',
    );
  });
}

async function* withNewlines(lines: AsyncGenerator<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}

interface ReplayFlags {
  readonly since?: string;
  readonly store?: string;
  readonly from?: string;
  readonly includeUnbounded?: boolean;
  readonly confirm?: string;
  readonly as?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

async function replay(flags: ReplayFlags): Promise<void> {
  const text = flags.from === undefined ? null : (await readInput(flags.from)).toString('utf8');
  const since = flags.since === undefined ? null : instantOf(flags.since);
  const signal = interrupted();
  await withDesk(async (desk) => {
    const options: ReplayOptions = {
      since,
      store: flags.store === undefined ? null : storeOf(desk, flags.store),
      file: text === null ? null : readLedgerFile(text, desk.purge.ledgerKey),
      includeUndatable: flags.includeUnbounded === true,
    };
    if (flags.confirm === undefined) {
      const rehearsal = await rehearseReplay(desk.purge, options, signal);
      const { lines, total, digest } = rehearsal;
      show(flags.json, { lines, total, digest, onlyInFile: rehearsal.missing.length }, () =>
        rehearsalInWords(rehearsal),
      );
      return;
    }
    const reason = reasonOf(flags.reason);
    const order = {
      digest: flags.confirm.trim().toLowerCase(),
      agent: agentNamed(flags.as ?? ''),
      reason,
      reasonHash: keyed(desk.tickets.key, 'reason', reason).toString('hex').slice(0, 32),
    };
    const outcome = await runReplay(desk.purge, options, order, signal, (step) => {
      if (flags.json !== true) print(endInWords(step));
    });
    show(flags.json, outcome, () => outcomeInWords(outcome));
    if (!outcome.isFinished) process.exitCode = 1;
  });
}

/** Ends at a Ctrl-C between two batches; the same command then goes on. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () =>
    controller.abort(
      new PurgedeskError('PD_USAGE', 'interrupted', {
        remedy: 'The same command goes on where it was.',
      }),
    ),
  );
  return controller.signal;
}

function instantOf(text: string): Date {
  const instant = new Date(text);
  if (
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text) &&
    !Number.isNaN(instant.getTime())
  )
    return instant;
  throw new PurgedeskError('PD_USAGE', '--since takes an instant with its time zone, like 2026-11-22T03:00Z');
}

function storeOf(desk: Desk, name: string): string {
  if (desk.purge.catalogue.some((store) => store.name === name)) return name;
  throw new PurgedeskError('PD_USAGE', 'no store of the catalogue has that name');
}

/** As much as an agent writes in a line or two. */
const REASON_MAX = 500;

function reasonOf(text: string | undefined): string {
  const reason = text?.trim() ?? '';
  if (reason !== '' && reason.length <= REASON_MAX && !/\p{Cc}/u.test(reason)) return reason;
  throw new PurgedeskError('PD_USAGE', `--reason takes a line of text, ${REASON_MAX} characters at most`);
}
