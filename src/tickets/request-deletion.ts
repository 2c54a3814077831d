import type { Knex } from 'knex';
import { addressHash, type Canonical, canonicalJson } from '../domain/canonical.ts';
import { isInCharge, roleOf } from '../domain/directory.ts';
import type { Judgement } from '../domain/evidence.ts';
import { type TicketId, ticketId } from '../domain/ids.ts';
import type { Handled } from '../domain/mail.ts';
import type { DeletionRequest } from '../domain/request.ts';
import type { Target } from '../domain/target.ts';
import type { State } from '../domain/ticket.ts';
import { isOpen, ticketsOfParty } from './find-tickets.ts';
import type { MailContext } from './handle-mail.ts';
import { mergeDetails, pickWaiting, type WaitingTicket } from './merge-details.ts';
import type { DeskDeps } from './ports.ts';
import { queueLooseMail } from './queue-mails.ts';
import { withinBudget } from './reply-budget.ts';
import { decide, insertTicket, type Move } from './ticket-store.ts';

/** More requests than this in one mail are for an agent: nobody writes that many by hand. */
const REQUESTS_MAX = 20;

/** A mail that asks to delete: details for a ticket that waits for them, or new tickets, one a request. */
export async function requestDeletion(
  trx: Knex.Transaction,
  deps: DeskDeps,
  context: MailContext,
): Promise<Handled> {
  const { mail } = context;
  const { requests } = mail.understanding;
  if (requests.length === 0) return askForScope(trx, deps, context);
  if (requests.length > REQUESTS_MAX) {
    return other('more requests in one mail than a person writes', null);
  }
  const conversation = await ownConversation(trx, deps, context);
  const waiting = conversation === null ? [] : await waitingTickets(trx, conversation);
  if (mail.answersForm && waiting.length === 0) {
    return other('fills in a form of ours, and no ticket waits for it any more', conversation);
  }
  const plan = await sort(trx, deps, context, waiting);
  const opening = plan.filter((entry) => entry.kind === 'open');
  if (opening.length === plan.length && opening.every((entry) => isForNobody(entry.judgement))) {
    const hash = addressHash(deps.key, mail.author);
    if (!(await withinBudget(trx, hash, 'stranger', context.now))) {
      return {
        disposition: 'silenced',
        reason: 'the reply budget of this stranger is spent',
        conversationId: null,
        needsAgent: true,
      };
    }
  }
  const conversationId = conversation ?? (await openConversation(trx, deps, context));
  const moves: Move[] = [];
  for (const [index, entry] of plan.entries())
    moves.push(await moveFor(trx, deps, context, conversationId, index, entry));
  const decision = await decide(
    trx,
    deps,
    { kind: 'message', messageId: mail.messageId, sender: mail.author },
    moves,
    context.now,
  );
  const silenced = decision.silenced ? '; a reply was due and the budget is spent' : '';
  const unproven = opening.some(
    (entry) =>
      entry.judgement.verdict === 'failed' ||
      entry.judgement.verdict === 'unauthenticated' ||
      entry.judgement.verdict === 'contradictory',
  );
  return {
    disposition: opening.length > 0 ? 'opened' : 'joined',
    reason: `${opening.length} opened, ${plan.length - opening.length} joined${silenced}`,
    conversationId,
    needsAgent: decision.silenced || unproven,
  };
}

type Sorted =
  | { readonly kind: 'open'; readonly request: DeletionRequest; readonly judgement: Judgement }
  | {
      readonly kind: 'details';
      readonly ticketId: TicketId;
      readonly request: DeletionRequest;
      readonly judgement: Judgement;
    }
  | { readonly kind: 'status'; readonly ticketId: TicketId };

const isForNobody = (judgement: Judgement): boolean =>
  judgement.verdict === 'not_entitled' || judgement.verdict === 'wrong_workspace';

/** For each request: does it complete a waiting ticket, repeat an open one, or open a new one? */
async function sort(
  trx: Knex.Transaction,
  deps: DeskDeps,
  context: MailContext,
  waiting: readonly WaitingTicket[],
): Promise<readonly Sorted[]> {
  const { mail } = context;
  const { requests, problems } = mail.understanding;
  const merged = requests.map((given) => {
    const ticket = pickWaiting(waiting, given, requests.length);
    return { ticket, given, request: ticket === null ? given : mergeDetails(ticket.request, given) };
  });
  const refs = merged.flatMap(({ given, request }) =>
    [given.workspace ?? [], request.workspace ?? []].flat(),
  );
  const facts = await deps.factsFor(trx, mail.author, refs);
  const open = (await ticketsOfParty(trx, mail.author, {})).filter(isOpen);
  const taken = new Set<number>();
  const judged = (request: DeletionRequest) =>
    deps.judge({
      request,
      problems,
      standing: mail.standing,
      sender: mail.author,
      facts,
      requestedAt: mail.arrivedAt,
    });
  const sorted = merged.map(({ ticket, given, request: whole }): Sorted => {
    const completed = judged(whole);
    // Details that are not allowed are a request of their own: a forged mail must not close what waits.
    const isDetails = ticket !== null && !taken.has(ticket.id) && completed.verdict === 'entitled';
    if (isDetails) {
      taken.add(ticket.id);
      return { kind: 'details', ticketId: ticketId(ticket.id), request: whole, judgement: completed };
    }
    const request = completed.verdict === 'entitled' ? whole : given;
    const judgement = request === whole ? completed : judged(given);
    const same = open.find(
      (other) =>
        other.target !== null && judgement.target !== null && isSameTarget(other.target, judgement.target),
    );
    if (same !== undefined) return { kind: 'status', ticketId: ticketId(same.id) };
    return { kind: 'open', request, judgement };
  });
  return sorted.filter((entry, index) => !repeats(entry, sorted.slice(0, index)));
}

/** The same thing asked for twice in one mail is one request. */
const repeats = (entry: Sorted, before: readonly Sorted[]): boolean =>
  entry.kind === 'open' &&
  before.some(
    (earlier) =>
      earlier.kind === 'open' &&
      canonicalJson(asJson(earlier.request)) === canonicalJson(asJson(entry.request)),
  );

const asJson = (value: DeletionRequest | Target): Canonical => value as unknown as Canonical;

async function moveFor(
  trx: Knex.Transaction,
  deps: DeskDeps,
  { mail }: MailContext,
  conversationId: number,
  index: number,
  entry: Sorted,
): Promise<Move> {
  switch (entry.kind) {
    case 'status':
      return { ticketId: entry.ticketId, event: { type: 'status_asked' } };
    case 'details':
      return {
        ticketId: entry.ticketId,
        event: { type: 'details_given', request: entry.request, judgement: entry.judgement },
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
      return { ticketId: id, event: { type: 'judged', judgement: entry.judgement } };
    }
  }
}

/** The hinted conversation, if this very person opened it. */
async function ownConversation(
  trx: Knex.Transaction,
  deps: DeskDeps,
  context: MailContext,
): Promise<number | null> {
  // Whoever fails authentication is not the person that the thread belongs to.
  if (context.hinted.length === 0 || context.mail.standing === 'failed') return null;
  const rows = await trx('conversations')
    .select<{ id: number }[]>('id')
    .whereIn('id', context.hinted)
    .where({ requester_hash: addressHash(deps.key, context.mail.author) })
    .orderBy('id', 'desc');
  return rows[0]?.id ?? null;
}

async function openConversation(
  trx: Knex.Transaction,
  deps: DeskDeps,
  { mail, now }: MailContext,
): Promise<number> {
  const [row] = await trx('conversations')
    .insert({
      requester: mail.author,
      requester_hash: addressHash(deps.key, mail.author),
      subject: mail.subject.slice(0, 500),
      opened_at: now,
    })
    .returning<{ id: number }[]>('id');
  if (row === undefined) throw new TypeError('insert returned no row');
  return row.id;
}

const WAITING_STATES: readonly State[] = ['received', 'needs_details', 'verifying'];

async function waitingTickets(
  trx: Knex.Transaction,
  conversationId: number,
): Promise<readonly WaitingTicket[]> {
  return trx('tickets')
    .select<WaitingTicket[]>('id', 'state', 'request')
    .where({ conversation_id: conversationId })
    .whereIn('state', WAITING_STATES)
    .whereNull('verified_at')
    .orderBy('id');
}

/** Asks an owner or admin what is to be deleted; everyone else gets the neutral mail. */
async function askForScope(
  trx: Knex.Transaction,
  deps: DeskDeps,
  { mail, now }: MailContext,
): Promise<Handled> {
  if (mail.standing === 'failed') return other('authentication failed', null);
  const facts = await deps.factsFor(trx, mail.author, []);
  const known = facts.memberships.some((workspace) => isInCharge(roleOf(workspace, mail.author)));
  const cause = { kind: 'message', messageId: mail.messageId, sender: mail.author } as const;
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

/** The cut-off moves with each request; everything else decides whether it is the same deletion. */
function isSameTarget(a: Target, b: Target): boolean {
  const text = (target: Target) => canonicalJson(asJson({ ...target, cutoff: '' }));
  return text(a) === text(b);
}
