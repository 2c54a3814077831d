/**
 * Puts tickets into a state by the doors that the program itself uses: opened, judged, challenged, answered, so that
 * events, parties, challenges and plans are what they are after a real course. Only what a run cannot have is made up,
 * and said: an entitled requester whom the directory does not know.
 */
import type { Knex } from 'knex';
import { type OpenedDesk, openWholeDesk } from '../../../src/commands/open-desk.ts';
import { factsFor } from '../../../src/directory/lookups.ts';
import { addressHash, sha256 } from '../../../src/domain/canonical.ts';
import type { Workspace } from '../../../src/domain/directory.ts';
import type { Judgement } from '../../../src/domain/evidence.ts';
import { conversationId, referenceOf, type TicketId, ticketId } from '../../../src/domain/ids.ts';
import type { MailFacts } from '../../../src/domain/mail-facts.ts';
import type { DeletionRequest, WorkspaceRef } from '../../../src/domain/request.ts';
import { type Target, targetDigest } from '../../../src/domain/target.ts';
import type { Actor, State, TicketEvent } from '../../../src/domain/ticket.ts';
import { purgeTasks } from '../../../src/purge/run-purge.ts';
import type { DeskDeps } from '../../../src/tickets/ports.ts';
import { decide, insertTicket } from '../../../src/tickets/ticket-store.ts';
import { newChallenge } from '../../../src/verify/challenge.ts';
import { issueChallenge, markAnswered } from '../../../src/verify/challenge-store.ts';
import { type Clock, openClock } from './clock.ts';
import { challengeIdFor } from './known-code.ts';
import { UsageError } from './options.ts';
import type { Place } from './place.ts';
import type { WantedTicket } from './wanted.ts';

export type { WantedTicket } from './wanted.ts';

const HOUR_MS = 3_600_000;
/** A purge comes after five whole days at least; with the day on which they begin and the one on which they end, seven. */
const LONG_BEFORE_MS = 9 * 24 * HOUR_MS;
const AFTER_GRACE_MS = 2 * 24 * HOUR_MS;

/** @returns what was there before the mails, for the report */
export async function placeTickets(
  settings: NodeJS.ProcessEnv,
  wanted: readonly WantedTicket[],
  instant: Date,
  say: (line: string) => void,
): Promise<Place['before']> {
  if (wanted.length === 0) return { lastMessage: 0, tickets: new Map() };
  const opened = await openWholeDesk({ env: settings, migrate: false });
  const clock = await openClock(settings.DATABASE_URL ?? '');
  try {
    const at = (ms: number) => clock.set(new Date(instant.getTime() - ms));
    const past = wanted.filter(({ state }) => state === 'purging' || state === 'completed');
    const placing = new Placing(opened, clock, say);
    await at(LONG_BEFORE_MS);
    for (const ticket of past) await placing.place(ticket);
    if (past.length > 0) await at(AFTER_GRACE_MS);
    for (const ticket of past) await placing.purge(ticket);
    await at(HOUR_MS);
    for (const ticket of wanted) if (!past.includes(ticket)) await placing.place(ticket);
    return await settle(opened.desk.db);
  } finally {
    await clock.close();
    await opened.close();
  }
}

/** What the desk wrote on the way has been read long ago; new numbers follow behind the given ones. */
async function settle(db: Knex): Promise<Place['before']> {
  await db.raw(`delete from graphile_worker._private_jobs where task_id not in
    (select id from graphile_worker._private_tasks where identifier = 'purge.step')`);
  await db.raw(`select setval(pg_get_serial_sequence('tickets', 'id'), (select max(id) from tickets))`);
  const last = await db('messages').max<{ id: number }[]>('id as id');
  const { rows } = await db.raw<{ rows: { id: number; events: number; deleted: number }[] }>(
    `select t.id, t.audit_seq as events,
       (select coalesce(sum(s.deleted), 0)::bigint from purge_steps s where s.ticket_id = t.id) as deleted
     from tickets t`,
  );
  return {
    lastMessage: Number(last[0]?.id ?? 0),
    tickets: new Map(rows.map(({ id, events, deleted }) => [id, { events, deleted }])),
  };
}

class Placing {
  readonly #desk: OpenedDesk['desk'];
  readonly #clock: Clock;
  readonly #say: (line: string) => void;

  constructor(opened: OpenedDesk, clock: Clock, say: (line: string) => void) {
    this.#desk = opened.desk;
    this.#clock = clock;
    this.#say = say;
  }

  /** Up to `grace`, or as far as the wanted state lies before it. */
  async place(wanted: WantedTicket): Promise<void> {
    const { db } = this.#desk;
    const id = ticketId(wanted.reference);
    const now = await this.#clock.now();
    await db.raw(`select setval(pg_get_serial_sequence('tickets', 'id'), ?, false)`, [id]);
    const deps = this.#depsFor(wanted);
    const judgement = await db.transaction((trx) => this.#judgementOf(trx, deps, wanted, now));
    await db.transaction(async (trx) => {
      const conversation = await openConversation(trx, deps, wanted, now);
      const opened = await insertTicket(trx, deps, {
        conversationId: conversation.id,
        messageId: conversation.message,
        requestNo: 0,
        origin: 'mail',
        request: requestOf(wanted),
        requester: wanted.requester,
        requestedAt: now,
      });
      if (opened !== id) throw new Error(`${referenceOf(id)} became ${referenceOf(opened)}`);
      await decide(
        trx,
        deps,
        { kind: 'desk' },
        [{ ticketId: id, event: { type: 'judged', judgement } }],
        now,
      );
    });
    for (const event of courseTo(wanted.state, judgement, deps, wanted)) {
      if (event.type === 'challenge_answered') await this.#answerChallenge(id, now);
      await this.#move(deps, id, event, now);
    }
    if (wanted.state === 'grace' || wanted.state === 'approval') await this.#rehearse(id);
    for (const reason of wanted.holds ?? []) {
      await this.#move(deps, id, { type: 'held', reason, by: AGENT, note: 'as the state file says' }, now);
    }
    await this.#markSent(wanted);
    await this.#check(
      id,
      wanted.state === 'purging' || wanted.state === 'completed' ? 'grace' : wanted.state,
    );
  }

  /** From `grace` on, once it has ended. */
  async purge(wanted: WantedTicket): Promise<void> {
    const id = ticketId(wanted.reference);
    await this.#rehearse(id);
    await this.#move(
      this.#depsFor(wanted),
      id,
      { type: 'grace_elapsed', obstacles: [] },
      await this.#clock.now(),
    );
    if (wanted.state === 'completed') {
      const step = purgeTasks(this.#desk.purge)['purge.step'];
      for (let tries = 0; (await this.#stateOf(id)) === 'purging'; tries += 1) {
        if (tries === STEPS_MAX) throw new Error(`${referenceOf(id)} does not come to the end of its purge`);
        await step({ ticketId: id, no: await this.#nextStep(id) }, new AbortController().signal);
      }
      await this.#desk.db.raw(`delete from graphile_worker._private_jobs where payload ->> 'ticketId' = ?`, [
        String(id),
      ]);
    }
    await this.#markSent(wanted);
    await this.#check(id, wanted.state);
  }

  #depsFor(wanted: WantedTicket): DeskDeps {
    const { tickets, environment } = this.#desk;
    const { key, policy } = environment;
    return {
      ...tickets,
      // The budgets are those of the mails of the run.
      askPermit: async () => ({ kind: 'granted', notBefore: null }),
      policy: wanted.state === 'approval' ? { ...policy, review: 'all' } : policy,
      issueChallenge: async (trx, order) => {
        if (wanted.code === null) return tickets.issueChallenge(trx, order);
        const challenge = newChallenge({
          ...order,
          key,
          id: challengeIdFor(key, wanted.code),
          conversationId: conversationId(order.conversationId),
          policy,
        });
        await issueChallenge(trx, challenge);
        return challenge;
      },
    };
  }

  /** The judge's own word where it lets the requester in, else one that does. */
  async #judgementOf(
    trx: Knex.Transaction,
    deps: DeskDeps,
    wanted: WantedTicket,
    now: Date,
  ): Promise<Judgement> {
    const name = referenceOf(ticketId(wanted.reference));
    if (wanted.state === 'received') {
      return { verdict: 'failed', reasons: ['as the state file says'], target: null, asks: [] };
    }
    const request = requestOf(wanted);
    const refs = refsOf(wanted);
    const facts = await deps.factsFor(trx, wanted.requester, refs);
    if (wanted.state === 'needs_details') {
      const asks = [{ field: 'workspace', why: 'missing' }] as const;
      return { verdict: 'entitled', reasons: ['as the state file says'], target: null, asks };
    }
    const judged = deps.judge({
      request,
      problems: [],
      standing: 'authenticated',
      sender: wanted.requester,
      facts,
      requestedAt: now,
    });
    if (judged.verdict === 'entitled' && judged.target !== null) return judged;
    const known = (await factsFor(trx, null, refs)).mentioned;
    const workspaces = refs.flatMap((ref) => chosen(known, ref) ?? []);
    if (workspaces.length === 0) {
      throw new UsageError(
        `--state: ${name}: the directory knows no workspace ${wanted.workspace?.join(', ') ?? ''}`,
      );
    }
    this.#say(
      `${name}: the judge says ${judged.verdict} (${judged.reasons.join('; ')}); entitled by the state file`,
    );
    const target = targetOf(request, workspaces, now);
    return { verdict: 'entitled', reasons: ['as the state file says'], target, asks: [] };
  }

  async #move(deps: DeskDeps, id: TicketId, event: TicketEvent, at: Date): Promise<void> {
    const decision = await this.#desk.db.transaction((trx) =>
      decide(trx, deps, { kind: 'desk' }, [{ ticketId: id, event }], at),
    );
    const [outcome] = decision.outcomes;
    if (outcome?.kind === 'refused')
      throw new Error(`${referenceOf(id)}: ${event.type} was refused: ${outcome.why}`);
  }

  async #answerChallenge(id: TicketId, now: Date): Promise<void> {
    await this.#desk.db.transaction(async (trx) => {
      const open = await trx('challenges')
        .select<{ id: string }[]>('challenges.id')
        .join('tickets', 'tickets.conversation_id', 'challenges.conversation_id')
        .where('tickets.id', id)
        .whereNull('answered_at')
        .whereNull('voided_at');
      for (const challenge of open) await markAnswered(trx, challenge.id, now);
    });
  }

  #rehearse(id: TicketId): Promise<void> {
    return purgeTasks(this.#desk.purge)['purge.rehearse']({ ticketId: id }, new AbortController().signal);
  }

  async #stateOf(id: TicketId): Promise<State> {
    const row = await this.#desk.db('tickets').select<{ state: State }[]>('state').where({ id }).first();
    return row?.state ?? 'received';
  }

  async #nextStep(id: TicketId): Promise<number> {
    const open = this.#desk.db('purge_steps').where({ ticket_id: id }).whereNot({ status: 'done' });
    const row = await open.min<{ no: number | null }[]>('no as no').first();
    return Number(row?.no ?? 1);
  }

  async #check(id: TicketId, state: State): Promise<void> {
    const found = await this.#stateOf(id);
    if (found !== state) throw new Error(`${referenceOf(id)} is ${found} instead of ${state}`);
  }

  /** With the Message-IDs that they went out with, so that answers find their way. */
  async #markSent(wanted: WantedTicket): Promise<void> {
    const { db, outbox } = this.#desk;
    const rows = await db('outbox')
      .select<{ id: number; facts: MailFacts; mailbox: string | null }[]>('id', 'facts', 'mailbox')
      .where({ status: 'pending' })
      .orderBy('id');
    for (const [index, row] of rows.entries()) {
      const messageId = wanted.sentMessageIds?.[index] ?? outbox.messageIdOf(row);
      await db('outbox')
        .where({ id: row.id })
        .update({ status: 'sent', attempts: 1, sent_at: db.raw('desk_now()'), message_id_header: messageId });
    }
  }
}

const STEPS_MAX = 50;
const AGENT: Actor = { kind: 'agent', name: 'state-file' };

/** What happens to a ticket from its judgement on. */
function courseTo(
  state: State,
  { target }: Judgement,
  deps: DeskDeps,
  wanted: WantedTicket,
): readonly TicketEvent[] {
  const by: Actor = { kind: 'party', hash: addressHash(deps.key, wanted.requester), role: 'owner' };
  const digest = target === null ? '' : targetDigest(target);
  const note = 'as the state file says';
  switch (state) {
    case 'approval':
    case 'grace':
    case 'purging':
    case 'completed':
      return [{ type: 'challenge_answered', by, via: 'reply', digest, entitled: true, blockers: [] }];
    case 'cancelled':
      return [{ type: 'cancel_asked', by, standing: 'authenticated' }];
    case 'rejected':
      return [{ type: 'rejected_by_agent', by: AGENT, note }];
    case 'expired':
      return [{ type: 'lapsed' }];
    default:
      return [];
  }
}

const refsOf = (wanted: WantedTicket): readonly WorkspaceRef[] =>
  (wanted.workspace ?? []).flatMap((name) => [{ id: name }, { slug: name.toLowerCase() }]);

/** By ID, else the living one of that slug, else the one that had it. */
function chosen(known: readonly Workspace[], ref: WorkspaceRef): Workspace | null {
  const found =
    'id' in ref ? known.filter(({ id }) => id === ref.id) : known.filter(({ slug }) => slug === ref.slug);
  return found.find(({ deletedAt }) => deletedAt === null) ?? found[0] ?? null;
}

function requestOf(wanted: WantedTicket): DeletionRequest {
  const name = wanted.workspace?.[0];
  return {
    scope: wanted.scope ?? ((wanted.workspace?.length ?? 0) > 1 ? 'account' : 'workspace'),
    workspace: name === undefined || wanted.state === 'needs_details' ? null : refTo(name),
    source: wanted.source ?? null,
    space: wanted.space ?? null,
    users: wanted.users ?? [],
    events: wanted.events ?? [],
    properties: [],
    project: wanted.project ?? null,
    timeFrame: wanted.timeFrame ?? null,
  };
}

/** Small letters, digits and dashes may be either; the desk's own reader takes them for a slug as well. */
const refTo = (name: string): WorkspaceRef =>
  /^[a-z0-9][a-z0-9_-]*$/.test(name) ? { slug: name } : { id: name };

function targetOf(request: DeletionRequest, workspaces: readonly Workspace[], now: Date): Target {
  const [first] = workspaces;
  const named = (
    list: readonly { readonly id: string; readonly name: string }[] | undefined,
    name: string | null,
  ) =>
    name === null
      ? null
      : (list?.find((part) => part.id === name || part.name === name) ?? { id: name, name });
  const distinct = [...new Map(workspaces.map((workspace) => [workspace.id, workspace])).values()];
  return {
    scope: request.scope,
    workspaces: distinct
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, slug, name, createdAt, deletedAt }) => ({
        id,
        slug,
        name,
        createdAt: createdAt.toISOString(),
        tombstone: deletedAt !== null,
      })),
    source: named(first?.sources, request.source),
    space: named(first?.spaces, request.space),
    project: named(first?.projects, request.project),
    users: request.users,
    events: request.events,
    properties: request.properties,
    timeFrame: request.timeFrame,
    cutoff: now.toISOString(),
  };
}

/** The mail that opened the ticket, as far as threads need it, and its conversation. */
async function openConversation(
  trx: Knex.Transaction,
  deps: DeskDeps,
  wanted: WantedTicket,
  now: Date,
): Promise<{ readonly id: number; readonly message: number }> {
  const subject = wanted.subject ?? 'Data deletion request';
  const hash = addressHash(deps.key, wanted.requester);
  const [conversation] = await trx('conversations')
    .insert({ requester: wanted.requester, requester_hash: hash, subject, locale: 'en', opened_at: now })
    .returning<{ id: number }[]>('id');
  if (conversation === undefined) throw new TypeError('insert returned no row');
  const messageId = wanted.messageId ?? `<request-${wanted.reference}@${domainOf(wanted.requester)}>`;
  const [message] = await trx('messages')
    .insert({
      content_hash: sha256(`state ${wanted.reference}`),
      size_bytes: 0,
      arrived_at: now,
      status: 'done',
      disposition: 'opened',
      disposition_reason: 'as the state file says',
      conversation_id: conversation.id,
      author: wanted.requester,
      message_id_header: messageId,
      subject,
      handled_at: now,
    })
    .returning<{ id: number }[]>('id');
  if (message === undefined) throw new TypeError('insert returned no row');
  return { id: conversation.id, message: message.id };
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);
