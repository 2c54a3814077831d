/** Made-up facts for each mail, so that people can look at a template before anybody gets it. Nobody is in them. */
import { assertNever } from '../domain/errors.ts';
import type { MailFacts, TemplateName, TicketFacts } from '../domain/mail-facts.ts';
import type { SignedReceipt } from '../domain/receipt.ts';
import type { Scope } from '../domain/request.ts';
import type { Target } from '../domain/target.ts';

const SAMPLE_REFERENCE = 'PD-1042';

/** What a mail could say in the middle of its journey. Instants stand fixed: the same sample, always. */
export function sampleFacts(template: TemplateName, scope: Scope, locale: string): MailFacts {
  const isNeutral = template === 'not_authorised';
  return {
    template,
    locale,
    recipient: isNeutral ? 'stranger' : template === 'owner_notice' ? 'party' : 'requester',
    tag: SAMPLE_REFERENCE,
    tickets: [sampleTicket(template, scope)],
    others: [],
    challenge: CHALLENGED.includes(template)
      ? { id: 'sample', expiresAt: '2027-03-04T09:16:00.000Z', triesLeft: 5, reminder: false }
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
    ...(isNeutral ? {} : { statusLink: { id: 'sample' } }),
    ...(template === 'agent_reply' ? { said: SAID } : {}),
    at: '2027-03-01T09:16:00.000Z',
  };
}

/** The same, to be sent to somebody who asked for it: an answer to it belongs to nothing. */
export const testFacts = (template: TemplateName, scope: Scope, locale: string): MailFacts => ({
  ...sampleFacts(template, scope, locale),
  test: true,
});

const CHALLENGED: readonly TemplateName[] = ['verify_request', 'verify_failed', 'cancel_paused'];

const SAID = `Your invoice 2027-17 was paid on Monday, so nothing stands in the way any more.

The deletion goes on as it was told before. You need to do nothing.`;

function sampleTicket(template: TemplateName, scope: Scope): TicketFacts {
  const base: TicketFacts = {
    reference: SAMPLE_REFERENCE,
    scope,
    state: 'received',
    target: sampleTarget(scope),
    verified: false,
    asks: [],
    problems: [],
    holds: [],
    requestedAt: '2027-03-01T09:15:00.000Z',
    dueAt: '2027-03-31T09:15:00.000Z',
    verifiedAt: null,
    graceEndsAt: null,
    notBefore: null,
    purgeStartedAt: null,
    closedAt: null,
    cancellable: true,
    stores: [],
    receipt: null,
    backupsUntil: null,
  };
  const verified = { ...base, verified: true, verifiedAt: '2027-03-01T10:00:00.000Z' };
  const waiting = {
    ...verified,
    state: 'grace' as const,
    graceEndsAt: '2027-03-07T00:00:00.000Z',
    stores: ['event-archive'],
  };
  const started = { ...waiting, state: 'purging' as const, purgeStartedAt: '2027-03-07T00:01:00.000Z' };
  const closedAt = '2027-03-07T00:20:00.000Z';
  const done = { ...started, state: 'completed' as const, closedAt, receipt: sampleReceipt(scope) };
  switch (template) {
    case 'received':
    case 'not_authorised':
    case 'agent_reply':
    case 'pointers':
      return base;
    case 'needs_details':
      return {
        ...base,
        state: 'needs_details',
        target: null,
        asks: [
          { field: 'workspace', why: 'missing' },
          ...(scope === 'source' ? [{ field: 'timeFrame', why: 'missing' } as const] : []),
        ],
      };
    case 'verify_request':
    case 'verify_failed':
      return { ...base, state: 'verifying' };
    case 'blocked':
      return { ...verified, state: 'verifying', holds: ['billing', 'export'] };
    case 'grace_started':
    case 'owner_notice':
    case 'grace_reminder':
    case 'cancel_paused':
    case 'status':
      return waiting;
    case 'purge_started':
    case 'cancel_too_late':
      return started;
    case 'completed':
      return done;
    case 'residue_released':
      return { ...done, backupsUntil: '2027-04-06' };
    case 'cancelled':
    case 'rejected':
    case 'expired':
      return { ...verified, state: template, closedAt };
    default:
      return assertNever(template);
  }
}

function sampleTarget(scope: Scope): Target {
  const framed = scope === 'source' || scope === 'events';
  return {
    scope,
    workspaces: [
      {
        id: 'ws_sample',
        slug: 'sample-inc',
        name: 'Sample Inc',
        createdAt: '2021-03-04T10:00:00.000Z',
        tombstone: false,
      },
    ],
    source: scope === 'source' ? { id: 'src_sample', name: 'Website' } : null,
    space: scope === 'space' ? { id: 'spa_sample', name: 'Marketing' } : null,
    project: scope === 'events' ? { id: 'prj_sample', name: 'Mobile App' } : null,
    users: scope === 'user' ? ['user_8812', 'user_9944'] : [],
    events: scope === 'events' ? ['Order Completed'] : [],
    properties: [],
    timeFrame: framed ? { from: '2026-01-01', to: '2026-03-31' } : null,
    cutoff: '2027-03-01T09:15:00.000Z',
  };
}

const sampleReceipt = (scope: Scope): SignedReceipt => ({
  receipt: {
    version: 2,
    ticket: SAMPLE_REFERENCE,
    scope,
    workspaceIds: ['ws_sample'],
    requestedAt: '2027-03-01T09:15:00.000Z',
    verifiedAt: '2027-03-01T10:00:00.000Z',
    graceEndedAt: '2027-03-07T00:00:00.000Z',
    startedAt: '2027-03-07T00:01:00.000Z',
    completedAt: '2027-03-07T00:20:00.000Z',
    digest: '0'.repeat(64),
    planHash: '0'.repeat(64),
    steps: [
      {
        no: 1,
        store: 'event-archive',
        target: 'events',
        action: 'delete',
        estimate: 1204,
        deleted: 1204,
        remaining: 0,
      },
    ],
    deletedTotal: 1204,
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
        until: '2027-04-06',
      },
    ],
  },
  algorithm: 'Ed25519',
  publicKey: 'sample',
  signature: 'sample',
});
