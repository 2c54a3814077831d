import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conversationDigest, type Target, targetDigest } from '../../src/domain/target.ts';
import { target } from '../tickets/cast.ts';

const changes: readonly { readonly what: string; readonly change: Partial<Target> }[] = [
  { what: 'scope', change: { scope: 'workspace' } },
  { what: 'workspace ID', change: { workspaces: [{ ...target.workspaces[0]!, id: 'ws_other' }] } },
  {
    what: 'time at which the workspace was created',
    change: { workspaces: [{ ...target.workspaces[0]!, createdAt: '2026-01-01T00:00:00.000Z' }] },
  },
  { what: 'tombstone', change: { workspaces: [{ ...target.workspaces[0]!, tombstone: true }] } },
  { what: 'number of workspaces', change: { workspaces: [target.workspaces[0]!, target.workspaces[0]!] } },
  { what: 'source', change: { source: { id: 'src_other', name: 'Website Prod' } } },
  { what: 'absence of a source', change: { source: null } },
  { what: 'space', change: { space: { id: 'spa_1', name: 'EU' } } },
  { what: 'project', change: { project: { id: 'prj_1', name: 'App' } } },
  { what: 'users', change: { users: ['user_1'] } },
  { what: 'events', change: { events: ['Order'] } },
  { what: 'properties', change: { properties: [{ name: 'email', kind: 'user', event: null }] } },
  { what: 'first day', change: { timeFrame: { from: '2024-01-02', to: '2024-03-31' } } },
  { what: 'last day', change: { timeFrame: { from: '2024-01-01', to: '2024-04-01' } } },
  { what: 'open end', change: { timeFrame: { from: '2024-01-01', to: null } } },
  { what: 'cut-off', change: { cutoff: '2026-03-01T09:00:00.001Z' } },
];

test.each(changes)('another $what is another digest', ({ change }) => {
  expect(targetDigest({ ...target, ...change })).not.toBe(targetDigest(target));
});

test('the table above changes every member of a target', () => {
  const changed = new Set(changes.flatMap(({ change }) => Object.keys(change)));
  expect([...changed].sort()).toEqual(Object.keys(target).sort());
});

test('the order in which the members stand does not matter', () => {
  const turned = Object.fromEntries(Object.entries(target).reverse()) as unknown as Target;
  expect(targetDigest(turned)).toBe(targetDigest(target));
});

const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
test('a conversation has one digest, whatever the order of its tickets, and another with any other set', () => {
  fc.assert(
    fc.property(fc.uniqueArray(hex, { minLength: 1, maxLength: 5 }), hex, (digests, more) => {
      const whole = conversationDigest(digests);
      expect(conversationDigest(digests.toReversed())).toBe(whole);
      expect(conversationDigest([...digests, more])).not.toBe(whole);
      expect(conversationDigest(digests.slice(1))).not.toBe(whole);
    }),
  );
});
