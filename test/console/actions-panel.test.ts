/** What the page of a ticket says is next, for whoever looks. */
import { describe, expect, test } from 'vitest';
import { ACTS, NEEDED, neededToRelease } from '../../src/console/actions/acts.ts';
import type { ActionFacts } from '../../src/console/actions/facts.ts';
import { actionPanel } from '../../src/console/actions/panel.ts';
import { AGENT_ROLES, mayAct } from '../../src/domain/agents.ts';
import { ticketId } from '../../src/domain/ids.ts';
import { HOLD_REASONS, type HoldReason, STATES } from '../../src/domain/ticket.ts';

const at = '2026-03-08T00:00:00.000Z';
const hold = (reason: HoldReason, note = 'because') => ({
  id: 1,
  reason,
  note,
  placedBy: 'agent:Sam',
  placedAt: at,
});

const FACTS: ActionFacts = {
  id: ticketId(1001),
  reference: 'PD-1001',
  state: 'received',
  origin: 'mail',
  scope: 'source',
  verdict: 'entitled',
  requester: 'ada@acme.example',
  holds: [],
  verifiedAt: null,
  planHash: null,
  estimate: null,
  steps: [],
  isOverCap: false,
  vouchedBy: null,
  approvedBy: [],
  approvalsWanted: 1,
  correctedBy: [],
  liftedBy: [],
  startsAt: at,
  waitsUntil: at,
  triesLeft: 5,
  keptBack: null,
  dueAt: at,
  isErased: false,
  isHalted: false,
  step: null,
  brake: null,
  lastEvent: null,
};
const ida = { name: 'Ida', role: 'approver' } as const;
const planned = { ...FACTS, state: 'approval', planHash: 'a'.repeat(64) } as const;
const step = { no: 2, store: 'archive', estimate: 7 };
const brake = { failures: 3, lastError: 'PD_STORE_FAILED', setBy: null, seconds: 20 };

interface Case {
  readonly title: string;
  readonly facts: ActionFacts;
  readonly who?: typeof ida | { readonly name: string; readonly role: 'agent' };
  readonly now: string;
  readonly next: string | null;
}

test.each<Case>([
  {
    title: 'a code',
    facts: { ...FACTS, state: 'verifying' },
    now: 'Waits for the customer’s code until',
    next: null,
  },
  {
    title: 'a code whose mail was kept back',
    facts: { ...FACTS, state: 'verifying', waitsUntil: null, keptBack: { nextAt: at, isLast: false } },
    now: 'No code is out: the mail with it was kept back. The desk sends a new one at',
    next: null,
  },
  {
    title: 'a code whose mail was kept back twice',
    facts: { ...FACTS, state: 'verifying', waitsUntil: null, keptBack: { nextAt: at, isLast: true } },
    now: 'No code is out: the mail with it was kept back again. It expires at',
    next: null,
  },
  {
    title: 'an approval that does not count since the policy became stricter',
    facts: { ...planned, vouchedBy: 'Ida', approvedBy: ['Ida'], approvalsWanted: 2 },
    now: 'Waits for another approver.',
    next: null,
  },
  {
    title: 'details',
    facts: { ...FACTS, state: 'needs_details' },
    now: 'Waits for the customer’s details until',
    next: 'correct',
  },
  { title: 'a plan', facts: { ...planned, planHash: null }, now: 'The plan is being rehearsed.', next: null },
  { title: 'an approval', facts: planned, now: 'The plan waits for approval.', next: 'approve' },
  {
    title: 'an approval, for who gave one of two',
    facts: { ...planned, approvalsWanted: 2, approvedBy: ['ida'] },
    now: 'Waits for another approver.',
    next: null,
  },
  {
    title: 'an approval, for who corrected it where it takes two',
    facts: { ...planned, approvalsWanted: 2, correctedBy: ['Ida'] },
    now: 'Waits for another approver.',
    next: null,
  },
  {
    title: 'an approval, for somebody who may not give it',
    facts: planned,
    who: { name: 'Sam', role: 'agent' },
    now: 'The plan waits for approval.',
    next: null,
  },
  {
    title: 'the end of its grace',
    facts: { ...FACTS, state: 'grace' },
    now: 'Nothing to do. It is deleted from',
    next: null,
  },
  {
    title: 'a mail that proves nothing',
    facts: { ...FACTS, holds: [hold('review')] },
    now: 'An agent has to look at it.',
    next: 'release?hold=review',
  },
  {
    title: 'two agents',
    facts: { ...FACTS, verdict: 'ownerless', holds: [hold('review')] },
    now: 'The workspace is deleted, and nobody in charge is known.',
    next: 'vouch',
  },
  {
    title: 'a request that an agent corrected, which nobody vouches for',
    facts: { ...FACTS, verdict: 'ownerless', holds: [hold('review')], correctedBy: ['Sam'] },
    now: 'The workspace is deleted, and nobody in charge is known.',
    next: null,
  },
  {
    title: 'a doubtful cancel before anything else',
    facts: { ...FACTS, state: 'grace', holds: [hold('agent'), hold('doubtful_cancel')] },
    now: 'Somebody asked to cancel, and it is not certain who.',
    next: 'release?hold=doubtful_cancel',
  },
  {
    title: 'an invoice, which settles itself',
    facts: { ...FACTS, state: 'verifying', verifiedAt: at, holds: [hold('billing')] },
    now: 'Waits until the open invoice is settled.',
    next: null,
  },
  {
    title: 'a checklist',
    facts: { ...FACTS, state: 'purging', holds: [hold('checklist')] },
    now: 'The next step is done by hand.',
    next: 'checklist',
  },
  {
    title: 'what a place keeps',
    facts: { ...FACTS, state: 'purging', holds: [hold('residue')] },
    now: 'Some of it cannot be deleted.',
    next: 'residue',
  },
  {
    title: 'a store that fails',
    facts: { ...FACTS, state: 'purging', step, brake },
    now: 'The store archive fails.',
    next: 'retry',
  },
  {
    title: 'a store that somebody braked',
    facts: { ...FACTS, state: 'purging', step, brake: { ...brake, setBy: 'Lena', seconds: null } },
    now: 'Lena braked the store archive.',
    next: null,
  },
  {
    title: 'the switch of all purges',
    facts: { ...FACTS, state: 'purging', step, brake, isHalted: true },
    now: 'All purges are halted.',
    next: null,
  },
  {
    title: 'nothing any more',
    facts: { ...FACTS, state: 'completed' },
    now: 'Done. What was asked for is deleted.',
    next: null,
  },
])('it says that a ticket waits for $title', ({ facts, who = ida, now, next }) => {
  const panel = actionPanel(facts, who);
  expect([panel.now, panel.next?.path ?? null]).toEqual([now, next]);
});

describe('in every state, on every hold, for every role', () => {
  const cases = STATES.flatMap((state) =>
    [null, ...HOLD_REASONS].flatMap((reason) =>
      [null, 'a'.repeat(64)].map((planHash) => ({
        ...FACTS,
        state,
        planHash,
        holds: reason === null ? [] : [hold(reason)],
      })),
    ),
  );
  const closed = ['completed', 'cancelled', 'rejected', 'expired', 'purging'];

  test.each(AGENT_ROLES)('%s is offered what a page of theirs does, once', (role) => {
    for (const facts of cases) {
      const { next, more, dangerous } = actionPanel(facts, { name: 'Ida', role });
      const links = [...(next === null ? [] : [next]), ...more, ...dangerous];
      expect(new Set(links.map(({ path }) => path)).size).toBe(links.length);
      for (const { path } of links) {
        const [name, query] = path.split('?');
        const act = ACTS.find((known) => known === (name === 'reply' ? 'note' : name)); // both are for agents
        expect(act, path).toBeDefined();
        const released = HOLD_REASONS.find((reason) => query === `hold=${reason}`);
        const needed = released === undefined ? NEEDED[act!] : neededToRelease(facts, released);
        expect(mayAct(role, needed), `${role} ${path}`).toBe(true);
      }
      if (closed.includes(facts.state)) expect(dangerous).toEqual([]);
      if (role === 'viewer') expect(links).toEqual([]);
    }
  });
});
