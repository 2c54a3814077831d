/**
 * The one door: nothing else changes a ticket. Lock the rows, decide purely, write, append to the audit chain, place
 * holds, queue the mails and the jobs, all in the caller's transaction.
 */
import type { Knex } from 'knex';
import { deskNow } from '../db/connection.ts';
import { prepared } from '../db/prepared.ts';
import { asRows, distinct, groupBy } from '../db/rows.ts';
import { forMany, inTurn } from '../db/together.ts';
import { addressHash } from '../domain/canonical.ts';
import { PurgedeskError } from '../domain/errors.ts';
import { type TicketId, ticketId } from '../domain/ids.ts';
import type { DeletionRequest } from '../domain/request.ts';
import type { HoldReason, Ticket, TicketEvent, TicketIn } from '../domain/ticket.ts';
import type { TicketNews } from '../domain/ticket-news.ts';
import { actorText, linkHash } from './audit.ts';
import type { HoldChange, JobSpec, Outcome } from './outcome.ts';
import { nextWake } from './policy.ts';
import type { TicketDeps } from './ports.ts';
import { type Cause, queueMails, type Wish } from './queue-mails.ts';
import { changedColumns, TICKET_COLUMNS, type TicketRow, ticketFromRow } from './ticket-row.ts';
import { transition } from './transition.ts';
import { updateTicket } from './update-ticket.ts';

/**
 * One event for one ticket. `within` runs once the event was accepted and before the ticket is written, so that the
 * database finds what the new state needs, such as the receipt of a completed ticket.
 */
export interface Move {
  readonly ticketId: TicketId;
  readonly event: TicketEvent;
  readonly within?: (trx: Knex.Transaction) => Promise<void>;
}

export interface Decision {
  readonly outcomes: readonly Outcome[];
  /** Mails that were queued. */
  readonly mails: number;
  /** A mail was due and the reply budget was spent: agents should look. */
  readonly silenced: boolean;
}

/**
 * Applies events to tickets, at desk time or at the instant that the caller has read within this transaction. Rows are locked in the order of their ids, whatever the order of the moves.
 * @throws PurgedeskError PD_TICKET_NOT_FOUND
 */
export async function decide(
  trx: Knex.Transaction,
  deps: TicketDeps,
  cause: Cause,
  moves: readonly Move[],
  at?: Date,
): Promise<Decision> {
  const now = at ?? (await deskNow(trx));
  const tickets = await lockTickets(
    trx,
    moves.map((move) => move.ticketId),
  );
  const outcomes: Outcome[] = [];
  const wishes: Wish[] = [];
  for (const move of moves) {
    const held = tickets.get(move.ticketId);
    if (held === undefined) {
      throw new PurgedeskError('PD_TICKET_NOT_FOUND', `no ticket has the number ${move.ticketId}`, {
        details: { ticket: move.ticketId },
      });
    }
    const outcome = transition(held.ticket, move.event, deps.policy, now);
    outcomes.push(outcome);
    if (outcome.kind === 'refused') continue;
    await move.within?.(trx);
    const head = await write(trx, deps, held, outcome, now);
    tickets.set(move.ticketId, { ...held, ...head, ticket: outcome.ticket });
    const { type } = move.event;
    const flags = { reminder: type === 'reminder_due', unproven: type === 'code_unproven' };
    wishes.push(...outcome.replies.map((intent) => ({ ticketId: move.ticketId, intent, ...flags })));
  }
  const queued = await queueMails(trx, deps, cause, wishes, now);
  return { outcomes, ...queued };
}

/** What a ticket begins with. */
interface Opening {
  readonly conversationId: number;
  readonly messageId: number | null;
  /** Position of the request in its mail, from 0. */
  readonly requestNo: number;
  readonly origin: 'mail' | 'app';
  readonly request: DeletionRequest;
  /** `null` = a deletion in the app that names nobody. */
  readonly requester: string | null;
  readonly requestedAt: Date;
}

/** Opens a ticket in `received`; nothing is decided about it yet. */
export const insertTicket = (trx: Knex.Transaction, deps: TicketDeps, opening: Opening): Promise<TicketId> =>
  insertOne(trx, {
    conversation_id: opening.conversationId,
    message_id: opening.messageId,
    request_no: opening.requestNo,
    origin: opening.origin,
    scope: opening.request.scope,
    request: opening.request,
    requester: opening.requester,
    requester_hash: requesterHash(deps.key, opening.requester),
    requested_at: opening.requestedAt,
    due_at: new Date(opening.requestedAt.getTime() + deps.policy.deadlineDays * 86_400_000),
  });

const insertOne = forMany(async (trx: Knex.Transaction, rows: readonly object[]) => {
  const numbered = rows.map((row, no) => ({ no, ...row }));
  const result = await prepared<{ rows: { id: number }[] }>(trx, INSERT_TICKETS, [asRows(numbered)]);
  return result.rows.map(({ id }) => ticketId(id));
});

const INSERT_TICKETS = `
  with opening as materialized (
    select nextval(pg_get_serial_sequence('tickets', 'id')) as id, r.*
    from jsonb_to_recordset(cast(? as jsonb)) as r (no integer, conversation_id bigint, message_id bigint,
      request_no integer, origin text, scope text, request jsonb, requester text, requester_hash text,
      requested_at timestamptz, due_at timestamptz)
    order by no),
  inserted as (
    insert into tickets (id, conversation_id, message_id, request_no, origin, scope, request, requester, requester_hash,
      requested_at, due_at, state_since)
    select id, conversation_id, message_id, request_no, origin, scope, request, requester, requester_hash,
      requested_at, due_at, requested_at
    from opening order by no)
  select id from opening order by no`;

/** By which a requester is known again once the address is erased; nobody in particular has the empty one. */
export const requesterHash = (key: Uint8Array, requester: string | null): string =>
  requester === null ? '' : addressHash(key, requester);

/** Reads tickets without locking them. */
export async function readTickets(db: Knex, ids: readonly TicketId[]): Promise<readonly Ticket[]> {
  const rows = await db('tickets').select<TicketRow[]>(TICKET_COLUMNS).whereIn('id', ids).orderBy('id');
  const holds = await activeHolds(db, ids);
  return rows.map((row) => ticketFromRow(row, holds.get(row.id) ?? []));
}

interface Locked {
  readonly ticket: Ticket;
  readonly seq: number;
  readonly head: string;
}

/** Holds are read by a statement of their own: whoever had a row before us may have placed one meanwhile. */
const lockTickets = forMany(async (trx: Knex.Transaction, asked: readonly (readonly TicketId[])[]) => {
  const ids = distinct(asked.flat());
  if (asked.length > 1 && ids.length < asked.flatMap((each) => distinct(each)).length) {
    throw new TypeError('two decisions about one ticket cannot be taken side by side');
  }
  const rows = await prepared<{ rows: TicketRow[] }>(trx, LOCK_TICKETS, [ids]);
  const holds = await activeHolds(trx, ids);
  const locked = new Map(
    rows.rows.map((row): [number, Locked] => [
      row.id,
      {
        ticket: ticketFromRow(row, holds.get(row.id) ?? []),
        seq: row.audit_seq,
        head: row.audit_head,
      },
    ]),
  );
  return asked.map(
    (each) =>
      new Map(
        distinct(each).flatMap((id): [TicketId, Locked][] => {
          const one = locked.get(id);
          return one === undefined ? [] : [[id, one]];
        }),
      ),
  );
});

const LOCK_TICKETS = `
  select ${TICKET_COLUMNS.join(', ')} from tickets where id = any(cast(? as bigint[])) order by id for update`;

async function activeHolds(db: Knex, ids: readonly number[]): Promise<Map<number, HoldReason[]>> {
  const result = await prepared<{ rows: { ticket_id: number; reason: HoldReason }[] }>(db, ACTIVE_HOLDS, [
    distinct(ids),
  ]);
  const byTicket = groupBy(result.rows, (row) => row.ticket_id);
  return new Map([...byTicket].map(([id, rows]) => [id, rows.map((row) => row.reason)]));
}

const ACTIVE_HOLDS = `
  select ticket_id, reason from holds where ticket_id = any(cast(? as bigint[])) and lifted_at is null order by id`;

/** Holds first: the database refuses to start a purge while one stands. */
async function write(
  trx: Knex.Transaction,
  deps: TicketDeps,
  locked: Locked,
  outcome: Exclude<Outcome, { kind: 'refused' }>,
  now: Date,
): Promise<{ readonly seq: number; readonly head: string }> {
  const { ticket, record } = outcome;
  const link = {
    ticket: ticket.id,
    seq: locked.seq + 1,
    at: now.toISOString(),
    type: record.type,
    was: locked.ticket.state,
    became: ticket.state,
    actor: actorText(record.actor),
    details: record.details,
  };
  const hash = linkHash(locked.head, link);
  await writeHolds(trx, ticket, outcome.holds, now);
  await updateTicket(trx, {
    id: ticket.id,
    ...changedColumns(ticket),
    wake_at: nextWake(ticket, deps.policy, now),
    audit_seq: link.seq,
    audit_head: hash,
  });
  await insertEvent(trx, {
    ticket_id: ticket.id,
    seq: link.seq,
    at: now,
    type: link.type,
    was: link.was,
    became: link.became,
    actor: link.actor,
    details: link.details,
    previous_hash: locked.head,
    hash,
  });
  if (ticket.state === 'purging' && locked.ticket.state !== 'purging')
    await deps.purgeStarts?.(trx, ticket, now);
  if (isForAnother(locked.ticket, ticket)) await inTurn(trx, () => forget(trx, ticket, now));
  // Whoever came into charge after the end was told of nothing, and hears of no follow-up.
  if ('target' in ticket && locked.ticket.state !== 'completed') await addParties(trx, ticket.id);
  for (const job of outcome.jobs) await enqueue(trx, job);
  await deps.announce?.(trx, newsOf(locked.ticket, outcome, { seq: link.seq, at: now }));
  return { seq: link.seq, head: hash };
}

/** What other systems may hear of it. */
function newsOf(
  before: Ticket,
  { ticket, holds }: Exclude<Outcome, { kind: 'refused' }>,
  event: Pick<TicketNews, 'seq' | 'at'>,
): TicketNews {
  const changed = (change: HoldChange['change']) =>
    holds.filter((hold) => hold.change === change).map((hold) => hold.reason);
  const placed = changed('placed');
  return {
    ...event,
    ticketId: ticket.id,
    was: before.state,
    state: ticket.state,
    scope: ticket.request.scope,
    origin: ticket.origin,
    holds: ticket.holds,
    placed,
    // What somebody took over was never off.
    lifted: changed('lifted').filter((reason) => !placed.includes(reason)),
    requestedAt: ticket.requestedAt,
    dueAt: ticket.dueAt,
    graceEndsAt: 'graceEndsAt' in ticket ? ticket.graceEndsAt : null,
    closedAt: 'closedAt' in ticket ? ticket.closedAt : null,
  };
}

/** Something else is to be confirmed than before. */
const isForAnother = (was: Ticket, now: Ticket): now is TicketIn<'verifying'> =>
  now.state === 'verifying' &&
  now.verifiedAt === null &&
  was.correctedBy !== now.correctedBy &&
  !('digest' in was && was.digest === now.digest);

/**
 * Whoever is in charge of what was named by mistake hears nothing of this ticket; a plan of it is no plan of this, and
 * its code confirms nothing, also where the mail with the new one has to wait.
 */
async function forget(trx: Knex.Transaction, ticket: TicketIn<'verifying'>, now: Date): Promise<void> {
  const ids = ticket.target.workspaces.map(({ id }) => id);
  await trx('parties').where({ ticket_id: ticket.id }).whereNotIn('workspace_id', ids).delete();
  await trx('purge_steps').where({ ticket_id: ticket.id }).delete();
  await trx('cap_holds').where({ ticket_id: ticket.id }).delete();
  await trx('challenges')
    .where({ conversation_id: ticket.conversationId, purpose: 'verify', answered_at: null, voided_at: null })
    .update({ voided_at: now });
}

const insertEvent = forMany(async (trx: Knex.Transaction, events: readonly object[]) => {
  await prepared(trx, INSERT_EVENTS, [asRows(events)]);
  return events.map(() => undefined);
});

const INSERT_EVENTS = `
  insert into ticket_events (ticket_id, seq, at, type, was, became, actor, details, previous_hash, hash)
  select ticket_id, seq, at, type, was, became, actor, details, previous_hash, hash
  from jsonb_to_recordset(cast(? as jsonb)) as r (ticket_id bigint, seq integer, at timestamptz, type text, was text,
    became text, actor text, details jsonb, previous_hash text, hash text)
  order by ticket_id, seq`;

/** Everyone in charge now joins those who were in charge before: nobody is ever dropped from the parties. */
const addParties = forMany(async (trx: Knex.Transaction, ids: readonly TicketId[]) => {
  await prepared(trx, ADD_PARTIES, [[...ids]]);
  return ids.map(() => undefined);
});

const ADD_PARTIES = `
  insert into parties (ticket_id, workspace_id, address, role, since)
  select t.id, m.workspace_id, m.address, m.role, desk_now()
  from tickets t join members m on m.workspace_id = any(t.workspace_ids)
  where t.id = any(cast(? as bigint[])) and m.role in ('owner', 'admin') and m.removed_at is null
  on conflict do nothing`;

async function writeHolds(
  trx: Knex.Transaction,
  ticket: Ticket,
  changes: readonly HoldChange[],
  now: Date,
): Promise<void> {
  for (const change of changes) {
    if (change.change === 'placed') {
      await placeHold(trx, {
        ticket_id: ticket.id,
        reason: change.reason,
        note: change.note,
        placed_by: actorText(change.by),
        placed_at: now,
      });
    } else {
      await liftHold(trx, {
        ticket_id: ticket.id,
        reason: change.reason,
        lifted_at: now,
        lifted_by: actorText(change.by),
        lift_note: change.note,
      });
    }
  }
}

const placeHold = forMany(async (trx: Knex.Transaction, holds: readonly object[]) => {
  await prepared(trx, PLACE_HOLDS, [asRows(holds)]);
  return holds.map(() => undefined);
});

const PLACE_HOLDS = `
  insert into holds (ticket_id, reason, note, placed_by, placed_at)
  select ticket_id, reason, note, placed_by, placed_at
  from jsonb_to_recordset(cast(? as jsonb)) as r (ticket_id bigint, reason text, note text, placed_by text,
    placed_at timestamptz)`;

const liftHold = forMany(async (trx: Knex.Transaction, holds: readonly object[]) => {
  await prepared(trx, LIFT_HOLDS, [asRows(holds)]);
  return holds.map(() => undefined);
});

const LIFT_HOLDS = `
  update holds h set lifted_at = r.lifted_at, lifted_by = r.lifted_by, lift_note = r.lift_note
  from jsonb_to_recordset(cast(? as jsonb)) as r (ticket_id bigint, reason text, lifted_at timestamptz, lifted_by text,
    lift_note text)
  where h.ticket_id = r.ticket_id and h.reason = r.reason and h.lifted_at is null`;

/** A job in the deciding transaction: it exists if and only if the decision does. */
export const enqueue = (
  trx: Knex.Transaction,
  job: Omit<JobSpec, 'task'> & { readonly task: string },
  { afterSeconds = 0 }: { readonly afterSeconds?: number } = {},
): Promise<void> => addJob(trx, { ...job, after: afterSeconds });

const addJob = forMany(async (trx: Knex.Transaction, jobs: readonly object[]) => {
  await prepared(trx, ADD_JOBS, [asRows(jobs)]);
  return jobs.map(() => undefined);
});

const ADD_JOBS = `
  select graphile_worker.add_job(job.task, payload => cast(job.payload as json), queue_name => job.queue,
    job_key => job.key, max_attempts => 20, run_at => now() + make_interval(secs => job.after))
  from jsonb_to_recordset(cast(? as jsonb)) as job (task text, payload jsonb, queue text, key text,
    after double precision)`;
