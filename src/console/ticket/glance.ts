/** The four answers at the top of the page: who asks, why we believe it, what happens when, and how it stands. */
import type { TicketRecord } from './read-ticket.ts';
import { isClosed } from './state-words.ts';
import { counted } from './what-is-asked.ts';

/** A sentence around an instant. `at`: ISO 8601, `null` = the sentence is `before` alone. */
export interface Said {
  readonly before: string;
  readonly at: string | null;
  readonly after: string;
}

export const said = (before: string, at: Date | null = null, after = ''): Said => ({
  before,
  at: at?.toISOString() ?? null,
  after,
});

const DAY_MS = 86_400_000;

/** Why the desk acts on it, or why not yet. */
export function beliefOf({ ticket, challenge }: TicketRecord): readonly Said[] {
  const { verdict, origin, vouched_by: vouchedBy, verified_at: verifiedAt, approved_by: approvedBy } = ticket;
  if (vouchedBy !== null) {
    return [
      said(`${vouchedBy} vouches for the requester.`),
      said(
        approvedBy.length === 0
          ? 'Nobody has approved it yet; it takes two agents.'
          : `Approved by ${approvedBy.join(' and ')}.`,
      ),
    ];
  }
  if (origin === 'app')
    return [said('The app reported the workspace as deleted by somebody who may do that there.')];
  switch (verdict) {
    case null:
      return [said('Not checked yet.')];
    case 'entitled':
      break;
    case 'ownerless':
      return [
        said('The directory knows nobody in charge of this deleted workspace. Only agents can vouch for it.'),
      ];
    case 'wrong_workspace':
      return [said('Not believed: the sender is in charge of another workspace only.')];
    case 'contradictory':
      return [said('The request contradicts itself: an agent has to look.')];
    case 'unauthenticated':
      return [said('The mail proves nothing about who sent it: an agent has to look.')];
    case 'failed':
      return [said('Not believed: the mail failed the checks of who sent it.')];
    default:
      return [said('Not believed: the directory does not know the sender as somebody in charge.')];
  }
  const role = said('The address is in charge of what is asked for.');
  if (verifiedAt !== null) return [role, said('The code that went to it was answered on', verifiedAt, '.')];
  if (isClosed(ticket.state)) return [role, said('Nobody answered the code.')];
  if (ticket.state === 'needs_details')
    return [role, said('Not confirmed: the code goes out once nothing is missing.')];
  if (challenge === null) return [role, said('Not confirmed yet.')];
  if (challenge.voided_at !== null)
    return [role, said('Not confirmed: no code is out. The mail with the new one was kept back.')];
  if (challenge.tries_left === 0) return [role, said('Not confirmed: wrong codes have locked it.')];
  return [role, said('Not confirmed: waits for the code that went to it until', challenge.expires_at, '.')];
}

/** What happens when, or happened. */
export function scheduleOf({ ticket }: TicketRecord): readonly Said[] {
  const { state, closed_at: closedAt, due_at: dueAt, now } = ticket;
  const due = isClosed(state)
    ? []
    : [said(dueAt < now ? 'Overdue: it had to be complete by' : 'Must be complete by', dueAt, '.')];
  switch (state) {
    case 'completed':
      return [said('Deleted. Completed on', closedAt, '.')];
    case 'cancelled':
      return [said('Nothing was deleted. Cancelled on', closedAt, '.')];
    case 'rejected':
      return [said('Nothing was deleted. Rejected on', closedAt, '.')];
    case 'expired':
      return [said('Nothing was deleted. Nobody answered in time; expired on', closedAt, '.')];
    case 'purging':
      return [said('The deletion has been running since', ticket.purge_started_at, '.'), ...due];
    case 'grace': {
      const start = startOf(ticket);
      const first =
        start === null || start > now
          ? said('Nothing is deleted before', start, '. Until then it can be cancelled.')
          : said(
              'The waiting time ended on',
              start,
              '; the deletion starts as soon as nothing is in its way.',
            );
      return [first, ...due];
    }
    case 'approval':
      return [said('Nothing is deleted before it is approved and five whole days have passed.'), ...due];
    default:
      return [said('Nothing is deleted before it is confirmed and five whole days have passed.'), ...due];
  }
}

const startOf = (ticket: TicketRecord['ticket']): Date | null => {
  const { grace_ends_at: ends, not_before: notBefore } = ticket;
  return notBefore !== null && (ends === null || notBefore > ends) ? notBefore : ends;
};

/** How much of the time is left, in words, and whether that is a worry. */
export function deadlineOf({
  ticket,
}: TicketRecord): { readonly label: string; readonly tone: 'risk' | 'wait' | '' } | null {
  if (isClosed(ticket.state)) return null;
  const days = Math.floor((ticket.due_at.getTime() - ticket.now.getTime()) / DAY_MS);
  if (days < 0) return { label: `Overdue by ${counted(-days, 'day')}`, tone: 'risk' };
  if (days < 5) return { label: days === 0 ? 'Due today' : `Due in ${counted(days, 'day')}`, tone: 'wait' };
  return null;
}
