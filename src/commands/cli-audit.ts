import type { Command } from 'commander';
import { listOutbox } from '../reply/list-outbox.ts';
import { verifyAudit } from '../tickets/verify-audit.ts';
import { withDesk } from './attach.ts';
import { show, table } from './table.ts';

export function addAuditCommands(program: Command): void {
  program
    .command('audit')
    .description('check the audit chains')
    .command('verify')
    .description('read every chain from its first event; exit code 1 when one does not hold')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const report = await withDesk((desk) => verifyAudit(desk.db));
      const counts = `${report.tickets} chain(s), ${report.events} event(s), ${report.anchors} anchor(s)`;
      show(options.json, report, () =>
        report.problems.length === 0
          ? `All chains hold: ${counts}.${report.newestAnchor === null ? '' : `\nNewest anchor, to be kept elsewhere: ${report.newestAnchor}`}`
          : [`Broken (${counts}):`, ...report.problems].join('\n'),
      );
      if (report.problems.length > 0) process.exitCode = 1;
    });
  program
    .command('outbox')
    .description('outgoing mail')
    .command('list')
    .description('outgoing mail, newest first; recipients as keyed hashes')
    .option('--status <status>', 'pending, sending, sent, unknown, failed or bounced')
    .option('--json', 'print JSON')
    .action(async (options: { status?: string; json?: boolean }) => {
      const lines = await withDesk((desk) =>
        listOutbox(desk.db, options.status === undefined ? {} : { status: options.status }),
      );
      show(options.json, lines, () =>
        lines.length === 0
          ? 'No mails.'
          : table(
              ['#', 'template', 'tickets', 'recipient', 'status', 'tries', 'created', 'error'],
              lines.map((line) => [
                String(line.id),
                line.template,
                line.tickets.join(' '),
                line.recipientHash.slice(0, 12),
                line.status,
                String(line.attempts),
                line.createdAt,
                line.lastError ?? '',
              ]),
            ),
      );
    });
}
