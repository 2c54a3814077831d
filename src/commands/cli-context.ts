import type { Command } from 'commander';
import { type OwnContextReport, reportOwnContext } from '../purge/own-context-report.ts';
import { CONTEXT_KINDS, type ContextKind } from '../purge/stores/own-context-due.ts';
import { withDesk } from './attach.ts';
import { show, table } from './table.ts';

export function addContextCommands(program: Command): void {
  program
    .command('context')
    .description('what the desk keeps of its own mails and tickets')
    .command('status')
    .description('what is due to be erased, what waits for an agent, and what the last runs erased')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const report = await withDesk((desk) =>
        reportOwnContext(
          desk.db,
          desk.ownContext.store,
          desk.environment.policy.rawRetentionDays,
          new AbortController().signal,
        ),
      );
      show(options.json, report, () => inWords(report));
    });
}

/** How a person calls each kind. */
const NAMES: Readonly<Record<ContextKind, string>> = {
  messages: 'mails received',
  outbox: 'mails sent',
  tickets: 'tickets',
  conversations: 'conversations',
};

function inWords({ due, waiting, keepingAddresses, runs }: OwnContextReport): string {
  const counts = CONTEXT_KINDS.map((kind) => `${due[kind]} ${NAMES[kind]}`).join(', ');
  const parts = [`Due to be erased: ${counts}. A run begins every day by itself.`];
  if (waiting > 0)
    parts.push(
      `Kept beyond their time: ${waiting} mail(s) that wait for an agent (purgedesk mails list); they go once one has seen to them.`,
    );
  if (keepingAddresses > 0)
    parts.push(
      `Erased but for their addresses, until the last mail is written: ${keepingAddresses} ticket(s).`,
    );
  if (runs.length === 0) return [...parts, '', 'Nothing was erased yet.'].join('\n');
  const rows = runs.map((run) => [
    run.asOf.slice(0, 16).replace('T', ' '),
    run.finishedAt === null ? 'under way' : 'through',
    ...CONTEXT_KINDS.map((kind) => String(run.erased[kind] ?? '')),
  ]);
  const head = ['run (UTC)', 'state', ...CONTEXT_KINDS.map((kind) => NAMES[kind])];
  return [...parts, '', table(head, rows)].join('\n');
}
