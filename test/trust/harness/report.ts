/** What is told of each mail. README.md says what each field means. */
import type { State } from '../../../src/domain/ticket.ts';

export interface TicketReport {
  readonly reference: string;
  /** It stood in the state file. */
  readonly existedBefore: boolean;
  readonly scope: string;
  /** In the order in which they were reached, the first one included. */
  readonly states: readonly State[];
  /** Every reason of a hold that ever stood, whether lifted since or not. */
  readonly holds: readonly string[];
  readonly verified: boolean;
  readonly verdict: string | null;
  readonly rowsDeleted: number;
}

export interface SentMail {
  readonly to: string;
  readonly template: string;
  readonly messageId: string;
  /** `mail`: the decision about this mail; `ticket`: later, a ticket that it opened; `prior`: neither of the two. */
  readonly cause: 'mail' | 'ticket' | 'prior';
  /** Desk time. */
  readonly at: string;
}

export interface ParseReport {
  readonly ms: number;
  /** Memory of the reading process at its highest, less what it had before; `null` where it cannot be measured. */
  readonly peakBytes: number | null;
}

export interface MailReport {
  /** `null` = the last line of a run together: what belongs to no single mail. */
  readonly file: string | null;
  readonly disposition: string | null;
  readonly reason: string | null;
  readonly needsAgent: boolean;
  readonly tickets: readonly TicketReport[];
  readonly mails: readonly SentMail[];
  readonly rowsDeleted: number;
  /** Why the report is not whole, such as a desk that did not come to rest. */
  readonly problem?: string;
}

export type Line = MailReport & { readonly parse: ParseReport | null };

/** For people: one line a mail, and what happened to its tickets below. */
export function tableOf(lines: readonly Line[]): string {
  const rows = lines.flatMap((line) => [
    [
      line.file ?? '(no single mail)',
      line.disposition ?? '-',
      String(line.mails.length),
      String(line.rowsDeleted),
      line.parse === null ? '-' : String(Math.round(line.parse.ms)),
      line.parse?.peakBytes == null ? '-' : (line.parse.peakBytes / 1_048_576).toFixed(1),
      line.problem ?? line.reason ?? '',
    ],
    ...line.tickets.map((ticket) => [
      `  ${ticket.reference}${ticket.existedBefore ? ' (before)' : ''}`,
      ticket.verdict ?? '-',
      '',
      String(ticket.rowsDeleted),
      '',
      '',
      `${ticket.states.join(' > ')}${ticket.holds.length > 0 ? ` [${ticket.holds.join(', ')}]` : ''}${
        ticket.verified ? ' VERIFIED' : ''
      }`,
    ]),
    ...line.mails.map((mail) => [
      `  to ${mail.to}`,
      mail.template,
      '',
      '',
      '',
      '',
      `${mail.cause} ${mail.at} ${mail.messageId}`,
    ]),
  ]);
  const all = [['mail', 'disposition', 'sent', 'rows', 'ms', 'MiB', ''], ...rows];
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => printable(cell).padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** File names and addresses are a sender's: nothing of them may steer a terminal. */
const printable = (text: string): string => text.replace(/[^\P{C}]/gu, '?');
