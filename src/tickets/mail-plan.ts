import type { TemplateName } from '../domain/mail-facts.ts';
import type { ReplyIntent } from './outcome.ts';

/** Who can be written to about one ticket, by plain address. */
export interface Audience {
  /** Who wrote the mail or pressed the button; `null` when the desk or an agent acts. */
  readonly sender: string | null;
  readonly requester: string | null;
  /** Every owner and admin, the requester included or not. */
  readonly parties: readonly string[];
}

export interface PlannedMail {
  readonly recipient: string;
  readonly template: TemplateName;
  readonly as: 'requester' | 'party' | 'stranger';
  readonly ticketIds: readonly number[];
  readonly otherIds: readonly number[];
}

/** The first one present is what the mail is about; what else happened is told in a line each. */
const URGENCY: readonly TemplateName[] = [
  'agent_reply',
  'cancelled',
  'cancel_paused',
  'cancel_too_late',
  'verify_request',
  'verify_failed',
  'needs_details',
  'blocked',
  'grace_started',
  'owner_notice',
  'grace_reminder',
  'purge_started',
  'completed',
  'residue_released',
  'expired',
  'rejected',
  'received',
  'status',
  'pointers',
  'not_authorised',
];

/**
 * Turns what several tickets want to say into at most one mail to each recipient. A party hears only of tickets that
 * name them; a stranger hears nothing but the neutral mail.
 */
export function planMails(
  wishes: readonly { readonly ticketId: number; readonly intent: ReplyIntent; readonly audience: Audience }[],
): readonly PlannedMail[] {
  const byRecipient = new Map<string, { ticketId: number; template: TemplateName; requester: boolean }[]>();
  for (const { ticketId, intent, audience } of wishes) {
    for (const recipient of recipientsOf(intent, audience)) {
      const list = byRecipient.get(recipient) ?? [];
      list.push({ ticketId, template: intent.template, requester: recipient === audience.requester });
      byRecipient.set(recipient, list);
    }
  }
  return [...byRecipient].map(([recipient, wanted]) => {
    const template = URGENCY.find((name) => wanted.some((wish) => wish.template === name)) ?? 'status';
    const ticketIds = unique(
      wanted.filter((wish) => wish.template === template).map((wish) => wish.ticketId),
    );
    const otherIds = unique(wanted.map((wish) => wish.ticketId)).filter((id) => !ticketIds.includes(id));
    const requester = wanted.some((wish) => wish.requester);
    const as = template === 'not_authorised' ? 'stranger' : requester ? 'requester' : 'party';
    return { recipient, template, as, ticketIds, otherIds };
  });
}

function recipientsOf(intent: ReplyIntent, audience: Audience): readonly string[] {
  switch (intent.to) {
    case 'sender':
      return audience.sender === null ? [] : [audience.sender];
    case 'requester':
      return audience.requester === null ? [] : [audience.requester];
    case 'others':
      return unique(audience.parties).filter(
        (address) => address !== audience.requester && address !== audience.sender,
      );
  }
}

const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];
