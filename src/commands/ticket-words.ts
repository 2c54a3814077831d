/** Tickets as agents read them in a terminal or a spreadsheet. */
import type { PurgeLine } from '../purge/status.ts';
import type { TicketDetails, TicketLine } from '../tickets/queries.ts';
import { csv } from './csv.ts';
import { progressInWords } from './purge-words.ts';
import { table } from './table.ts';
import { targetInEnglish } from './what-words.ts';

export const stateWords = (line: TicketLine): string =>
  line.holds.length === 0 ? line.state : `${line.state} (held: ${line.holds.join(', ')})`;

/** Agents who answer for this one; where two do, they should know to whom its mails go. */
export function agentWords(details: TicketDetails): readonly string[] {
  const { vouchedBy, approvedBy, approvalsWanted, correctedBy, liftedBy, requester, state } = details;
  const to = requester ?? 'nobody: no address is known';
  const takesTwo = vouchedBy !== null || approvalsWanted > 1;
  const two = state === 'approval' ? '; it takes two different agents' : '';
  return [
    ...(correctedBy.length > 0 ? [`corrected   by ${correctedBy.join(' and ')}`] : []),
    ...(vouchedBy === null
      ? []
      : [`vouched     by ${vouchedBy}; the directory knows nobody in charge, so notices go to ${to}`]),
    ...(takesTwo ? [`approved    by ${approvedBy.join(' and ') || 'nobody yet'}${two}`] : []),
    ...(liftedBy.length > 0
      ? [`release     of the review by ${liftedBy.join(' and ')}; it takes one more`]
      : []),
  ];
}

/** Whoever decides something should know that nobody may hear of it. */
export const mailBackWords = ({ undeliverable }: TicketDetails): readonly string[] =>
  undeliverable === null
    ? []
    : [
        `mail back   mail to the requester ${undeliverable.reason === 'bounced' ? 'bounced' : 'was refused'} on ${undeliverable.since}; nothing that merely answers goes there`,
        '            until they write an authenticated mail, or: purgedesk replies clear ADDRESS',
      ];

function whatWords(line: TicketLine): string {
  if (line.erasedAt !== null) return `${line.scope}, erased`;
  return line.target === null ? `${line.scope}, nothing resolved` : targetInEnglish(line.target);
}

const requesterWords = (line: TicketLine): string => {
  if (line.requester !== null) return line.requester;
  if (line.erasedAt !== null) return 'erased';
  return line.origin === 'app' ? 'the app' : '';
};

export const listing = (lines: readonly TicketLine[]): string =>
  table(
    ['ticket', 'state', 'what', 'requester', 'grace ends (UTC)', 'due (UTC)'],
    lines.map((line) => [
      line.reference,
      stateWords(line),
      whatWords(line),
      requesterWords(line),
      line.graceEndsAt?.slice(0, 16).replace('T', ' ') ?? '',
      line.dueAt.slice(0, 10),
    ]),
  );

export const spreadsheet = (lines: readonly TicketLine[]): string =>
  csv(
    ['ticket', 'state', 'status', 'holds', 'what', 'requester', 'requested', 'grace ends', 'due'],
    lines.map((line) => [
      line.reference,
      line.state,
      line.status,
      line.holds.join(' '),
      whatWords(line),
      requesterWords(line),
      line.requestedAt,
      line.notBefore ?? line.graceEndsAt ?? '',
      line.dueAt,
    ]),
  );

export function description(details: TicketDetails, progress: PurgeLine | null): string {
  const parts = [
    `${details.reference}  ${stateWords(details)}  (public: ${details.status})`,
    `what        ${whatWords(details)}`,
    `requester   ${requesterWords(details)}, asked ${details.requestedAt} (in ${details.language})`,
    `verdict     ${details.verdict ?? 'none yet'}${details.reasons.length > 0 ? `: ${details.reasons.join('; ')}` : ''}`,
    `verified    ${details.verifiedAt ?? 'no'}`,
    `grace ends  ${details.notBefore ?? details.graceEndsAt ?? 'not begun'}; purge complete by ${details.dueAt}`,
  ];
  if (details.planHash !== null)
    parts.push(`plan        ${details.planHash}, about ${details.estimate ?? 0} rows`);
  if (progress !== null) parts.push(`progress    ${progressInWords(progress)}`);
  parts.push(...agentWords(details), ...mailBackWords(details));
  if (details.steps.length > 0) {
    parts.push(
      '',
      table(
        ['step', 'store', 'target', 'status', 'estimate', 'deleted', 'remaining'],
        details.steps.map((step) => [
          String(step.no),
          step.store,
          step.target,
          step.status,
          String(step.estimate),
          String(step.deleted),
          step.remaining === null ? '' : String(step.remaining),
        ]),
      ),
    );
  }
  if (details.agentNotes.length > 0) {
    parts.push(
      '',
      table(
        ['agent', 'did', 'at', 'why'],
        details.agentNotes.map(({ agent, act: did, at, note }) => [agent, did, at, note]),
      ),
    );
  }
  if (details.holdNotes.length > 0) {
    parts.push(
      '',
      table(
        ['hold', 'placed by', 'lifted by', 'note'],
        details.holdNotes.map((hold) => [hold.reason, hold.placedBy, hold.liftedBy ?? 'stands', hold.note]),
      ),
    );
  }
  parts.push(
    '',
    table(
      ['#', 'at', 'event', 'from', 'to', 'who'],
      details.events.map((event) => [
        String(event.seq),
        event.at,
        event.type,
        event.was,
        event.became,
        event.actor,
      ]),
    ),
  );
  if (details.mails.length > 0) {
    parts.push(
      '',
      table(
        ['mail', 'status', 'at'],
        details.mails.map((mail) => [mail.template, mail.status, mail.at]),
      ),
    );
  }
  return parts.join('\n');
}
