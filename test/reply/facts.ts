import type { DeskIdentity, MailFacts, TemplateName, TicketFacts } from '../../src/domain/mail-facts.ts';
import type { ReceiptV2, SignedReceipt } from '../../src/domain/receipt.ts';
import type { Scope } from '../../src/domain/request.ts';
import type { Target, TargetWorkspace } from '../../src/domain/target.ts';
import type { State } from '../../src/domain/ticket.ts';
import type { Secrets } from '../../src/reply/views.ts';

export const desk: DeskIdentity = {
  name: 'purgedesk support',
  address: 'support@desk.example.org',
  publicUrl: 'https://desk.example.org',
};

export const secrets: Secrets = {
  code: '493817',
  link: 'https://desk.example.org/confirm/eyJhIjoxfQ.c2lnbmF0dXJl',
};

export const acme: TargetWorkspace = {
  id: '9f8KqLw2Zr',
  slug: 'acme-inc',
  name: 'Acme Inc',
  createdAt: '2021-03-04T10:00:00.000Z',
  tombstone: false,
};

const globex: TargetWorkspace = {
  id: 'b2Xk81mQpa',
  slug: 'globex',
  name: 'Globex',
  createdAt: '2020-01-09T10:00:00.000Z',
  tombstone: false,
};

/** A target of each scope as the directory resolves it. */
export function targetOf(scope: Scope, overrides: Partial<Target> = {}): Target {
  const framed = scope === 'source' || scope === 'events';
  return {
    scope,
    workspaces: scope === 'account' ? [acme, globex] : [acme],
    source: scope === 'source' ? { id: 'src_1', name: 'Website Prod' } : null,
    space: scope === 'space' ? { id: 'spa_1', name: 'EU Marketing' } : null,
    project: scope === 'events' ? { id: 'prj_1', name: 'Mobile App' } : null,
    users: scope === 'user' ? ['user_8812', 'user_9944'] : [],
    events: scope === 'events' ? ['Order Completed'] : [],
    properties:
      scope === 'events'
        ? [
            { name: 'email', kind: 'event', event: 'Signup' },
            { name: 'phone', kind: 'user', event: null },
          ]
        : [],
    timeFrame: framed ? { from: '2024-01-01', to: '2024-03-31' } : null,
    cutoff: '2026-11-22T09:15:00.000Z',
    ...overrides,
  };
}

export function receiptFor(scope: Scope, deleted = 1204): SignedReceipt & { readonly receipt: ReceiptV2 } {
  return {
    receipt: {
      version: 2,
      ticket: 'PD-1042',
      scope,
      workspaceIds: ['9f8KqLw2Zr'],
      requestedAt: '2026-11-22T09:15:00.000Z',
      verifiedAt: '2026-11-22T10:00:00.000Z',
      graceEndedAt: '2026-11-28T00:00:00.000Z',
      startedAt: '2026-11-28T00:01:00.000Z',
      completedAt: '2026-11-28T00:20:00.000Z',
      digest: 'a'.repeat(64),
      planHash: 'b'.repeat(64),
      steps: [
        {
          no: 1,
          store: 'event-archive',
          target: 'events',
          action: 'delete',
          estimate: deleted,
          deleted,
          remaining: 0,
        },
        {
          no: 2,
          store: 'event-archive',
          target: 'traits',
          action: 'delete',
          estimate: 0,
          deleted: 0,
          remaining: 0,
        },
      ],
      deletedTotal: deleted,
      clearedTotal: 0,
      byHandTotal: 0,
      remainingTotal: 0,
      byHand: [],
      exclusions: ['Connected third-party destinations', 'Raw data destinations'],
      retained: [
        {
          category: 'backups',
          what: 'Encrypted backup copies',
          why: 'they expire by themselves',
          legalBasis: null,
          until: '2026-12-28',
        },
        {
          category: 'finance',
          what: 'Invoice and tax records',
          why: 'financial law obliges us to keep them',
          legalBasis: null,
          until: null,
        },
      ],
    },
    algorithm: 'Ed25519',
    publicKey: 'MCowBQYDK2VwAyEA',
    signature: 'c2lnbmF0dXJl',
  };
}

/** A receipt of things deleted, things cleared of properties, and things done by hand; `remaining` of them are left. */
export function mixedReceipt(remaining = 0): ReturnType<typeof receiptFor> {
  const signed = receiptFor('events', 1204);
  const [deleted, other] = signed.receipt.steps;
  const steps = [
    { ...deleted!, remaining },
    { ...other!, no: 2, target: 'events', action: 'clear' as const, estimate: 412, deleted: 412 },
    { ...other!, no: 3, store: 'crm', target: 'offboarding', action: 'by_hand' as const, deleted: 3 },
  ];
  const totals = { clearedTotal: 412, byHandTotal: 3, remainingTotal: remaining };
  return { ...signed, receipt: { ...signed.receipt, ...totals, steps } };
}

export function ticketFacts(overrides: Partial<TicketFacts> = {}): TicketFacts {
  const scope = overrides.scope ?? 'source';
  return {
    reference: 'PD-1042',
    scope,
    state: 'verifying',
    target: targetOf(scope),
    verified: false,
    asks: [],
    problems: [],
    holds: [],
    requestedAt: '2026-11-22T09:15:00.000Z',
    dueAt: '2026-12-22T09:15:00.000Z',
    verifiedAt: null,
    graceEndsAt: null,
    notBefore: null,
    purgeStartedAt: null,
    cancellable: true,
    closedAt: null,
    stores: [],
    receipt: null,
    backupsUntil: null,
    ...overrides,
  };
}

/** What a ticket knows in the state in which a template is sent. */
function ticketFor(template: TemplateName, scope: Scope): Partial<TicketFacts> {
  const verified = { verified: true, verifiedAt: '2026-11-22T10:00:00.000Z' };
  const grace = { ...verified, graceEndsAt: '2026-11-28T00:00:00.000Z', stores: ['event-archive'] };
  const started = { ...grace, purgeStartedAt: '2026-11-28T00:01:00.000Z' };
  const closedAt = '2026-11-28T00:20:00.000Z';
  const byState = (state: State, more: Partial<TicketFacts> = {}) => ({ scope, state, ...more });
  switch (template) {
    case 'needs_details':
      return byState('needs_details', { target: null, asks: [{ field: 'source', why: 'missing' }] });
    case 'agent_reply':
    case 'received':
    case 'not_authorised':
      return byState('received');
    case 'verify_request':
    case 'verify_failed':
    case 'pointers':
      return byState('verifying');
    case 'blocked':
      return byState('verifying', { ...verified, holds: ['billing', 'export'] });
    case 'grace_started':
    case 'owner_notice':
    case 'grace_reminder':
    case 'cancel_paused':
    case 'status':
      return byState('grace', grace);
    case 'purge_started':
    case 'cancel_too_late':
      return byState('purging', started);
    case 'completed':
      return byState('completed', { ...started, closedAt, receipt: receiptFor(scope) });
    case 'residue_released':
      return byState('completed', {
        ...started,
        closedAt,
        receipt: receiptFor(scope),
        backupsUntil: '2026-12-28',
      });
    case 'cancelled':
    case 'rejected':
    case 'expired':
      return byState(template, { ...verified, closedAt });
  }
}

/** Realistic facts for a template and a scope. */
export function mailFacts(
  template: TemplateName,
  scope: Scope = 'source',
  overrides: Partial<MailFacts> = {},
): MailFacts {
  return {
    template,
    locale: 'en',
    recipient: template === 'not_authorised' ? 'stranger' : 'requester',
    tag: 'PD-1042',
    tickets: [ticketFacts(ticketFor(template, scope))],
    others: [],
    challenge:
      template === 'verify_request' || template === 'verify_failed'
        ? { id: 'c1', expiresAt: '2026-11-25T09:15:00.000Z', triesLeft: 5, reminder: false }
        : null,
    workspace: null,
    residue: [
      {
        category: 'backups',
        what: 'Encrypted backup copies',
        why: 'they expire by themselves',
        legalBasis: null,
        retentionDays: 30,
        rollingDays: null,
      },
      {
        category: 'finance',
        what: 'Invoice and tax records',
        why: 'financial law obliges us to keep them',
        legalBasis: null,
        retentionDays: null,
        rollingDays: null,
      },
    ],
    ...(template === 'agent_reply' ? { said: 'Nr. 2026-17: OK.\nOK.\n\nAda Novak' } : {}),
    at: '2026-11-22T09:16:00.000Z',
    ...overrides,
  };
}

/** The facts of a template with its only ticket changed. */
export function withTicket(
  template: TemplateName,
  scope: Scope,
  ticket: Partial<TicketFacts>,
  overrides: Partial<MailFacts> = {},
): MailFacts {
  const facts = mailFacts(template, scope);
  return { ...facts, tickets: facts.tickets.map((one) => ({ ...one, ...ticket })), ...overrides };
}
