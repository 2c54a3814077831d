/** To whom an agent may write: the requester of a ticket, or the author of a mail that somebody reads answers to. */
import type { About } from '../../console/reply/ports.ts';
import { addressHash } from '../../domain/canonical.ts';
import { isPlainAddress } from '../../domain/directory.ts';
import type { MailEvidence, Verdict } from '../../domain/evidence.ts';
import { ticketId } from '../../domain/ids.ts';
import type { Disposition } from '../../domain/mail.ts';
import { rawMail } from '../../ingest/agent-mails.ts';
import { answersForm } from '../../ingest/ingest-message.ts';
import { isDaemon, isUnattended } from '../../ingest/understand/intent/unattended.ts';
import type { Addressee, AgentTemplate } from '../../tickets/agent-reply.ts';
import { standingOf } from '../../verify/judge.ts';
import type { Desk } from '../desk.ts';
import { addressesOf } from '../outgoing.ts';

export type FoundAddressee =
  | {
      readonly kind: 'addressee';
      readonly to: Addressee;
      readonly warnings: readonly string[];
      /** ISO 639-1 */
      readonly locale: string;
      readonly templates: readonly AgentTemplate[];
    }
  | { readonly kind: 'nobody'; readonly why: string };

/** `null` = there is no such ticket or mail. */
export const addresseeOf = (desk: Desk, about: About): Promise<FoundAddressee | null> =>
  'ticket' in about ? requesterOf(desk, about.ticket) : authorOf(desk, about.mail);

interface TicketRow {
  readonly requester: string | null;
  readonly verdict: Verdict | null;
  readonly erased_at: Date | null;
  readonly conversation_id: number;
  readonly locale: string;
  readonly undeliverable: boolean;
}

async function requesterOf({ db, environment }: Desk, id: number): Promise<FoundAddressee | null> {
  const found = await db.raw<{ rows: TicketRow[] }>(REQUESTER, [id]);
  const [row] = found.rows;
  if (row === undefined) return null;
  if (row.erased_at !== null) return nobody('The ticket is closed, and the desk has forgotten whose it was.');
  if (row.requester === null)
    return nobody('It was asked for in the app by nobody whom the directory knows.');
  const why = whyNotTo(row.requester, environment, row.undeliverable);
  if (why !== null) return nobody(why);
  const isEntitled = row.verdict === 'entitled';
  return {
    kind: 'addressee',
    to: {
      address: row.requester,
      as: isEntitled ? 'requester' : 'stranger',
      ticketId: ticketId(id),
      conversationId: row.conversation_id,
      mail: null,
    },
    warnings: isEntitled ? [] : [STRANGER],
    locale: row.locale,
    templates: isEntitled ? ['agent_reply', 'status', 'pointers'] : ['agent_reply', 'pointers'],
  };
}

const STRANGER =
  'It is not confirmed that they may ask for this. Say nothing about workspaces, requests or people.';
const LOOSE =
  'The sender is proven, but the mail belongs to no request of theirs: what they are in charge of was not looked up.';
const UNPROVEN =
  'Nothing shows that this mail comes from whom it names, and the answer goes to that address. Say nothing about workspaces, requests or people.';

interface MailRow {
  readonly author: string | null;
  readonly disposition: Disposition | null;
  readonly evidence: MailEvidence | null;
  readonly conversation_id: number | null;
  readonly requester_hash: string | null;
  readonly first_ticket: number | null;
  readonly erased_at: Date | null;
  readonly undeliverable: boolean;
}

async function authorOf(desk: Desk, id: number): Promise<FoundAddressee | null> {
  const { db, environment, tickets } = desk;
  const author = await db('messages').where({ id }).first<{ author: string | null } | undefined>('author');
  if (author === undefined) return null;
  const hash = author.author === null ? '' : addressHash(tickets.key, author.author);
  const found = await db.raw<{ rows: MailRow[] }>(AUTHOR, { id, hash });
  const [row] = found.rows;
  if (row === undefined) return null;
  if (row.erased_at !== null) return nobody('The desk has forgotten who wrote it.');
  if (row.disposition === null) return nobody('The desk has not decided about this mail yet.');
  if (row.author === null) return nobody('It has no single plain author whom an answer could go to.');
  if (row.disposition === 'own') return nobody('It is one of our own mails.');
  if (row.disposition === 'automatic') return nobody(AUTOMATIC);
  const why = whyNotTo(row.author, environment, row.undeliverable);
  if (why !== null) return nobody(why);
  const standing = row.evidence === null ? 'unproven' : standingOf(row.evidence);
  if (standing === 'failed')
    return nobody('The mail is likely forged: an answer would go to somebody who never wrote it.');
  const raw = await rawMail(db, id);
  const look = raw === null ? null : await desk.look(raw, answersForm(desk.ingest, raw));
  if (look === null || 'unreadable' in look)
    return nobody('It cannot be read, so nobody can tell whether a person wrote it.');
  if (look.automatic) return nobody(AUTOMATIC);
  // Only in a conversation of their own, and only if the mail is proven theirs, does an answer belong to it.
  const isTheirs = standing === 'authenticated' && row.requester_hash === hash && row.first_ticket !== null;
  const own = isTheirs && row.first_ticket !== null ? await requesterOf(desk, row.first_ticket) : null;
  const asRequester = own?.kind === 'addressee' && own.to.address === row.author ? own : null;
  return {
    kind: 'addressee',
    to: {
      address: row.author,
      as: asRequester?.to.as ?? 'stranger',
      ticketId: asRequester?.to.ticketId ?? null,
      conversationId: asRequester === null ? null : row.conversation_id,
      mail: { id, standing },
    },
    warnings: standing === 'authenticated' ? (asRequester?.warnings ?? [LOOSE]) : [UNPROVEN],
    locale: asRequester?.locale ?? look.explanation.language,
    templates: asRequester?.templates ?? ['agent_reply', 'pointers'],
  };
}

const AUTOMATIC = 'A machine or a list sent it. An answer would go to nobody, or to everybody.';

/** What speaks against the address itself. */
function whyNotTo(address: string, environment: Desk['environment'], undeliverable: boolean): string | null {
  if (!isPlainAddress(address)) return 'The address is not one that mail can safely be sent to.';
  if (addressesOf(environment).some((ours) => isOurs(address, ours)))
    return 'It is an address of the desk itself.';
  if (isDaemon(address) || isUnattended(address)) return 'Nobody reads mail at this address.';
  return undeliverable
    ? 'Mails to this address come back. Clear it in the outbox once somebody there was reached.'
    : null;
}

/** The desk's own address, with anything behind a plus too. */
function isOurs(address: string, deskAddress: string): boolean {
  const bare = (text: string): string => text.toLowerCase().replace(/\+[^@]*(?=@)/, '');
  return bare(address) === bare(deskAddress);
}

const nobody = (why: string): FoundAddressee => ({ kind: 'nobody', why });

const REQUESTER = `
  select t.requester, t.verdict, t.erased_at, t.conversation_id, c.locale,
    exists (select from undeliverable_addresses u where u.recipient_hash = t.requester_hash) as undeliverable
  from tickets t join conversations c on c.id = t.conversation_id where t.id = ?`;

const AUTHOR = `
  select m.author, m.disposition, m.evidence, m.conversation_id, m.erased_at, c.requester_hash,
    (select min(t.id) from tickets t where t.conversation_id = m.conversation_id) as first_ticket,
    exists (select from undeliverable_addresses u where u.recipient_hash = :hash) as undeliverable
  from messages m left join conversations c on c.id = m.conversation_id where m.id = :id`;
