import { referenceOf, type TicketId, ticketId } from '../../domain/ids.ts';
import { plain } from '../../domain/words.ts';
import type { ActionPanel } from '../actions/panel.ts';
import { type Conversation, conversationOf } from './conversation.ts';
import { askWords } from './event-words.ts';
import { type EvidencePanel, evidencePanel } from './evidence.ts';
import { beliefOf, deadlineOf, type Said, said, scheduleOf } from './glance.ts';
import { type MailPanel, mailPanel, withMarks } from './mail-panel.ts';
import { type PlanPanel, planPanel } from './plan-panel.ts';
import type { MailWords, Progress, ReceiptCheck, SentMail, TicketPorts, Unreadable } from './ports.ts';
import type { MailInRow, TicketRecord } from './read-ticket.ts';
import { actorWords, HOLD_WORDS, isClosed, STATE_WORDS } from './state-words.ts';
import { type TimelineKind, type TimelinePage, timelineOf, timelinePage } from './timeline.ts';
import { askedInWords, type FieldLine, fieldLines } from './what-is-asked.ts';

export interface TicketView {
  readonly page: { readonly title: string };
  readonly reference: string;
  readonly path: string;
  readonly live: string;
  /** "Also viewing: Sam"; empty when nobody is. */
  readonly viewers: string;
  /** What it is to do, or did: the beginning of the heading. */
  readonly verb: 'Delete' | 'Deleted';
  readonly asked: string;
  /** What is deleted matters more than what was written. */
  readonly isPlanFirst: boolean;
  readonly isClosed: boolean;
  readonly erasedAt: string | null;
  readonly state: { readonly label: string; readonly tone: string };
  readonly deadline: { readonly label: string; readonly tone: string } | null;
  readonly holds: readonly HoldView[];
  readonly who: { readonly name: string; readonly note: string | null };
  readonly requestedAt: string;
  readonly undeliverable: Said | null;
  readonly belief: readonly Said[];
  readonly schedule: readonly Said[];
  readonly fields: readonly FieldLine[];
  readonly mail: MailPanel | null;
  readonly sent: SentMail | null;
  readonly actions: ActionPanel | null;
  readonly evidence: EvidencePanel;
  readonly plan: PlanPanel;
  readonly receipt: ReceiptView | null;
  readonly conversation: Conversation;
  readonly siblings: readonly { readonly reference: string; readonly href: string }[];
  readonly timeline: TimelinePage;
}

export interface HoldView {
  readonly label: string;
  /** The label within a sentence. */
  readonly said: string;
  readonly meaning: string;
  readonly note: string | null;
  readonly by: string;
  readonly at: string;
}

export interface ReceiptView {
  readonly holds: boolean;
  readonly words: string;
  /** In groups of four. */
  readonly fingerprint: readonly string[];
}

export interface Wanted {
  readonly kind: TimelineKind;
  readonly from: number;
}

export interface TicketParts {
  readonly base: string;
  readonly wanted: Wanted;
  readonly ports: Pick<TicketPorts, 'sentence' | 'standing' | 'caps'>;
  readonly mail: { readonly row: MailInRow; readonly words: MailWords | Unreadable | null } | null;
  readonly sent: (SentMail & { readonly id: number }) | null;
  readonly actions: ActionPanel | null;
  readonly progress: Progress | null;
  readonly receipt: ReceiptCheck | null;
  readonly viewers: readonly string[];
}

export function ticketView(
  record: TicketRecord,
  { base, wanted, ports, mail, sent, actions, progress, receipt, viewers }: TicketParts,
): TicketView {
  const { ticket } = record;
  const reference = referenceOf(ticketId(ticket.id));
  const path = `${base}/tickets/${reference}`;
  const asked = askedInWords(ticket, ports.sentence);
  const asks = new Map(ticket.asks.map(({ field, why }) => [field, askWords(`${field}:${why}`)]));
  const lines = fieldLines(ticket, asks);
  const panel = mail === null ? null : mailPanel(record, mail.row, mail.words, { base, path, lines });
  return {
    page: { title: `${reference}: ${asked}`.slice(0, 120) },
    reference,
    path,
    live: `${base}/live?about=${reference}`,
    viewers: viewers.length === 0 ? '' : `Also viewing: ${viewers.join(', ')}`,
    verb: ticket.state === 'completed' ? 'Deleted' : 'Delete',
    asked,
    isPlanFirst: ticket.state === 'purging' || ticket.state === 'completed',
    isClosed: isClosed(ticket.state),
    erasedAt: ticket.erased_at?.toISOString() ?? null,
    state: STATE_WORDS[ticket.state],
    deadline: deadlineOf(record),
    holds: holdsOf(record),
    who: whoOf(record),
    requestedAt: ticket.requested_at.toISOString(),
    undeliverable:
      ticket.undeliverable_since === null
        ? null
        : said(
            `Mail to the requester ${ticket.undeliverable_reason === 'bounced' ? 'came back' : 'was refused'} on`,
            ticket.undeliverable_since,
            '. Nothing that merely answers goes there until they write again.',
          ),
    belief: beliefOf(record),
    schedule: scheduleOf(record),
    fields: withMarks(lines, panel),
    mail: panel,
    sent,
    actions,
    evidence: evidencePanel(record, ports.standing),
    plan: planPanel(record, ports.caps, progress),
    receipt: receipt === null ? null : receiptView(receipt),
    conversation: conversationOf(record, path, { mail: mail?.row.id ?? null, sent: sent?.id ?? null }),
    siblings: record.siblings.map((id) => {
      const other = referenceOf(id as TicketId);
      return { reference: other, href: `${base}/tickets/${other}` };
    }),
    timeline: timelinePage(timelineOf(record, path), { ...wanted, path }),
  };
}

function receiptView({ holds, why, isOurKey, fingerprint }: ReceiptCheck): ReceiptView {
  const key = isOurKey ? 'the key of this desk' : 'a former key of this desk';
  return {
    holds,
    words: holds
      ? `The receipt holds: its signature fits, with ${key}, and its totals add up.`
      : `The receipt does not hold: ${why ?? 'nobody knows why'}.`,
    fingerprint: fingerprint.match(/.{1,4}/g) ?? [],
  };
}

function whoOf({ ticket }: TicketRecord): TicketView['who'] {
  const language = `writes in ${LANGUAGES.of(ticket.locale) ?? ticket.locale}`;
  // Where there is only one mailbox, nobody wonders which.
  const to = ticket.mailbox === null || ticket.mailbox === 'main' ? '' : `, to the mailbox ${ticket.mailbox}`;
  if (ticket.requester !== null) return { name: plain(ticket.requester), note: `${language}${to}` };
  if (ticket.erased_at !== null) return { name: 'Erased', note: null };
  return ticket.origin === 'app'
    ? { name: 'The app', note: 'it names nobody in particular' }
    : { name: 'Nobody known', note: null };
}

const LANGUAGES = new Intl.DisplayNames('en', { type: 'language' });

function holdsOf({ holds, ticket }: TicketRecord): readonly HoldView[] {
  return holds
    .filter(({ lifted_at: liftedAt }) => liftedAt === null)
    .map((hold) => ({
      ...HOLD_WORDS[hold.reason],
      said: HOLD_WORDS[hold.reason].label.toLowerCase(),
      note: hold.note === '' ? null : plain(hold.note),
      by: actorWords(hold.placed_by, ticket.requester_hash),
      at: hold.placed_at.toISOString(),
    }))
    .reverse();
}
