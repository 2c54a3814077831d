/** What decides which acts on a ticket make sense now: read in one statement, judged by `panel.ts`. */
import type { Knex } from 'knex';
import { referenceOf, type TicketId, ticketId } from '../../domain/ids.ts';
import type { DeletionRequest, Scope } from '../../domain/request.ts';
import type { Target } from '../../domain/target.ts';
import type { HoldReason, State } from '../../domain/ticket.ts';
import { lapsedApprovers } from '../access/approvers.ts';

export interface HoldFact {
  /** Tells it from an earlier one for the same reason. */
  readonly id: number;
  readonly reason: HoldReason;
  readonly note: string;
  /** `desk`, `agent:NAME` or a party's hash, as in the audit chain. */
  readonly placedBy: string;
  /** ISO 8601. */
  readonly placedAt: string;
}

/** The step whose turn it is. */
export interface StepFact {
  readonly no: number;
  readonly store: string;
  readonly estimate: number;
}

/** What keeps purges away from the store of that step. */
export interface BrakeFact {
  readonly failures: number;
  readonly lastError: string | null;
  /** Who braked it by hand; `null` = its own failures did, and it is tried again by itself. */
  readonly setBy: string | null;
  /** Until it is tried again; `null` = until an agent releases it. */
  readonly seconds: number | null;
}

export interface KeptBackCode {
  /** When a new one is sent, or else the ticket expires; ISO 8601. */
  readonly nextAt: string | null;
  /** No new one is sent by itself any more. */
  readonly isLast: boolean;
}

/** All instants in ISO 8601. */
export interface ActionFacts {
  readonly id: TicketId;
  readonly reference: string;
  readonly state: State;
  readonly origin: 'mail' | 'app';
  readonly scope: Scope;
  readonly verdict: string | null;
  readonly requester: string | null;
  readonly holds: readonly HoldFact[];
  readonly verifiedAt: string | null;
  readonly planHash: string | null;
  /** Things that the rehearsal counted. */
  readonly estimate: number | null;
  readonly steps: readonly StepFact[];
  readonly isOverCap: boolean;
  readonly vouchedBy: string | null;
  /** Whose approval counts still: who approves nothing any more is not among them. */
  readonly approvedBy: readonly string[];
  readonly approvalsWanted: 1 | 2;
  readonly correctedBy: readonly string[];
  /** Likewise. */
  readonly liftedBy: readonly string[];
  /** When the purge may start at the earliest. */
  readonly startsAt: string | null;
  /** Until when it waits for a code or details. */
  readonly waitsUntil: string | null;
  readonly triesLeft: number | null;
  /** It waits for a code while none is out, because the mail with it was kept back; `null` = a code is out, or none is due. */
  readonly keptBack: KeptBackCode | null;
  readonly dueAt: string;
  readonly isErased: boolean;
  readonly isHalted: boolean;
  readonly step: StepFact | null;
  readonly brake: BrakeFact | null;
  /** The last thing that happened to it. */
  readonly lastEvent: { readonly type: string; readonly actor: string } | null;
}

/** @returns `null` = there is no such ticket */
export async function readActionFacts(db: Knex, id: TicketId): Promise<ActionFacts | null> {
  const found = await db.raw<{ rows: FactsRow[] }>(FACTS, { id });
  const [row] = found.rows;
  if (row === undefined) return null;
  const { steps } = row;
  const lapsed = await lapsedApprovers(db, [...row.approved_by, ...row.lifted_by]);
  const counts = (name: string): boolean => !lapsed.includes(name);
  const step = steps.find(({ status }) => status !== 'done');
  const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
  const starts =
    row.not_before !== null && (row.grace_ends_at === null || row.not_before > row.grace_ends_at)
      ? row.not_before
      : row.grace_ends_at;
  return {
    id: ticketId(row.id),
    reference: referenceOf(ticketId(row.id)),
    state: row.state,
    origin: row.origin,
    scope: row.scope,
    verdict: row.verdict,
    requester: row.requester,
    holds: row.holds.map((hold) => ({ ...hold, placedAt: new Date(hold.placedAt).toISOString() })),
    verifiedAt: iso(row.verified_at),
    planHash: row.plan_hash,
    estimate: row.estimate,
    steps,
    isOverCap: row.over_cap,
    vouchedBy: row.vouched_by,
    approvedBy: row.approved_by.filter(counts),
    approvalsWanted: row.approvals_wanted,
    correctedBy: row.corrected_by,
    liftedBy: row.lifted_by.filter(counts),
    startsAt: iso(starts),
    waitsUntil: iso(row.state === 'verifying' ? row.expires_at : row.wake_at),
    triesLeft: row.tries_left,
    keptBack:
      row.state === 'verifying' && row.verified_at === null && row.expires_at === null
        ? { nextAt: iso(row.wake_at), isLast: row.reminded_at !== null }
        : null,
    dueAt: row.due_at.toISOString(),
    isErased: row.erased_at !== null,
    isHalted: row.halted,
    step: row.state === 'purging' ? (step ?? null) : null,
    brake: row.state === 'purging' ? row.brake : null,
    lastEvent: row.last_event,
  };
}

/** What is asked for: as it was written, and what it means in the directory. It may name thousands of people. */
export interface Asked {
  readonly request: DeletionRequest;
  readonly target: Target | null;
}

/** @returns `null` = there is no such ticket */
export async function readAsked(db: Knex, id: TicketId): Promise<Asked | null> {
  return (await db('tickets').select<Asked[]>('request', 'target').where({ id }).first()) ?? null;
}

/** What an agent wrote when acting on it. */
export interface Remark {
  readonly agent: string;
  readonly act: string;
  readonly note: string;
  /** ISO 8601. */
  readonly at: string;
}

const REMARKS_SHOWN = 20;

/** The newest first. Whoever decides next decides by them too. */
export async function readRemarks(db: Knex, id: TicketId): Promise<readonly Remark[]> {
  const rows = await db('agent_notes')
    .select<(Omit<Remark, 'at'> & { at: Date })[]>('agent', 'act', 'note', 'at')
    .where({ ticket_id: id })
    .whereNot({ note: '' })
    .orderBy('id', 'desc')
    .limit(REMARKS_SHOWN);
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

interface FactsRow {
  readonly id: number;
  readonly state: State;
  readonly origin: 'mail' | 'app';
  readonly scope: Scope;
  readonly verdict: string | null;
  readonly requester: string | null;
  readonly verified_at: Date | null;
  readonly plan_hash: string | null;
  readonly estimate: number | null;
  readonly vouched_by: string | null;
  readonly approved_by: readonly string[];
  readonly approvals_wanted: 1 | 2;
  readonly corrected_by: readonly string[];
  readonly lifted_by: readonly string[];
  readonly grace_ends_at: Date | null;
  readonly not_before: Date | null;
  readonly wake_at: Date | null;
  readonly reminded_at: Date | null;
  readonly due_at: Date;
  readonly erased_at: Date | null;
  readonly holds: readonly HoldFact[];
  readonly steps: readonly (StepFact & { readonly status: string })[];
  readonly over_cap: boolean;
  readonly expires_at: Date | null;
  readonly tries_left: number | null;
  readonly halted: boolean;
  readonly brake: BrakeFact | null;
  readonly last_event: { readonly type: string; readonly actor: string } | null;
}

/** Steps are few: one for each place where a store keeps data of this kind. */
const FACTS = `
  select t.id, t.state, t.origin, t.scope, t.verdict, t.requester, t.verified_at, t.plan_hash, t.estimate,
    t.vouched_by, t.approved_by, t.approvals_wanted, t.corrected_by, t.lifted_by, t.grace_ends_at, t.not_before,
    t.wake_at, t.reminded_at, t.due_at, t.erased_at, c.expires_at, c.tries_left,
    (select coalesce(json_agg(json_build_object('id', h.id, 'reason', h.reason, 'note', h.note, 'placedBy', h.placed_by,
        'placedAt', h.placed_at) order by h.id), '[]')
       from holds h where h.ticket_id = t.id and h.lifted_at is null) as holds,
    (select coalesce(json_agg(json_build_object('no', s.no, 'store', s.store, 'estimate', s.estimate,
        'status', s.status) order by s.no), '[]')
       from purge_steps s where s.ticket_id = t.id and s.plan_hash = t.plan_hash) as steps,
    exists (select from cap_holds o where o.ticket_id = t.id) as over_cap,
    (select halted_at is not null from purge_switch) as halted,
    (select json_build_object('failures', b.failures, 'lastError', b.last_error, 'setBy', b.set_by, 'seconds',
        case when b.set_by is null
          then cast(greatest(0, ceil(extract(epoch from b.probe_at - now()))) as integer) end)
       from store_brakes b where b.closed_at is null and b.store =
         (select s.store from purge_steps s where s.ticket_id = t.id and s.status <> 'done' order by s.no limit 1)
    ) as brake,
    (select json_build_object('type', e.type, 'actor', e.actor)
       from ticket_events e where e.ticket_id = t.id and e.seq = t.audit_seq) as last_event
  from tickets t
  left join challenges c on c.conversation_id = t.conversation_id and c.answered_at is null and c.voided_at is null
    and c.purpose = 'verify'
  where t.id = :id`;
