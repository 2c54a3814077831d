/** What commands and pages read about tickets. Nothing here locks or changes anything. */
import type { Knex } from 'knex';
import type { Canonical } from '../domain/canonical.ts';
import { referenceOf, type TicketId, ticketId } from '../domain/ids.ts';
import type { Plan } from '../domain/plan.ts';
import type { SignedReceipt } from '../domain/receipt.ts';
import type { DeletionRequest } from '../domain/request.ts';
import type { Target } from '../domain/target.ts';
import { type HoldReason, PUBLIC_STATUS, type State } from '../domain/ticket.ts';

export interface TicketLine {
  readonly reference: string;
  readonly state: State;
  readonly status: (typeof PUBLIC_STATUS)[State];
  readonly scope: string;
  readonly target: Target | null;
  /** `app` = the directory reported the deletion; then `requester` may be nobody in particular. */
  readonly origin: 'mail' | 'app';
  readonly requester: string | null;
  /** The language in which the conversation is held, ISO 639-1. */
  readonly language: string;
  readonly verdict: string | null;
  readonly holds: readonly HoldReason[];
  readonly requestedAt: string;
  readonly dueAt: string;
  readonly graceEndsAt: string | null;
  readonly notBefore: string | null;
  /** When the desk forgot whose it was and what was asked. */
  readonly erasedAt: string | null;
}

export interface TicketDetails extends TicketLine {
  readonly request: DeletionRequest;
  readonly reasons: readonly string[];
  readonly verifiedAt: string | null;
  readonly planHash: string | null;
  readonly estimate: number | null;
  /** Who stands for the requester of a deleted workspace without a known owner. */
  readonly vouchedBy: string | null;
  /** Who approved the plan that it has now. */
  readonly approvedBy: readonly string[];
  /** How many agents the policy wanted to approve it when the approval began. */
  readonly approvalsWanted: 1 | 2;
  /** Who changed what is asked for. */
  readonly correctedBy: readonly string[];
  /** Who would lift the review that holds it now, where that takes two. */
  readonly liftedBy: readonly string[];
  readonly plan: Plan | null;
  readonly steps: readonly StepLine[];
  readonly holdNotes: readonly {
    readonly reason: string;
    readonly note: string;
    readonly placedBy: string;
    readonly liftedBy: string | null;
  }[];
  /** Why agents did what they did, in their words. */
  readonly agentNotes: readonly {
    readonly agent: string;
    readonly act: string;
    readonly note: string;
    readonly at: string;
  }[];
  readonly events: readonly {
    readonly seq: number;
    readonly at: string;
    readonly type: string;
    readonly was: string;
    readonly became: string;
    readonly actor: string;
    readonly details: Readonly<Record<string, Canonical>>;
  }[];
  readonly mails: readonly { readonly template: string; readonly status: string; readonly at: string }[];
  readonly receipt: SignedReceipt | null;
  /** Mail to the requester came back, and nobody there has been heard of since. */
  readonly undeliverable: { readonly since: string; readonly reason: 'bounced' | 'refused' } | null;
}

export interface StepLine {
  readonly no: number;
  readonly store: string;
  readonly target: string;
  readonly status: string;
  readonly estimate: number;
  readonly deleted: number;
  readonly remaining: number | null;
}

const LIST_MAX = 1_000;

/** Newest first. */
export async function listTickets(
  db: Knex,
  filter: { readonly states?: readonly State[]; readonly limit?: number } = {},
): Promise<readonly TicketLine[]> {
  const result = await db.raw<{ rows: LineRow[] }>(`${LINES} order by t.id desc limit :limit`, {
    id: null,
    states: filter.states === undefined ? null : [...filter.states],
    limit: Math.min(filter.limit ?? LIST_MAX, LIST_MAX),
  });
  return result.rows.map(lineOf);
}

/** How many days before its deadline an open ticket is worth an alarm. */
const DEADLINE_ALARM_DAYS = 5;

/** Open tickets whose deadline is near or past: somebody has to look at what keeps them. */
export async function countNearDeadline(db: Knex): Promise<number> {
  const result = await db.raw<{ rows: [{ count: number }] }>(NEAR_DEADLINE, [DEADLINE_ALARM_DAYS]);
  return result.rows[0].count;
}

const NEAR_DEADLINE = `
  select count(*) as count from tickets
  where state not in ('completed', 'cancelled', 'rejected', 'expired')
    and due_at < desk_now() + make_interval(days => ?)`;

/** Everything an agent needs about one ticket; `null` when there is none. */
export async function showTicket(db: Knex, id: TicketId): Promise<TicketDetails | null> {
  const lines = await db.raw<{ rows: LineRow[] }>(LINES, { id, states: null });
  const [line] = lines.rows;
  if (line === undefined) return null;
  const row = await db('tickets')
    .select<ExtraRow[]>(
      'request',
      'reasons',
      'verified_at',
      'plan_hash',
      'estimate',
      'plan',
      'requester_hash',
      'vouched_by',
      'approved_by',
      'approvals_wanted',
      'corrected_by',
      'lifted_by',
    )
    .where({ id })
    .first();
  if (row === undefined) return null;
  const steps = await db('purge_steps')
    .select<StepLine[]>('no', 'store', 'target', 'status', 'estimate', 'deleted', 'remaining')
    .where({ ticket_id: id })
    .orderBy('no');
  const holds = await db('holds')
    .select('reason', 'note', 'placed_by as placedBy', 'lifted_by as liftedBy')
    .where({ ticket_id: id })
    .orderBy('id');
  const notes = await db('agent_notes')
    .select('agent', 'act', 'note', 'at')
    .where({ ticket_id: id })
    .orderBy('id');
  const events = await db('ticket_events')
    .select('seq', 'at', 'type', 'was', 'became', 'actor', 'details')
    .where({ ticket_id: id })
    .orderBy('seq');
  const mails = await db('outbox')
    .select('template', 'status', 'created_at as at')
    .whereRaw('ticket_ids @> array[cast(? as bigint)]', [id])
    .orderBy('id');
  const receipt = await db('receipts')
    .select<{ signed: SignedReceipt }[]>('signed')
    .where({ ticket_id: id })
    .first();
  const undeliverable = await db('undeliverable_addresses')
    .select<{ since: Date; reason: 'bounced' | 'refused' }[]>('since', 'reason')
    .where({ recipient_hash: row.requester_hash })
    .first();
  return {
    ...lineOf(line),
    request: row.request,
    reasons: row.reasons,
    verifiedAt: row.verified_at?.toISOString() ?? null,
    planHash: row.plan_hash,
    estimate: row.estimate,
    plan: row.plan,
    steps,
    holdNotes: holds,
    agentNotes: notes.map((note) => ({ ...note, at: note.at.toISOString() })),
    vouchedBy: row.vouched_by,
    approvedBy: row.approved_by,
    approvalsWanted: row.approvals_wanted,
    correctedBy: row.corrected_by,
    liftedBy: row.lifted_by,
    events: events.map((event) => ({ ...event, at: event.at.toISOString() })),
    mails: mails.map((mail) => ({ ...mail, at: mail.at.toISOString() })),
    receipt: receipt?.signed ?? null,
    undeliverable:
      undeliverable === undefined ? null : { ...undeliverable, since: undeliverable.since.toISOString() },
  };
}

interface ExtraRow {
  readonly vouched_by: string | null;
  readonly approved_by: readonly string[];
  readonly approvals_wanted: 1 | 2;
  readonly corrected_by: readonly string[];
  readonly lifted_by: readonly string[];
  readonly requester_hash: string;
  readonly request: DeletionRequest;
  readonly reasons: readonly string[];
  readonly verified_at: Date | null;
  readonly plan_hash: string | null;
  readonly estimate: number | null;
  readonly plan: Plan | null;
}

interface LineRow {
  readonly id: number;
  readonly state: State;
  readonly scope: string;
  readonly target: Target | null;
  readonly origin: 'mail' | 'app';
  readonly requester: string | null;
  readonly locale: string;
  readonly verdict: string | null;
  readonly holds: readonly HoldReason[];
  readonly requested_at: Date;
  readonly due_at: Date;
  readonly grace_ends_at: Date | null;
  readonly not_before: Date | null;
  readonly erased_at: Date | null;
}

const LINES = `
  select t.id, t.state, t.scope, t.target, t.origin, t.requester, c.locale, t.verdict, t.requested_at, t.due_at, t.grace_ends_at, t.not_before, t.erased_at,
    array(select h.reason from holds h where h.ticket_id = t.id and h.lifted_at is null order by h.id) as holds
  from tickets t join conversations c on c.id = t.conversation_id
  where (cast(:id as bigint) is null or t.id = :id)
    and (cast(:states as text[]) is null or t.state = any(cast(:states as text[])))`;

const lineOf = (row: LineRow): TicketLine => ({
  reference: referenceOf(ticketId(row.id)),
  state: row.state,
  status: PUBLIC_STATUS[row.state],
  scope: row.scope,
  target: row.target,
  origin: row.origin,
  requester: row.requester,
  language: row.locale,
  verdict: row.verdict,
  holds: row.holds,
  requestedAt: row.requested_at.toISOString(),
  dueAt: row.due_at.toISOString(),
  graceEndsAt: row.grace_ends_at?.toISOString() ?? null,
  notBefore: row.not_before?.toISOString() ?? null,
  erasedAt: row.erased_at?.toISOString() ?? null,
});
