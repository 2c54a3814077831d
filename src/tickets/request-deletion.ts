import type { Knex } from 'knex';
import { prepared } from '../db/prepared.ts';
import { asRows, distinct, groupBy } from '../db/rows.ts';
import { forMany, inTurn } from '../db/together.ts';
import { addressHash } from '../domain/canonical.ts';
import { isInCharge, roleOf } from '../domain/directory.ts';
import { isAnswerable, type Judgement } from '../domain/evidence.ts';
import { referenceOf, ticketId } from '../domain/ids.ts';
import type { Handled } from '../domain/mail.ts';
import type { State } from '../domain/ticket.ts';
import type { MailContext } from './handle-mail.ts';
import { pickWaiting, type WaitingTicket } from './merge-details.ts';
import type { DeskDeps } from './ports.ts';
import { askedFor, type Cause, queueLooseMail } from './queue-mails.ts';
import { type Given, type Sorted, sortRequests } from './sort-requests.ts';
import { decide, insertTicket, type Move } from './ticket-store.ts';

/** More requests than this in one mail are for an agent: nobody writes that many by hand. */
const REQUESTS_MAX = 20;

/** How often one ticket is asked about; after that an agent takes over, who sees every answer. */
const ASK_BACKS_MAX = 5;

/** A mail that asks to delete: details for a ticket that waits for them, or new tickets, one a request. */
export async function requestDeletion(
  trx: Knex.Transaction,
  deps: DeskDeps,
  context: MailContext,
): Promise<Handled> {
  const { mail } = context;
  const { requests, problems } = mail.understanding;
  const conversation = await ownConversation(trx, deps, context);
  const waiting = conversation === null ? [] : await waitingTickets(trx, conversation.id);
  const answered = await answers(trx, deps, context, conversation, waiting);
  if (answered !== null) return answered;
  if (requests.length === 0) return askForScope(trx, deps, context);
  if (requests.length > REQUESTS_MAX) {
    return other('more requests in one mail than a person writes', null);
  }
  if (mail.answersForm && waiting.length === 0) {
    return other('fills in a form of ours, and no ticket waits for it any more', conversation?.id ?? null);
  }
  const picked = pickWaiting(waiting, requests);
  const given = requests.map(
    (request, index): Given => ({ request, ticket: picked[index] ?? null, said: mail.closer.workspace }),
  );
  return carryOut(trx, deps, context, conversation, await sortRequests(trx, deps, context, given, problems));
}

/** A mail that asks for nothing by itself and may be the bare answer to what we asked. `null` = it is none. */
export async function answerQuestions(
  trx: Knex.Transaction,
  deps: DeskDeps,
  context: MailContext,
): Promise<Handled | null> {
  const conversation = await ownConversation(trx, deps, context);
  if (conversation === null) return null;
  const waiting = await waitingTickets(trx, conversation.id);
  return answers(trx, deps, context, conversation, waiting);
}

/** Reads a mail in the light of the questions that are open in its conversation. */
async function answers(
  trx: Knex.Transaction,
  deps: DeskDeps,
  context: MailContext,
  conversation: OwnConversation | null,
  waiting: readonly WaitingTicket[],
): Promise<Handled | null> {
  const asked = waiting.filter((ticket) => ticket.state === 'needs_details');
  if (conversation === null || asked.length === 0) return null;
  const questions = asked.map(({ id, request, asks }) => ({
    ticketId: id,
    reference: referenceOf(ticketId(id)),
    scope: request.scope,
    asks,
  }));
  const read = await context.mail.closer.answersTo(questions, conversation.locale);
  if (read === null) return null;
  const given = read.answers.map(
    ({ ticketId: id, given: request, workspaceName }): Given => ({
      request,
      ticket: asked.find((ticket) => ticket.id === id) ?? null,
      said: () => (workspaceName === null ? { kind: 'unclear' } : { kind: 'named', name: workspaceName }),
    }),
  );
  const plan = await sortRequests(trx, deps, context, given, read.problems);
  // A few words complete a ticket or nothing: they never open one.
  const details = plan.filter((entry) => entry.kind === 'details');
  return details.length === 0
    ? other('answers our questions with what the writer may not ask for', conversation.id)
    : carryOut(trx, deps, context, conversation, details);
}

async function carryOut(
  trx: Knex.Transaction,
  deps: DeskDeps,
  context: MailContext,
  conversation: OwnConversation | null,
  sorted: readonly Sorted[],
): Promise<Handled> {
  const plan = conversation === null ? sorted : await withoutWornOut(trx, conversation.id, sorted);
  if (plan.length === 0) {
    return {
      ...other('asked back too often: an agent takes over', conversation?.id ?? null),
      disposition: 'joined',
    };
  }
  const cause = causeOf(context);
  const opening = plan.filter((entry) => entry.kind === 'open');
  if (opening.length === plan.length && opening.every((entry) => isForNobody(entry.judgement))) {
    const mayHear = await askedFor(deps, cause, { template: 'not_authorised', as: 'stranger' }, context.now);
    if (mayHear.kind === 'silenced') {
      return {
        disposition: 'silenced',
        reason: 'the reply budget of this stranger is spent',
        conversationId: null,
        needsAgent: true,
        silenced: true,
      };
    }
  }
  const conversationId = conversation?.id ?? (await openConversation(trx, deps, context));
  const moves: Move[] = [];
  for (const [index, entry] of plan.entries())
    moves.push(await moveFor(trx, deps, context, conversationId, index, entry));
  const decision = await decide(trx, deps, cause, moves, context.now);
  const silenced = decision.silenced ? '; a reply was due and the budget is spent' : '';
  const unproven = opening.some(
    (entry) =>
      entry.judgement.verdict === 'ownerless' ||
      entry.judgement.verdict === 'failed' ||
      entry.judgement.verdict === 'unauthenticated' ||
      entry.judgement.verdict === 'contradictory',
  );
  return {
    disposition: opening.length > 0 ? 'opened' : 'joined',
    reason: `${opening.length} opened, ${plan.length - opening.length} joined${silenced}`,
    conversationId,
    needsAgent: decision.silenced || unproven || plan.length < sorted.length,
    ...(decision.silenced ? { silenced: true } : {}),
  };
}

const causeOf = ({ mail, order }: MailContext): Extract<Cause, { kind: 'message' }> => ({
  kind: 'message',
  messageId: mail.messageId,
  sender: mail.author,
  standing: mail.standing,
  language: mail.language,
  thread: mail.thread,
  ...(order === null ? {} : { order }),
});

const isForNobody = (judgement: Judgement): boolean =>
  judgement.verdict === 'not_entitled' ||
  judgement.verdict === 'wrong_workspace' ||
  judgement.verdict === 'ownerless';

/** Without answers to tickets that were asked about often enough and would have to be asked about again. */
async function withoutWornOut(
  trx: Knex.Transaction,
  conversationId: number,
  plan: readonly Sorted[],
): Promise<readonly Sorted[]> {
  const again = plan.flatMap((entry) =>
    entry.kind === 'details' && entry.judgement.target === null ? [entry.ticketId] : [],
  );
  if (again.length === 0) return plan;
  const bindings = { conversation: conversationId, tickets: again, most: ASK_BACKS_MAX };
  const asked = await inTurn(trx, async () =>
    prepared<{ rows: { id: number }[] }>(trx, ASKED_OFTEN, bindings),
  );
  const worn = new Set(asked.rows.map(({ id }) => id));
  return plan.filter(
    (entry) => entry.kind !== 'details' || !worn.has(entry.ticketId) || entry.judgement.target !== null,
  );
}

const ASKED_OFTEN = `
  select asked.id from outbox o cross join unnest(o.ticket_ids) as asked (id)
  where o.conversation_id = :conversation and o.template = 'needs_details'
    and asked.id = any(cast(:tickets as bigint[]))
  group by asked.id having count(*) >= :most`;

async function moveFor(
  trx: Knex.Transaction,
  deps: DeskDeps,
  { mail, order }: MailContext,
  conversationId: number,
  index: number,
  entry: Sorted,
): Promise<Move> {
  const ordered = order === null ? {} : { orderedBy: order };
  switch (entry.kind) {
    case 'status':
      return { ticketId: entry.ticketId, event: { type: 'status_asked' } };
    case 'details':
      return {
        ticketId: entry.ticketId,
        event: {
          type: 'details_given',
          request: entry.request,
          judgement: entry.judgement,
          completed: entry.completed,
          differs: entry.differs,
          ...ordered,
        },
      };
    case 'open': {
      const id = await insertTicket(trx, deps, {
        conversationId,
        messageId: mail.messageId,
        requestNo: index,
        origin: 'mail',
        request: entry.request,
        requester: mail.author,
        requestedAt: mail.arrivedAt,
      });
      return {
        ticketId: id,
        event: {
          type: 'judged',
          judgement: entry.judgement,
          completed: entry.completed,
          ...ordered,
        },
      };
    }
  }
}

interface OwnConversation {
  readonly id: number;
  readonly locale: string;
}

/** The hinted conversation, if this very person opened it and it is not erased: that one has no address to write to. */
async function ownConversation(
  trx: Knex.Transaction,
  deps: DeskDeps,
  context: MailContext,
): Promise<OwnConversation | null> {
  // Whoever fails authentication is not the person that the thread belongs to.
  if (context.hinted.length === 0 || !isAnswerable(context.mail.standing)) return null;
  return lockOwn(trx, { hinted: context.hinted, hash: addressHash(deps.key, context.mail.author) });
}

const lockOwn = forMany(
  async (
    trx: Knex.Transaction,
    asked: readonly { readonly hinted: readonly number[]; readonly hash: string }[],
  ) => {
    const result = await prepared<{ rows: (OwnConversation & { requester_hash: string })[] }>(trx, LOCK_OWN, {
      ids: distinct(asked.flatMap(({ hinted }) => hinted)),
      hashes: distinct(asked.map(({ hash }) => hash)),
    });
    return asked.map(({ hinted, hash }): OwnConversation | null => {
      const own = result.rows.find((row) => row.requester_hash === hash && hinted.includes(row.id));
      return own === undefined ? null : { id: own.id, locale: own.locale };
    });
  },
);

// Against an erasure that has it in hand; tickets that are opened in it hold it like this anyway.
const LOCK_OWN = `
  select id, locale, requester_hash from conversations
  where id = any(cast(:ids as bigint[])) and requester_hash = any(cast(:hashes as text[])) and erased_at is null
  order by id desc for key share`;

const openConversation = (
  trx: Knex.Transaction,
  deps: DeskDeps,
  { mail, now }: MailContext,
): Promise<number> =>
  insertConversation(trx, {
    requester: mail.author,
    requester_hash: addressHash(deps.key, mail.author),
    subject: mail.subject.slice(0, 500).toWellFormed(),
    locale: mail.language,
    opened_at: now,
  });

const insertConversation = forMany(async (trx: Knex.Transaction, rows: readonly object[]) => {
  const result = await prepared<{ rows: { id: number }[] }>(trx, INSERT_CONVERSATIONS, [
    asRows(rows.map((row, no) => ({ no, ...row }))),
  ]);
  return result.rows.map(({ id }) => id);
});

const INSERT_CONVERSATIONS = `
  with opening as materialized (
    select nextval(pg_get_serial_sequence('conversations', 'id')) as id, r.*
    from jsonb_to_recordset(cast(? as jsonb)) as r (no integer, requester text, requester_hash text, subject text,
      locale text, opened_at timestamptz)
    order by no),
  inserted as (
    insert into conversations (id, requester, requester_hash, subject, locale, opened_at) overriding system value
    select id, requester, requester_hash, subject, locale, opened_at from opening order by no)
  select id from opening order by no`;

const WAITING_STATES: readonly State[] = ['received', 'needs_details', 'verifying'];

const waitingTickets = forMany(async (trx: Knex.Transaction, conversations: readonly number[]) => {
  const result = await prepared<{ rows: (WaitingTicket & { conversation_id: number })[] }>(
    trx,
    WAITING_TICKETS,
    {
      conversations: distinct(conversations),
      states: [...WAITING_STATES],
    },
  );
  const found = groupBy(result.rows, (row) => row.conversation_id);
  return conversations.map((id): readonly WaitingTicket[] =>
    (found.get(id) ?? []).map(({ conversation_id: _, ...ticket }) => ticket),
  );
});

const WAITING_TICKETS = `
  select conversation_id, id, state, request, asks from tickets
  where conversation_id = any(cast(:conversations as bigint[])) and state = any(cast(:states as text[]))
    and verified_at is null
  order by id`;

/** Asks an owner or admin what is to be deleted; everyone else gets the neutral mail. */
async function askForScope(trx: Knex.Transaction, deps: DeskDeps, context: MailContext): Promise<Handled> {
  const { mail, now } = context;
  if (!isAnswerable(mail.standing)) return other('authentication failed', null);
  const facts = await deps.factsFor(trx, mail.author, []);
  const known = facts.memberships.some((workspace) => isInCharge(roleOf(workspace, mail.author)));
  const cause = causeOf(context);
  const sent = await queueLooseMail(
    trx,
    deps,
    cause,
    {
      template: known ? 'needs_details' : 'not_authorised',
      as: known ? 'requester' : 'stranger',
      workspace: null,
    },
    now,
  );
  return sent
    ? other('asks for a deletion and does not say of what', null)
    : {
        disposition: 'silenced',
        reason: 'the reply budget is spent',
        conversationId: null,
        needsAgent: true,
      };
}

const other = (reason: string, conversationId: number | null): Handled => ({
  disposition: 'other',
  reason,
  conversationId,
  needsAgent: true,
});
