import type { Command } from 'commander';
import { foldAscii, isPlainAddress } from '../domain/directory.ts';
import { PurgedeskError } from '../domain/errors.ts';
import { replyLimits } from '../tickets/may-reply.ts';
import { type RepliesReport, reportReplies } from '../tickets/replies-report.ts';
import { clearUndeliverable } from '../tickets/undeliverable.ts';
import { withDesk } from './attach.ts';
import { show, table } from './table.ts';
import { tripInWords } from './trip-words.ts';

export function addReplyCommands(program: Command): void {
  const replies = program
    .command('replies')
    .description(
      'how much the desk writes to people who are not verified, what it kept back, and whose mail comes back',
    )
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const report = await withDesk((desk) => reportReplies(desk.db, replyLimits(desk.environment.policy)));
      show(options.json, report, () => inWords(report));
    });
  replies
    .command('clear <address>')
    .description('write to an address again whose mail came back, because somebody there was reached')
    .action(async (address: string) => {
      const folded = foldAscii(address.trim());
      if (!isPlainAddress(folded)) throw new PurgedeskError('PD_USAGE', 'that is not one plain address');
      const wasMarked = await withDesk((desk) => clearUndeliverable(desk.db, desk.tickets.key, folded));
      show(false, null, () => (wasMarked ? 'The desk writes to it again.' : 'It was not marked.'));
    });
}

function inWords(report: RepliesReport): string {
  const { hour, breakers, silenced, undeliverable, waiting } = report;
  const parts = [
    `Mails of the last hour to people who are not verified: ${hour.used} of ${hour.limit}; of those to strangers and senders who prove nothing: ${hour.unprovenUsed} of ${hour.unprovenLimit}.`,
    `Mails that wait, to be ten minutes apart: ${waiting}.`,
    ...breakers.map(tripInWords),
  ];
  parts.push(
    '',
    silenced.length === 0 ? 'Nothing was kept back in the last 24 hours.' : silencedTable(silenced),
  );
  if (undeliverable.length > 0) {
    parts.push(
      '',
      table(
        ['mail comes back from', 'since (UTC)', 'why', 'mail', 'tickets'],
        undeliverable.map((one) => [
          one.address ?? 'erased',
          minute(one.since),
          one.reason,
          one.template,
          one.tickets.join(' '),
        ]),
      ),
    );
  }
  return parts.join('\n');
}

const silencedTable = (silenced: RepliesReport['silenced']): string =>
  table(
    ['kept back', 'budget', 'caused by', 'mails', 'last (UTC)'],
    silenced.map((one) => [one.template, one.because, one.causedBy, String(one.mails), minute(one.lastAt)]),
  );

const minute = (iso: string): string => iso.slice(0, 16).replace('T', ' ');
