import { PurgedeskError } from '../domain/errors.ts';
import type { Ask, Verdict } from '../domain/evidence.ts';
import { conversationId, messageId, ticketId } from '../domain/ids.ts';
import type { DeletionRequest } from '../domain/request.ts';
import type { Target } from '../domain/target.ts';
import type { HoldReason, State, Ticket } from '../domain/ticket.ts';

/** A row of `tickets`, less the plan itself, which only the purge reads. */
export interface TicketRow {
  readonly id: number;
  readonly conversation_id: number;
  readonly message_id: number | null;
  readonly origin: 'mail' | 'app';
  readonly request: DeletionRequest;
  readonly target: Target | null;
  readonly digest: string | null;
  readonly workspace_ids: readonly string[];
  readonly requester: string | null;
  readonly requester_hash: string;
  readonly requested_at: Date;
  readonly due_at: Date;
  readonly verdict: Verdict | null;
  readonly reasons: readonly string[];
  readonly asks: readonly Ask[];
  readonly state: State;
  readonly state_since: Date;
  readonly verified_at: Date | null;
  readonly grace_started_at: Date | null;
  readonly grace_ends_at: Date | null;
  readonly not_before: Date | null;
  readonly plan_hash: string | null;
  readonly purge_started_at: Date | null;
  readonly closed_at: Date | null;
  readonly reminded_at: Date | null;
  readonly vouched_by: string | null;
  readonly approved_by: readonly string[];
  readonly approvals_wanted: 1 | 2;
  readonly corrected_by: readonly string[];
  readonly lifted_by: readonly string[];
  readonly residue_wake_at: Date | null;
  readonly residue_told_at: Date | null;
  readonly erased_at: Date | null;
  readonly keeps_addresses: boolean;
  readonly audit_seq: number;
  readonly audit_head: string;
}

export const TICKET_COLUMNS = [
  'id',
  'conversation_id',
  'message_id',
  'origin',
  'request',
  'target',
  'digest',
  'workspace_ids',
  'requester',
  'requester_hash',
  'requested_at',
  'due_at',
  'verdict',
  'reasons',
  'asks',
  'state',
  'state_since',
  'verified_at',
  'grace_started_at',
  'grace_ends_at',
  'not_before',
  'plan_hash',
  'purge_started_at',
  'closed_at',
  'reminded_at',
  'vouched_by',
  'approved_by',
  'approvals_wanted',
  'corrected_by',
  'lifted_by',
  'residue_wake_at',
  'residue_told_at',
  'erased_at',
  'keeps_addresses',
  'audit_seq',
  'audit_head',
] as const satisfies readonly (keyof TicketRow)[];

/**
 * The ticket of a row, with what its state guarantees checked: the database promises the same.
 * @throws PurgedeskError PD_TICKET_CORRUPT
 */
export function ticketFromRow(row: TicketRow, holds: readonly HoldReason[]): Ticket {
  const base = {
    id: ticketId(row.id),
    conversationId: conversationId(row.conversation_id),
    messageId: row.message_id === null ? null : messageId(row.message_id),
    origin: row.origin,
    request: row.request,
    requester: row.requester,
    requestedAt: row.requested_at,
    dueAt: row.due_at,
    verdict: row.verdict,
    reasons: row.reasons,
    asks: row.asks,
    stateSince: row.state_since,
    remindedAt: row.reminded_at,
    holds,
    vouchedBy: row.vouched_by,
    approvedBy: row.approved_by,
    approvalsWanted: row.approvals_wanted,
    correctedBy: row.corrected_by,
    liftedBy: row.lifted_by,
    erasedAt: row.erased_at,
    keepsAddresses: row.keeps_addresses,
  };
  const must = <T>(value: T | null, column: keyof TicketRow): T => {
    if (value !== null) return value;
    throw new PurgedeskError('PD_TICKET_CORRUPT', `ticket ${row.id} is ${row.state} and has no ${column}`, {
      details: { ticket: row.id },
    });
  };
  const target = () => must(row.target, 'target');
  const digest = () => must(row.digest, 'digest');
  const resolved = () => ({ target: target(), digest: digest() });
  const verified = () => ({ ...resolved(), verifiedAt: must(row.verified_at, 'verified_at') });
  const waited = () => ({
    digest: digest(),
    verifiedAt: must(row.verified_at, 'verified_at'),
    graceStartedAt: must(row.grace_started_at, 'grace_started_at'),
    graceEndsAt: must(row.grace_ends_at, 'grace_ends_at'),
    notBefore: row.not_before,
  });
  const inGrace = () => ({ ...waited(), target: target() });
  const purged = () => ({
    ...waited(),
    planHash: must(row.plan_hash, 'plan_hash'),
    purgeStartedAt: must(row.purge_started_at, 'purge_started_at'),
  });
  switch (row.state) {
    case 'received':
    case 'needs_details':
      return { ...base, state: row.state };
    case 'verifying':
      return { ...base, state: row.state, ...resolved(), verifiedAt: row.verified_at };
    case 'approval':
      return { ...base, state: row.state, ...verified(), planHash: row.plan_hash };
    case 'grace':
      return { ...base, state: row.state, ...inGrace(), planHash: row.plan_hash };
    case 'purging':
      return { ...base, state: row.state, ...purged(), target: target() };
    case 'completed':
      return {
        ...base,
        state: row.state,
        ...purged(),
        target: row.target,
        closedAt: must(row.closed_at, 'closed_at'),
        residueWakeAt: row.residue_wake_at,
        residueToldAt: row.residue_told_at,
      };
    default:
      return { ...base, state: row.state, closedAt: must(row.closed_at, 'closed_at') };
  }
}

/**
 * The columns that a decision may change. What a later state no longer carries (a cancelled ticket's target) keeps its
 * last value in the row, for the mails and the console; a request that is open again loses what it had resolved.
 */
export function changedColumns(ticket: Ticket): Readonly<Record<string, unknown>> {
  const reopened = ticket.state === 'received' || ticket.state === 'needs_details';
  return {
    scope: ticket.request.scope,
    request: JSON.stringify(ticket.request),
    verdict: ticket.verdict,
    reasons: ticket.reasons,
    asks: JSON.stringify(ticket.asks),
    state: ticket.state,
    state_since: ticket.stateSince,
    reminded_at: ticket.remindedAt,
    vouched_by: ticket.vouchedBy,
    approved_by: ticket.approvedBy,
    approvals_wanted: ticket.approvalsWanted,
    corrected_by: ticket.correctedBy,
    lifted_by: ticket.liftedBy,
    ...(reopened ? { target: null, digest: null, workspace_ids: [] } : {}),
    ...('target' in ticket && ticket.target !== null
      ? {
          target: JSON.stringify(ticket.target),
          digest: ticket.digest,
          workspace_ids: ticket.target.workspaces.map((workspace) => workspace.id),
        }
      : {}),
    ...('verifiedAt' in ticket ? { verified_at: ticket.verifiedAt } : {}),
    ...('graceEndsAt' in ticket
      ? {
          grace_started_at: ticket.graceStartedAt,
          grace_ends_at: ticket.graceEndsAt,
          not_before: ticket.notBefore,
        }
      : {}),
    ...('planHash' in ticket ? { plan_hash: ticket.planHash } : {}),
    // A plan of what an agent has corrected since is no plan of this.
    ...(ticket.state === 'verifying' ? { plan_hash: null, plan: null, estimate: null } : {}),
    ...('purgeStartedAt' in ticket ? { purge_started_at: ticket.purgeStartedAt } : {}),
    ...('closedAt' in ticket ? { closed_at: ticket.closedAt } : {}),
    ...(ticket.erasedAt === null
      ? {}
      : {
          erased_at: ticket.erasedAt,
          keeps_addresses: ticket.keepsAddresses,
          requester: ticket.requester,
          target: null,
          plan: null,
        }),
    ...('residueWakeAt' in ticket
      ? { residue_wake_at: ticket.residueWakeAt, residue_told_at: ticket.residueToldAt }
      : {}),
  };
}
