import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addHours } from '../../src/domain/calendar.ts';
import { HOLD_REASONS, STATES, type Ticket } from '../../src/domain/ticket.ts';
import { dueEvent, isFinal, needsApproval, nextWake, purgeStart } from '../../src/tickets/policy.ts';
import { transition } from '../../src/tickets/transition.ts';
import { graceEndsAt, policy, ticketIn, verifiedAt } from './cast.ts';

const since = new Date('2026-03-01T09:00:00Z');
const hours = (count: number) => addHours(since, count);
const beforeEnd = (count: number) => addHours(graceEndsAt, -count);
const late = { notBefore: addHours(graceEndsAt, 30) };

describe('when the tick looks at a ticket, and what it does then', () => {
  interface Row {
    readonly title: string;
    readonly ticket: Ticket;
    readonly at: Date;
    readonly wake: Date | null;
    readonly due: ReturnType<typeof dueEvent>;
  }
  const rows: readonly Row[] = [
    {
      title: 'an incomplete request waits 14 days for its details',
      ticket: ticketIn('needs_details'),
      at: hours(1),
      wake: hours(14 * 24),
      due: null,
    },
    {
      title: 'an incomplete request lapses after 14 days',
      ticket: ticketIn('needs_details'),
      at: hours(14 * 24),
      wake: hours(14 * 24),
      due: 'lapsed',
    },
    {
      title: 'a challenge is quiet for 24 hours',
      ticket: ticketIn('verifying'),
      at: hours(23.9),
      wake: hours(24),
      due: null,
    },
    {
      title: 'a challenge is reminded of after 24 hours',
      ticket: ticketIn('verifying'),
      at: hours(24),
      wake: hours(24),
      due: 'reminder_due',
    },
    {
      title: 'a challenge that was reminded of waits for its end',
      ticket: ticketIn('verifying', { remindedAt: hours(24) }),
      at: hours(24),
      wake: hours(72),
      due: null,
    },
    {
      title: 'a challenge lapses after 72 hours',
      ticket: ticketIn('verifying', { remindedAt: hours(24) }),
      at: hours(72),
      wake: hours(72),
      due: 'lapsed',
    },
    {
      title: 'a challenge that nobody could be reminded of lapses all the same',
      ticket: ticketIn('verifying'),
      at: hours(100),
      wake: hours(24),
      due: 'lapsed',
    },
    {
      title: 'a code under review is not reminded of',
      ticket: ticketIn('verifying', { holds: ['review'] }),
      at: hours(30),
      wake: hours(72),
      due: null,
    },
    {
      title: 'a challenge under review lapses as ever',
      ticket: ticketIn('verifying', { holds: ['review'] }),
      at: hours(72),
      wake: hours(72),
      due: 'lapsed',
    },
    {
      title: 'a verified ticket that is held waits for its hold alone',
      ticket: ticketIn('verifying', { verifiedAt, holds: ['billing'] }),
      at: hours(500),
      wake: null,
      due: null,
    },
    {
      title: 'a grace is quiet until a day before its end',
      ticket: ticketIn('grace'),
      at: beforeEnd(24.1),
      wake: beforeEnd(24),
      due: null,
    },
    {
      title: 'a grace is reminded of a day before its end',
      ticket: ticketIn('grace'),
      at: beforeEnd(24),
      wake: beforeEnd(24),
      due: 'reminder_due',
    },
    {
      title: 'a reminder that is overdue is not forgotten',
      ticket: ticketIn('grace'),
      at: beforeEnd(3),
      wake: beforeEnd(24),
      due: 'reminder_due',
    },
    {
      title: 'a grace that was reminded of waits for its end',
      ticket: ticketIn('grace', { remindedAt: beforeEnd(24) }),
      at: beforeEnd(23),
      wake: graceEndsAt,
      due: null,
    },
    {
      title: 'a held grace is not reminded of',
      ticket: ticketIn('grace', { holds: ['agent'] }),
      at: beforeEnd(3),
      wake: graceEndsAt,
      due: null,
    },
    {
      title: 'a grace that is over purges',
      ticket: ticketIn('grace', { remindedAt: beforeEnd(24) }),
      at: graceEndsAt,
      wake: addHours(graceEndsAt, 1 / 6),
      due: 'grace_elapsed',
    },
    {
      title: 'a held grace that is over waits for the release',
      ticket: ticketIn('grace', { holds: ['agent'] }),
      at: graceEndsAt,
      wake: null,
      due: 'grace_elapsed',
    },
    {
      title: 'a ticket that was released late waits for its own hour',
      ticket: ticketIn('grace', { ...late, remindedAt: graceEndsAt }),
      at: addHours(graceEndsAt, 6),
      wake: late.notBefore,
      due: null,
    },
    {
      title: 'a ticket that was released late purges at its own hour',
      ticket: ticketIn('grace', { ...late, remindedAt: graceEndsAt }),
      at: late.notBefore,
      wake: addHours(late.notBefore, 1 / 6),
      due: 'grace_elapsed',
    },
    {
      title: 'a completed ticket waits for the end of the last backup',
      ticket: ticketIn('completed', { residueWakeAt: hours(9_000) }),
      at: hours(8_999.9),
      wake: hours(9_000),
      due: null,
    },
    {
      title: 'a completed ticket tells that the last backup is gone',
      ticket: ticketIn('completed', { residueWakeAt: hours(9_000) }),
      at: hours(9_000),
      wake: hours(9_000),
      due: 'residue_expired',
    },
    {
      title: 'a completed ticket that told it is at rest',
      ticket: ticketIn('completed', { residueWakeAt: hours(9_000), residueToldAt: hours(9_000) }),
      at: hours(10_000),
      wake: null,
      due: null,
    },
    {
      title: 'a completed ticket of which nobody can say when the backups go is at rest',
      ticket: ticketIn('completed', { residueWakeAt: null }),
      at: hours(10_000),
      wake: null,
      due: null,
    },
    ...(['received', 'approval', 'purging', 'cancelled', 'rejected', 'expired'] as const).map((state) => ({
      title: `in ${state} nothing is due by time alone`,
      ticket: ticketIn(state),
      at: hours(10_000),
      wake: null,
      due: null,
    })),
  ];

  const dated = policy.residue.map((residue) => ({ ...residue, rollingDays: 30 }));
  test.each(rows)('$title', ({ ticket, at, wake, due }) => {
    const of = ticket.state === 'completed' ? { ...policy, residue: dated } : policy;
    expect({ wake: nextWake(ticket, of, at), due: dueEvent(ticket, of, at) }).toEqual({ wake, due });
  });

  test('a ticket is never woken in vain for ever: what is due by the clock is accepted, or it sleeps on', () => {
    const anyTicket = fc
      .record({
        state: fc.constantFrom(...STATES),
        holds: fc.uniqueArray(fc.constantFrom(...HOLD_REASONS), { maxLength: 2 }),
        remindedAt: fc.constantFrom(null, hours(24)),
        verified: fc.boolean(),
        notBefore: fc.constantFrom(null, late.notBefore),
      })
      .map(({ state, verified, notBefore, ...rest }) =>
        ticketIn(state, {
          ...rest,
          // A verified ticket stays in `verifying` only while it is held.
          ...(state === 'verifying'
            ? { verifiedAt: verified && rest.holds.length > 0 ? verifiedAt : null }
            : {}),
          ...(state === 'grace' ? { notBefore } : {}),
        }),
      );
    fc.assert(
      fc.property(anyTicket, fc.integer({ min: 0, max: 30 * 24 * 60 }), (ticket, minutes) => {
        const at = addHours(since, minutes / 60);
        const type = dueEvent(ticket, policy, at);
        const wake = nextWake(ticket, policy, at);
        if (type === null) {
          expect(wake === null || wake > at).toBe(true);
          return;
        }
        const event = type === 'grace_elapsed' ? ({ type, obstacles: [] } as const) : { type };
        const outcome = transition(ticket, event, policy, at);
        const asleep = type === 'grace_elapsed' && ticket.holds.length > 0;
        expect(outcome.kind === 'refused').toBe(asleep);
        if (asleep) expect(wake).toBeNull();
        else expect(wake).not.toBeNull();
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('the words of the policy', () => {
  test.each([
    { title: 'the end of the grace starts the purge', ticket: ticketIn('grace'), start: graceEndsAt },
    { title: 'a later hour of its own counts', ticket: ticketIn('grace', late), start: late.notBefore },
    {
      title: 'an earlier one shortens nothing',
      ticket: ticketIn('grace', { notBefore: beforeEnd(48) }),
      start: graceEndsAt,
    },
  ])('$title', ({ ticket, start }) => {
    expect(purgeStart(ticket as Extract<Ticket, { state: 'grace' }>)).toEqual(start);
  });

  test('an agent approves only where every plan is reviewed', () => {
    expect(needsApproval(policy)).toBe(false);
    expect(needsApproval({ ...policy, review: 'all' })).toBe(true);
  });

  test('what runs or ran is final for a party, whatever the scope', () => {
    expect(STATES.filter((state) => isFinal(ticketIn(state), policy))).toEqual(['purging', 'completed']);
  });

  test('a final scope is final from the verification on', () => {
    const strict = { ...policy, finalScopes: ['source'] as const };
    expect(STATES.filter((state) => isFinal(ticketIn(state), strict))).toEqual([
      'approval',
      'grace',
      'purging',
      'completed',
    ]);
    expect(isFinal(ticketIn('verifying', { verifiedAt, holds: ['billing'] }), strict)).toBe(true);
  });
});
