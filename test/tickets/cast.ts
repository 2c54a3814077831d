import { graceEnd } from '../../src/domain/calendar.ts';
import type { Judgement } from '../../src/domain/evidence.ts';
import { conversationId, messageId, ticketId } from '../../src/domain/ids.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.ts';
import type { DeletionRequest } from '../../src/domain/request.ts';
import { type Target, targetDigest } from '../../src/domain/target.ts';
import type { Actor, State, Ticket, TicketEvent, TicketIn } from '../../src/domain/ticket.ts';
import type { Outcome } from '../../src/tickets/outcome.ts';

/** Purging is on, so that what keeps a purge from starting is never the switch alone. */
export const policy: Policy = { ...DEFAULT_POLICY, purgeEnabled: true };

const requestedAt = new Date('2026-03-01T09:00:00Z');
export const verifiedAt = new Date('2026-03-02T10:00:00Z');
/** 00:00 UTC of the sixth day after the second of March. */
export const graceEndsAt = new Date('2026-03-08T00:00:00Z');
/** A minute after the end of the grace: early enough for everything, late enough for the purge. */
export const now = new Date('2026-03-08T00:01:00Z');

export const request: DeletionRequest = {
  scope: 'source',
  workspace: { slug: 'acme-inc' },
  source: 'Website Prod',
  space: null,
  users: [],
  events: [],
  properties: [],
  project: null,
  timeFrame: { from: '2024-01-01', to: '2024-03-31' },
};

export const target: Target = {
  scope: 'source',
  workspaces: [
    {
      id: 'ws_acme',
      slug: 'acme-inc',
      name: 'Acme Inc',
      createdAt: '2020-01-01T00:00:00.000Z',
      tombstone: false,
    },
  ],
  source: { id: 'src_web', name: 'Website Prod' },
  space: null,
  project: null,
  users: [],
  events: [],
  properties: [],
  timeFrame: { from: '2024-01-01', to: '2024-03-31' },
  cutoff: requestedAt.toISOString(),
};
export const digest = targetDigest(target);
/** What an agent makes of it: another source. */
export const corrected: Target = { ...target, source: { id: 'src_ios', name: 'iOS App' } };
export const planHash = 'a'.repeat(64);

export const ada: Actor = { kind: 'party', hash: 'f'.repeat(32), role: 'owner' };
export const grace: Actor = { kind: 'agent', name: 'grace' };

export const entitled: Judgement = {
  verdict: 'entitled',
  reasons: ['the sender is owner of workspace ws_acme'],
  target,
  asks: [],
};
export const incomplete: Judgement = {
  verdict: 'entitled',
  reasons: ['not complete'],
  target: null,
  asks: [{ field: 'timeFrame', why: 'missing' }],
};
export const judgement = (verdict: Judgement['verdict']): Judgement =>
  verdict === 'entitled' ? entitled : { verdict, reasons: ['because'], target: null, asks: [] };

/** All of a workspace that was deleted before. */
const whole: Target = {
  ...target,
  scope: 'workspace',
  workspaces: target.workspaces.map((workspace) => ({ ...workspace, tombstone: true })),
  source: null,
  timeFrame: null,
};
const ownerless: Judgement = {
  verdict: 'ownerless',
  reasons: ['nobody in charge is known'],
  target: whole,
  asks: [],
};

const base = {
  id: ticketId(1001),
  conversationId: conversationId(1),
  messageId: messageId(1),
  origin: 'mail',
  request,
  requester: 'ada@acme.example',
  requestedAt,
  dueAt: new Date('2026-03-31T09:00:00Z'),
  verdict: 'entitled',
  reasons: [],
  asks: [],
  stateSince: requestedAt,
  remindedAt: null,
  holds: [],
  vouchedBy: null,
  approvedBy: [],
  approvalsWanted: 1,
  correctedBy: [],
  liftedBy: [],
  erasedAt: null,
  keepsAddresses: false,
} as const;
const verified = { target, digest, verifiedAt };
const inGrace = {
  ...verified,
  graceStartedAt: verifiedAt,
  graceEndsAt: graceEnd(verifiedAt),
  notBefore: null,
};
const purging = { ...inGrace, planHash, purgeStartedAt: now };

/** One ticket in each state, with the least that the state guarantees. */
const TICKETS: { readonly [S in State]: TicketIn<S> } = {
  received: { ...base, state: 'received' },
  needs_details: { ...base, state: 'needs_details' },
  verifying: { ...base, state: 'verifying', target, digest, verifiedAt: null },
  approval: { ...base, state: 'approval', ...verified, planHash },
  grace: { ...base, state: 'grace', ...inGrace, planHash },
  purging: { ...base, state: 'purging', ...purging },
  completed: {
    ...base,
    state: 'completed',
    ...purging,
    closedAt: now,
    residueWakeAt: now,
    residueToldAt: null,
  },
  cancelled: { ...base, state: 'cancelled', closedAt: now } as TicketIn<'cancelled'>,
  rejected: { ...base, state: 'rejected', closedAt: now } as TicketIn<'rejected'>,
  expired: { ...base, state: 'expired', closedAt: now } as TicketIn<'expired'>,
};

/** The ticket of a state, parts of it replaced. */
export const ticketIn = <S extends State>(state: S, overrides: Partial<TicketIn<S>> = {}): Ticket =>
  ({ ...TICKETS[state], ...overrides }) as Ticket;

/** One plain instance of every event: the compiler misses none. */
export const EVENTS: { readonly [T in TicketEvent['type']]: Extract<TicketEvent, { type: T }> } = {
  judged: { type: 'judged', judgement: entitled },
  details_given: { type: 'details_given', request, judgement: entitled },
  reported_deleted: { type: 'reported_deleted', target: whole, blockers: [], doubt: null },
  restored_in_app: { type: 'restored_in_app' },
  vouched: {
    type: 'vouched',
    by: grace,
    reasonHash: 'e'.repeat(32),
    note: 'a contract',
    judgement: ownerless,
  },
  corrected: {
    type: 'corrected',
    by: grace,
    request: { ...request, source: 'iOS App' },
    judgement: { ...entitled, target: corrected },
    changes: [{ field: 'source', before: 'b'.repeat(32), after: 'a'.repeat(32) }],
    reasonHash: 'e'.repeat(32),
  },
  noted: { type: 'noted', by: grace, noteHash: 'e'.repeat(32) },
  challenge_answered: {
    type: 'challenge_answered',
    by: ada,
    via: 'reply',
    digest,
    entitled: true,
    blockers: [],
  },
  challenge_failed: { type: 'challenge_failed', triesLeft: 4 },
  code_unproven: { type: 'code_unproven' },
  lapsed: { type: 'lapsed' },
  reminder_due: { type: 'reminder_due' },
  blockers_changed: { type: 'blockers_changed', blockers: ['billing'] },
  rehearsed: { type: 'rehearsed', planHash, estimate: 10, overCap: false },
  approved: { type: 'approved', by: grace, planHash },
  cancel_asked: { type: 'cancel_asked', by: ada, standing: 'authenticated' },
  cancel_denied: { type: 'cancel_denied', by: ada, entitled: true, othersRemain: false },
  status_asked: { type: 'status_asked' },
  held: { type: 'held', reason: 'agent', by: grace, note: 'wait' },
  released: { type: 'released', reason: 'agent', by: grace, note: 'go on' },
  grace_elapsed: { type: 'grace_elapsed', obstacles: [] },
  step_blocked: { type: 'step_blocked', obstacles: ['workspace_stopped'] },
  step_finished: { type: 'step_finished', step: 1, deleted: 10, remaining: 0 },
  step_failed: { type: 'step_failed', step: 1, error: 'PD_STORE_FAILED' },
  purge_finished: { type: 'purge_finished' },
  residue_expired: { type: 'residue_expired' },
  erasure_replayed: {
    type: 'erasure_replayed',
    by: grace,
    reasonHash: 'e'.repeat(32),
    step: 1,
    deleted: 10,
  },
  cancelled_by_agent: { type: 'cancelled_by_agent', by: grace, note: 'asked by phone' },
  rejected_by_agent: { type: 'rejected_by_agent', by: grace, note: 'a joke' },
  mail_undeliverable: { type: 'mail_undeliverable', template: 'verify_request' },
  context_erased: {
    type: 'context_erased',
    erased: { parties: 2, notes: 1, steps: 3, evidence: 0 },
  },
};

/** An outcome in one line: what became of it, who hears what, which holds come and go, which jobs start. */
export function inWords(outcome: Outcome): string {
  if (outcome.kind === 'refused') return `refused: ${outcome.why}`;
  return [
    outcome.kind === 'moved' ? `to ${outcome.ticket.state}` : 'stays',
    ...outcome.holds.map(({ change, reason }) => `${change === 'placed' ? '+' : '-'}${reason}`),
    ...outcome.replies.map(({ template, to }) => `${template} > ${to}`),
    ...outcome.jobs.map(
      ({ task, payload }) => `job ${task}${payload.no === undefined ? '' : ` ${payload.no}`}`,
    ),
  ].join(', ');
}
