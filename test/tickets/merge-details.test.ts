import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DeletionRequest, missingFields, SCOPES } from '../../src/domain/request.ts';
import type { State } from '../../src/domain/ticket.ts';
import {
  type Merge,
  mergeDetails,
  pickWaiting,
  type WaitingTicket,
} from '../../src/tickets/merge-details.ts';

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
const waiting = (
  id: number,
  scope: DeletionRequest['scope'],
  state: State = 'needs_details',
  known: Partial<DeletionRequest> = {},
): WaitingTicket => ({ id, state, request: request({ scope, ...known }), asks: [] });

describe('which waiting ticket an answer speaks of', () => {
  test.each([
    {
      title: 'the only one that was asked, by the same scope',
      tickets: [waiting(1, 'source')],
      given: [request()],
      picked: [1],
    },
    {
      title: 'the only one that was asked, by the name of a workspace alone',
      tickets: [waiting(1, 'source')],
      given: [request({ scope: 'workspace', workspace: { slug: 'acme-inc' } })],
      picked: [1],
    },
    {
      title: 'none when the scope is another one',
      tickets: [waiting(1, 'source')],
      given: [request({ scope: 'space' })],
      picked: [null],
    },
    {
      title: 'the one of the scope when several wait',
      tickets: [waiting(1, 'source'), waiting(2, 'space')],
      given: [request({ scope: 'space' }), request()],
      picked: [2, 1],
    },
    {
      title: 'none when two of the scope wait',
      tickets: [waiting(1, 'source'), waiting(2, 'source')],
      given: [request()],
      picked: [null],
    },
    {
      title: 'of two of the scope the one that names the same thing',
      tickets: [
        waiting(1, 'source', 'needs_details', { source: 'Web' }),
        waiting(2, 'source', 'needs_details', { source: 'iOS' }),
      ],
      given: [request({ source: 'ios' }), request({ source: 'Web' })],
      picked: [2, 1],
    },
    {
      title: 'each ticket once: what is left is a thing of its own',
      tickets: [waiting(1, 'source')],
      given: [request({ source: 'Web' }), request({ source: 'iOS' })],
      picked: [1, null],
    },
    {
      title: 'the one that names the same thing, whatever stands first',
      tickets: [waiting(1, 'source', 'needs_details', { source: 'Web' })],
      given: [request({ source: 'iOS' }), request({ source: 'Web' })],
      picked: [null, 1],
    },
    {
      title: 'none of several requests that all name other things',
      tickets: [waiting(1, 'source', 'needs_details', { source: 'Web' })],
      given: [request({ source: 'iOS' }), request({ source: 'Android' })],
      picked: [null, null],
    },
    {
      title: 'a ticket that waits for its code, of the same scope',
      tickets: [waiting(1, 'source', 'verifying')],
      given: [request()],
      picked: [1],
    },
    {
      title: 'never a ticket that waits for its code by the name of a workspace',
      tickets: [waiting(1, 'source', 'verifying')],
      given: [request({ scope: 'workspace' })],
      picked: [null],
    },
    { title: 'none when none waits', tickets: [], given: [request()], picked: [null] },
  ])('$title', ({ tickets, given, picked }) => {
    expect(pickWaiting(tickets, given).map((ticket) => ticket?.id ?? null)).toEqual(picked);
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

const how = (overrides: Partial<Merge> = {}): Merge => ({
  asked: [],
  corrects: false,
  unreadableDays: false,
  isSameWorkspace: (a, b) => JSON.stringify(a) === JSON.stringify(b),
  ...overrides,
});
const may = { from: '2024-05-01', to: '2024-05-31' };
const web = request({ workspace: { slug: 'acme-inc' }, source: 'Web', timeFrame: may });

describe('merging an answer into a request', () => {
  test.each<{
    readonly title: string;
    readonly known?: DeletionRequest;
    readonly given: Partial<DeletionRequest>;
    readonly how?: Partial<Merge>;
    readonly merged: Partial<DeletionRequest>;
    readonly differs?: readonly string[];
  }>([
    {
      title: 'what is open is filled',
      known: { ...web, timeFrame: null },
      given: { timeFrame: may },
      merged: { timeFrame: may },
    },
    { title: 'what is said again stays', given: { source: 'web', timeFrame: may }, merged: {} },
    {
      title: 'what was asked about is answered',
      given: { source: 'iOS' },
      how: { asked: ['source'] },
      merged: { source: 'iOS' },
    },
    {
      title: 'another source is asked',
      given: { source: 'iOS' },
      merged: { source: null },
      differs: ['source'],
    },
    {
      title: 'another workspace is asked',
      given: { workspace: { slug: 'globex' } },
      merged: { workspace: null },
      differs: ['workspace'],
    },
    {
      title: 'other days are asked, even fewer of them',
      given: { timeFrame: { from: '2024-05-02', to: '2024-05-03' } },
      merged: { timeFrame: null },
      differs: ['timeFrame'],
    },
    {
      title: 'days that cannot be read put the known ones in doubt',
      given: {},
      how: { unreadableDays: true },
      merged: { timeFrame: null },
      differs: ['timeFrame'],
    },
    {
      title: 'a correction counts',
      given: { source: 'iOS' },
      how: { corrects: true },
      merged: { source: 'iOS' },
    },
    {
      title: 'the ID of the same workspace is no other one',
      given: { workspace: { id: 'ws_acme' } },
      how: { isSameWorkspace: () => true },
      merged: {},
    },
    {
      title: 'the ID that was asked for takes the place of the slug',
      given: { workspace: { id: 'ws_acme' } },
      how: { asked: ['workspace'], isSameWorkspace: () => true },
      merged: { workspace: { id: 'ws_acme' } },
    },
    {
      title: 'more users are asked',
      known: request({ scope: 'user', users: ['u1'] }),
      given: { users: ['u1', 'u2'] },
      merged: { users: [] },
      differs: ['users'],
    },
    {
      title: 'the same users in another order stay',
      known: request({ scope: 'user', users: ['u1', 'u2'] }),
      given: { users: ['u2', 'u1'] },
      merged: {},
    },
    {
      title: 'events and properties are one list: asked about, a new one replaces both',
      known: request({
        scope: 'events',
        events: ['Order'],
        properties: [{ name: 'email', kind: 'event', event: null }],
      }),
      given: { events: ['Signup'] },
      how: { asked: ['events'] },
      merged: { events: ['Signup'], properties: [] },
    },
  ])('$title', ({ known = web, given, how: rules, merged, differs = [] }) => {
    const answer = request({ scope: known.scope, ...given });
    expect(mergeDetails(known, answer, how(rules))).toEqual({ request: { ...known, ...merged }, differs });
  });

  test('the scope stays, nothing comes from elsewhere, and without a correction nothing known is replaced', () => {
    const fields = ['workspace', 'source', 'space', 'project', 'timeFrame', 'users', 'events'] as const;
    fc.assert(
      fc.property(
        anyRequest,
        anyRequest,
        fc.subarray([...fields]),
        fc.boolean(),
        fc.boolean(),
        (known, given, asked, corrects, unreadableDays) => {
          const { request: merged, differs } = mergeDetails(
            known,
            given,
            how({ asked, corrects, unreadableDays }),
          );
          expect(merged.scope).toBe(known.scope);
          const plain = (value: unknown) => JSON.stringify(value).toLowerCase();
          const isEmpty = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0);
          for (const field of fields) {
            const [old, next, now] = [known[field], given[field], merged[field]];
            if (differs.includes(field)) expect(isEmpty(now)).toBe(true);
            else if (field !== 'events') expect([plain(old), plain(next)]).toContain(plain(now));
            const replaced = !isEmpty(old) && !isEmpty(now) && plain(old) !== plain(now);
            if (replaced && field !== 'events') expect(corrects || asked.includes(field)).toBe(true);
          }
          const missing = missingFields(merged).filter((field) => !differs.includes(field));
          expect(missingFields(known)).toEqual(expect.arrayContaining([...missing]));
        },
      ),
    );
  });
});
