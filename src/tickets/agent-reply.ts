/** What an agent writes to a person becomes a row of the outbox, once, and a note in the audit of its ticket. */
import type { Knex } from 'knex';
import { deskNow } from '../db/connection.ts';
import { addressHash, keyed } from '../domain/canonical.ts';
import type { Standing } from '../domain/evidence.ts';
import { referenceOf, type TicketId, ticketId } from '../domain/ids.ts';
import type { MailFacts } from '../domain/mail-facts.ts';
import type { TicketDeps } from './ports.ts';
import { type Cause, FLUSH_OUTBOX, factRowsOf, insertMail, ticketFacts } from './queue-mails.ts';
import { issueStatusLink } from './status-links.ts';
import { decide } from './ticket-store.ts';

/** What agents can send. Only the first takes words of their own. */
export const AGENT_TEMPLATES = ['agent_reply', 'pointers', 'status'] as const;
export type AgentTemplate = (typeof AGENT_TEMPLATES)[number];

/** To whom it goes: looked up and judged by the desk, never typed. */
export interface Addressee {
  readonly address: string;
  /** `stranger`: nobody whom the directory knows as owner or admin; gets nothing of the tickets. */
  readonly as: 'requester' | 'stranger';
  /** The ticket that it is about; `null` = it answers a mail that belongs to none. */
  readonly ticketId: TicketId | null;
  /** The conversation that an answer to it belongs to. */
  readonly conversationId: number | null;
  /** The mail that it answers. */
  readonly mail: { readonly id: number; readonly standing: Standing } | null;
}

export interface AgentReply {
  /** Names the mail: the same one is written once, however often it is sent. */
  readonly form: string;
  readonly agent: string;
  readonly template: AgentTemplate;
  /** BCP 47. */
  readonly locale: string;
  /** Plain text, lines ending in LF; empty for every other template than `agent_reply`. */
  readonly words: string;
}

export type AgentReplied =
  | { readonly kind: 'queued'; readonly outboxId: number; readonly repeated: boolean }
  /** `undeliverable`: mails to it came back. `cap`: enough was written to it for a day. `closed`: the ticket was erased. */
  | { readonly kind: 'refused'; readonly why: 'undeliverable' | 'cap' | 'closed' };

/** An agent means what they write, but no slip and no script makes the desk shout at anybody. */
export const AGENT_MAILS_A_DAY = 6;

/** Whether the mail leads to the page of its ticket. */
export const hasStatusLink = ({ as, ticketId }: Addressee): boolean =>
  as === 'requester' && ticketId !== null;

/** What the mail will say: for a look at it before it goes, and for sending it. */
export async function agentReplyFacts(
  db: Knex,
  { policy }: Pick<TicketDeps, 'policy'>,
  to: Addressee,
  { template, locale, words }: Pick<AgentReply, 'template' | 'locale' | 'words'>,
  now: Date,
): Promise<MailFacts> {
  const rows = to.ticketId === null ? [] : [...(await factRowsOf(db, [to.ticketId])).values()];
  return {
    template,
    locale,
    recipient: to.as,
    tag: await tagOf(db, to.conversationId),
    tickets: template === 'status' ? rows.map((row) => ticketFacts(row, policy)) : [],
    others: [],
    challenge: null,
    workspace: null,
    residue: policy.residue,
    ...(template === 'agent_reply' ? { said: words } : {}),
    at: now.toISOString(),
  };
}

/** Decides about the ticket, writes the mail and has it sent, all or nothing. */
export async function queueAgentReply(
  trx: Knex.Transaction,
  deps: TicketDeps,
  to: Addressee,
  reply: AgentReply,
): Promise<AgentReplied> {
  const hash = addressHash(deps.key, to.address);
  const key = `agent:${reply.form}`;
  // Whoever writes to one address at the same time counts one after the other.
  await trx.raw(LOCK, [hash]);
  const known = await trx('outbox').select<{ id: number }[]>('id').where({ key }).first();
  if (known !== undefined) return { kind: 'queued', outboxId: known.id, repeated: true };
  const now = await deskNow(trx);
  const spent = await trx.raw<{ rows: [{ mails: number; undeliverable: boolean }] }>(SPENT, { hash, now });
  const [{ mails, undeliverable }] = spent.rows;
  if (undeliverable) return { kind: 'refused', why: 'undeliverable' };
  if (mails >= AGENT_MAILS_A_DAY) return { kind: 'refused', why: 'cap' };
  if (to.ticketId !== null && !(await note(trx, deps, to.ticketId, reply, now)))
    return { kind: 'refused', why: 'closed' };
  const statusLink =
    to.ticketId === null || !hasStatusLink(to)
      ? null
      : await issueStatusLink(trx, {
          key: deps.key,
          ticketIds: [to.ticketId],
          recipientHash: hash,
          locale: reply.locale,
          now,
        });
  const facts = {
    ...(await agentReplyFacts(trx, deps, to, reply, now)),
    ...(statusLink === null ? {} : { statusLink }),
  };
  await insertMail(trx, {
    key,
    conversationId: to.conversationId,
    ticketIds: to.ticketId === null ? [] : [to.ticketId],
    cause: causeOf(to, reply.locale),
    facts,
    recipient: to.address,
    hash,
    beforeVerification: facts.tickets.every((ticket) => !ticket.verified),
    notBefore: null,
    now,
    writtenBy: reply.agent,
  });
  await trx.raw(FLUSH_OUTBOX);
  const row = await trx('outbox').select<{ id: number }[]>('id').where({ key }).first();
  if (row === undefined) throw new TypeError('the mail was not written');
  return { kind: 'queued', outboxId: row.id, repeated: false };
}

/** @returns false when nothing can be noted any more */
async function note(
  trx: Knex.Transaction,
  deps: TicketDeps,
  id: TicketId,
  { agent, template, words }: AgentReply,
  now: Date,
): Promise<boolean> {
  const said = template === 'agent_reply' ? words : template;
  const noteHash = keyed(deps.key, 'reason', said).toString('hex').slice(0, 32);
  const event = { type: 'noted', by: { kind: 'agent', name: agent }, noteHash } as const;
  const within = async (inner: Knex.Transaction): Promise<void> => {
    const told =
      template === 'agent_reply' ? `Wrote to the requester: ${said}` : `Sent the requester: ${template}`;
    await inner('agent_notes').insert({ ticket_id: id, agent, act: 'noted', note: told, at: now });
  };
  const { outcomes } = await decide(trx, deps, { kind: 'desk' }, [{ ticketId: id, event, within }], now);
  return outcomes[0]?.kind === 'moved' || outcomes[0]?.kind === 'stayed';
}

const causeOf = ({ mail, address }: Addressee, language: string): Cause =>
  mail === null
    ? { kind: 'desk' }
    : {
        kind: 'message',
        messageId: mail.id,
        sender: address,
        standing: mail.standing,
        language,
        thread: null,
      };

async function tagOf(db: Knex, conversationId: number | null): Promise<string | null> {
  if (conversationId === null) return null;
  const first = await db('tickets')
    .min<{ id: number | null }[]>('id as id')
    .where({ conversation_id: conversationId });
  const id = first[0]?.id ?? null;
  return id === null ? null : referenceOf(ticketId(id));
}

const LOCK = 'select pg_advisory_xact_lock(7042, hashtext(?))';

const SPENT = `
  select
    (select count(*) from outbox where written_by is not null and recipient_hash = :hash
       and created_at > cast(:now as timestamptz) - interval '24 hours') as mails,
    exists (select from undeliverable_addresses u where u.recipient_hash = :hash) as undeliverable`;
