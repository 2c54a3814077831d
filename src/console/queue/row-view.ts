/** A ticket as one row of a list. */
import { referenceOf, ticketId } from '../../domain/ids.ts';
import { plain } from '../../domain/words.ts';
import { HOLD_WORDS, isClosed, STATE_WORDS } from '../ticket/state-words.ts';
import { askedInWords } from '../ticket/what-is-asked.ts';
import type { QueuePorts } from './ports.ts';
import type { TicketRow } from './read-queue.ts';

export interface RowView {
  readonly id: number;
  readonly reference: string;
  readonly asked: string;
  readonly requester: string;
  readonly state: string;
  readonly tone: string;
  readonly holds: readonly { readonly label: string; readonly meaning: string }[];
  readonly lostMail: boolean;
  /** What comes next, as a sentence before an instant; `at` may be null. */
  readonly next: { readonly says: string; readonly at: string | null };
  /** `null` = closed: nothing is due any more. */
  readonly due: {
    readonly at: string;
    readonly badge: { readonly label: string; readonly tone: string } | null;
  } | null;
  readonly assignee: string | null;
}

export function rowView(row: TicketRow, sentence: QueuePorts['sentence']): RowView {
  const { label, tone } = STATE_WORDS[row.state];
  return {
    id: row.id,
    reference: referenceOf(ticketId(row.id)),
    asked: capital(askedInWords(row, sentence)),
    requester: requesterOf(row),
    state: label,
    tone,
    holds: row.holds.map((hold) => HOLD_WORDS[hold]),
    lostMail: row.lost_mail,
    next: nextOf(row),
    due: isClosed(row.state)
      ? null
      : { at: row.due_at.toISOString(), badge: row.overdue ? OVERDUE : row.soon ? SOON : null },
    assignee: row.assignee,
  };
}

const OVERDUE = { label: 'Overdue', tone: 'risk' };
const SOON = { label: 'Due soon', tone: 'wait' };

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function requesterOf({ requester, erased_at: erasedAt, origin }: TicketRow): string {
  if (requester !== null) return plain(requester);
  if (erasedAt !== null) return 'erased';
  return origin === 'app' ? 'the app' : 'nobody known';
}

function nextOf(row: TicketRow): RowView['next'] {
  const at = (instant: Date | null) => instant?.toISOString() ?? null;
  switch (row.state) {
    case 'received':
      return { says: 'Received', at: at(row.requested_at) };
    case 'needs_details':
      return { says: 'Asked for details; reminder or lapse', at: at(row.wake_at) };
    case 'verifying':
      return { says: 'Asked for the code; reminder or lapse', at: at(row.wake_at) };
    case 'approval':
      return { says: 'An approver has to look at the plan', at: null };
    case 'grace':
      return { says: 'Deletion starts', at: at(later(row.not_before, row.grace_ends_at)) };
    case 'purging':
      return { says: 'Deletion is under way', at: null };
    default:
      return { says: 'Closed', at: at(row.closed_at) };
  }
}

const later = (one: Date | null, other: Date | null): Date | null =>
  one === null || (other !== null && other > one) ? other : one;
