import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DeletionRequest, missingFields, SCOPES } from '../../src/domain/request.ts';
import type { State } from '../../src/domain/ticket.ts';
import { mergeDetails, pickWaiting } from '../../src/tickets/merge-details.ts';

const nothing: DeletionRequest = {
  scope: 'source',
  workspace: null,
  source: null,
  space: null,
  users: [],
  events: [],
  properties: [],
  project: null,
  timeFrame: null,
};
const request = (overrides: Partial<DeletionRequest> = {}): DeletionRequest => ({ ...nothing, ...overrides });
const waiting = (id: number, scope: DeletionRequest['scope'], state: State = 'needs_details') => ({
  id,
  state,
  request: request({ scope }),
});

describe('which waiting ticket an answer speaks of', () => {
  test.each([
    {
      title: 'the only one that was asked, by the same scope',
      tickets: [waiting(1, 'source')],
      given: request(),
      count: 1,
      picked: 1,
    },
    {
      title: 'the only one that was asked, by the name of a workspace alone',
      tickets: [waiting(1, 'source')],
      given: request({ scope: 'workspace', workspace: { slug: 'acme-inc' } }),
      count: 1,
      picked: 1,
    },
    {
      title: 'none when the scope is another one',
      tickets: [waiting(1, 'source')],
      given: request({ scope: 'space' }),
      count: 1,
      picked: null,
    },
    {
      title: 'the one of the scope when several wait',
      tickets: [waiting(1, 'source'), waiting(2, 'space')],
      given: request({ scope: 'space' }),
      count: 2,
      picked: 2,
    },
    {
      title: 'none when two of the scope wait',
      tickets: [waiting(1, 'source'), waiting(2, 'source')],
      given: request(),
      count: 1,
      picked: null,
    },
    {
      title: 'a ticket that waits for its code, of the same scope',
      tickets: [waiting(1, 'source', 'verifying')],
      given: request(),
      count: 1,
      picked: 1,
    },
    {
      title: 'never a ticket that waits for its code by the name of a workspace',
      tickets: [waiting(1, 'source', 'verifying')],
      given: request({ scope: 'workspace' }),
      count: 1,
      picked: null,
    },
    { title: 'none when none waits', tickets: [], given: request(), count: 1, picked: null },
  ])('$title', ({ tickets, given, count, picked }) => {
    expect(pickWaiting(tickets, given, count)?.id ?? null).toBe(picked);
  });
});

const word = fc.constantFrom('a', 'b', 'c');
const day = fc.constantFrom('2024-01-01', '2024-02-29', '2025-12-31');
const anyRequest: fc.Arbitrary<DeletionRequest> = fc.record({
  scope: fc.constantFrom(...SCOPES),
  workspace: fc.option(
    fc.oneof(
      word.map((slug) => ({ slug })),
      word.map((id) => ({ id })),
    ),
  ),
  source: fc.option(word),
  space: fc.option(word),
  users: fc.array(word, { maxLength: 2 }),
  events: fc.array(word, { maxLength: 2 }),
  properties: fc.array(
    fc.record({ name: word, kind: fc.constant('event' as const), event: fc.option(word) }),
    { maxLength: 2 },
  ),
  project: fc.option(word),
  timeFrame: fc.option(fc.record({ from: fc.option(day), to: fc.option(day) })),
});

describe('merging an answer into a request', () => {
  test('newer words win, and what they leave out stays', () => {
    expect(
      mergeDetails(
        request({ workspace: { slug: 'acme-inc' }, source: 'Old' }),
        request({ source: 'New', timeFrame: { from: '2024-01-01', to: '2024-01-31' } }),
      ),
    ).toEqual(
      request({
        workspace: { slug: 'acme-inc' },
        source: 'New',
        timeFrame: { from: '2024-01-01', to: '2024-01-31' },
      }),
    );
  });

  test('events and properties are one list: a new one replaces both', () => {
    const known = request({
      scope: 'events',
      events: ['Order'],
      properties: [{ name: 'email', kind: 'event', event: null }],
    });
    const given = request({ scope: 'events', events: ['Signup'] });
    expect(mergeDetails(known, given)).toMatchObject({ events: ['Signup'], properties: [] });
  });

  test('an answer never widens: the scope stays, and no narrowing field is ever lost', () => {
    fc.assert(
      fc.property(anyRequest, anyRequest, (known, given) => {
        const merged = mergeDetails(known, given);
        expect(merged.scope).toBe(known.scope);
        const missing = missingFields(merged);
        expect(missingFields(known)).toEqual(expect.arrayContaining([...missing]));
        for (const field of ['workspace', 'source', 'space', 'project', 'timeFrame'] as const) {
          expect([known[field], given[field]]).toContainEqual(merged[field]);
          expect(merged[field] === null).toBe(known[field] === null && given[field] === null);
        }
        expect(merged.users.length === 0).toBe(known.users.length + given.users.length === 0);
      }),
    );
  });
});
