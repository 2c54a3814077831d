import { describe, expect, test } from 'vitest';
import type { PlanStep } from '../../src/domain/plan.ts';
import type { PropertyClause } from '../../src/domain/request.ts';
import type { Store } from '../../src/purge/store.ts';
import { ACME, NEIGHBOUR } from './fixtures.ts';
import { eraseAll, NEVER, stepWith } from './store-contract.ts';

/** A row of a table of events: documents as texts. */
export interface EventRow {
  readonly id: string;
  readonly workspace: string;
  readonly project: string;
  readonly event: string;
  /** ISO 8601. */
  readonly at: string;
  readonly properties: string | null;
  readonly context: string | null;
  readonly email: string | null;
}

/**
 * An empty table of events whose entry says: event properties lie in `properties`, user properties below `traits` in
 * `context`, and `email` in a column of that name as well.
 */
export interface PropertyScene extends AsyncDisposable {
  readonly store: Store;
  /** Clears nothing yet: rows of acme and one project, received in January 2024. */
  readonly step: PlanStep;
  insert(rows: readonly EventRow[]): Promise<void>;
  /** In the order of their ids. */
  rows(): Promise<EventRow[]>;
}

export const PROPERTIES = {
  event: { json: 'properties' },
  user: { json: 'context', path: ['traits'], columns: { email: 'email' } },
};

/** Of the project `prj_1`, in January 2024; what the tests override is what they are about. */
const eventRow = (id: number, overrides: Partial<EventRow> = {}): EventRow => ({
  id: String(id),
  workspace: ACME,
  project: 'prj_1',
  event: 'Ordered',
  at: '2024-01-10T12:00:00.000Z',
  properties: '{"plan": "team", "email": "a@example.org"}',
  context: '{"traits": {"email": "b@example.org", "age": 7}, "email": "kept"}',
  email: 'c@example.org',
  ...overrides,
});

/** Names that mean something to a path, a pattern, a placeholder or a statement; here they are names. */
const HOSTILE = [
  ...[
    'email',
    'Email',
    'EMAIL',
    'e_mail',
    'email ',
    ' email',
    'émail',
    'e\u0301mail',
    '😀',
    'a\u2028b',
    '日本',
  ],
  ...[
    'a.b',
    'a',
    'b',
    '$',
    '$.a',
    '$[0]',
    'a[0]',
    '[0]',
    '*',
    '**',
    '$**',
    '{a}',
    '{a,b}',
    'a,b',
    '0',
    '-1',
    '-',
    'null',
  ],
  ...[
    'a"b',
    "a'b",
    'a\\b',
    '\\',
    '\\"',
    '"',
    '""',
    "'",
    '`',
    'a\nb',
    'a\tb',
    '\u0001',
    'a/b',
    '?',
    '$1',
    '%',
    '_',
  ],
  ...[
    '__proto__',
    'constructor',
    "'; drop table events; --",
    '" or true',
    'last',
    'traits',
    ':a',
    '@a',
    '#a',
  ],
];

const property = (
  name: string,
  kind: PropertyClause['kind'] = 'event',
  event: string | null = null,
): PropertyClause => ({ name, kind, event });

const clearing = (step: PlanStep, ...properties: PropertyClause[]): PlanStep => ({
  ...stepWith(step, { properties }),
  action: 'clear',
});

/** How single properties are cleared, whatever the database; a plain model of it says what to expect. */
export function describePropertyClearing(name: string, makeScene: () => Promise<PropertyScene>): void {
  describe(`${name} clears single properties`, () => {
    test('of the rows that match and hold them, and of no other; nothing else changes', async () => {
      await using scene = await makeScene();
      const rows = [
        eventRow(1),
        eventRow(2, { event: 'Signed Up' }),
        eventRow(3, { workspace: NEIGHBOUR }),
        eventRow(4, { project: 'prj_2' }),
        eventRow(5, { at: '2023-12-31T23:59:59.000Z' }),
        eventRow(6, { at: '2024-02-01T00:00:00.000Z' }),
        eventRow(7, { properties: '{"plan": "team"}' }),
        eventRow(8, { at: '2024-01-31T23:59:59.000Z' }),
      ];
      await expectCleared(scene, rows, [property('email')], 3);
    });

    test.each([
      { title: 'a user property from its object and its column', clause: property('email', 'user'), held: 2 },
      { title: 'a user property without a column', clause: property('age', 'user'), held: 2 },
      { title: 'an event property of one event', clause: property('plan', 'event', 'Ordered'), held: 1 },
      {
        title: 'an event property of an event that nobody sent',
        clause: property('plan', 'event', 'No'),
        held: 0,
      },
      { title: 'a property that nobody has', clause: property('nothing'), held: 0 },
    ])('$title', async ({ clause, held }) => {
      await using scene = await makeScene();
      const rows = [eventRow(1), eventRow(2, { event: 'Signed Up' }), eventRow(3, { workspace: NEIGHBOUR })];
      await expectCleared(scene, rows, [clause], held);
    });

    test('of five clauses each where it applies, and a row with several counts once', async () => {
      await using scene = await makeScene();
      const both = '{"plan": 1, "email": 2, "left": 3, "price": 4}';
      const rows = [
        eventRow(1, { properties: both }),
        eventRow(2, { properties: both, event: 'Signed Up' }),
        eventRow(3, { properties: both, event: 'Other', context: null, email: null }),
        eventRow(4, { properties: '{"left": 1}', event: 'Signed Up', context: '{}', email: null }),
        eventRow(5, { properties: null, context: null }),
      ];
      const clauses = [
        property('plan', 'event', 'Ordered'),
        property('plan', 'event', 'Signed Up'),
        property('price'),
        property('email', 'user'),
        property('email', 'event', 'Signed Up'),
      ];
      await expectCleared(scene, rows, clauses, 4);
    });

    test('only where the document is an object with that key, whatever else it holds', async () => {
      await using scene = await makeScene();
      const documents = [
        ...['["email", "plan"]', '"email"', 'null', '7', '[{"email": 1}]', '{"nested": {"email": 1}}', '{}'],
        ...['{"email": null}', '{"email": {"email": 1}, "b": [1.50, 1e2, 12345678901234567890]}', null],
      ];
      const contexts = [
        ...['{"traits": ["email"]}', '{"traits": "email"}', '{"traits": null}', '{"email": 1}', '["traits"]'],
        ...[
          '{"traits": {"email": null}}',
          '{"traits": {"traits": {"email": 1}}}',
          '[{"traits": {"email": 1}}]',
          null,
        ],
      ];
      const rows = [
        ...documents.map((properties, index) =>
          eventRow(index + 1, { properties, context: null, email: null }),
        ),
        ...contexts.map((context, index) => eventRow(index + 50, { properties: null, context, email: null })),
      ];
      await expectCleared(scene, rows, [property('email')], 2);
      await expectCleared(scene, null, [property('email', 'user')], 1);
    });

    test('leave a document alone that is no such object when the row loses them elsewhere', async () => {
      await using scene = await makeScene();
      const contexts = [
        '{"traits": ["email", "b"]}',
        '{"traits": "email"}',
        '["email"]',
        '"email"',
        '7',
        'null',
      ];
      const rows = contexts.map((context, index) => eventRow(index + 1, { properties: context, context }));
      await expectCleared(scene, rows, [property('email', 'user'), property('email')], rows.length);
      const texts = (await scene.rows()).map(({ properties, context }) =>
        [properties, context].map(spaceless),
      );
      expect(texts).toEqual(contexts.map((context) => [spaceless(context), spaceless(context)]));
    });

    test('whatever they are called: every name means itself, in both kinds', async () => {
      await using scene = await makeScene();
      const all = `{${HOSTILE.map((key) => `${JSON.stringify(key)}: 1`).join(', ')}}`;
      await scene.insert([
        eventRow(1, { properties: all, context: `{"traits": ${all}}`, email: null }),
        eventRow(2, { properties: all, context: `{"traits": ${all}}`, workspace: NEIGHBOUR }),
      ]);
      for (const hostile of HOSTILE) {
        for (const kind of ['event', 'user'] as const) {
          await expectCleared(scene, null, [property(hostile, kind)], 1);
        }
      }
      const [mine] = await scene.rows();
      expect(JSON.parse(mine?.properties ?? '')).toEqual({});
      expect(JSON.parse(mine?.context ?? '')).toEqual({ traits: {} });
    });

    test('in batches, of which one may be repeated', async () => {
      await using scene = await makeScene();
      await scene.insert(Array.from({ length: 7 }, (_, index) => eventRow(index + 1)));
      const { store } = scene;
      const step = clearing(scene.step, property('email'));
      const first = await store.erase(step, null, { limit: 2, signal: NEVER });
      expect(first).toMatchObject({ deleted: 2, done: false });
      expect(await store.countRemaining(step, NEVER)).toBe(5);
      expect(await eraseAll(store, step, 3)).toBe(5);
      expect(await store.erase(step, first.checkpoint, { limit: 9, signal: NEVER })).toMatchObject({
        deleted: 0,
        done: true,
      });
      expect(await scene.rows()).toHaveLength(7);
    });

    test.each<{ title: string; change: (step: PlanStep) => PlanStep }>([
      { title: 'a deletion that names properties', change: (step) => ({ ...step, action: 'delete' }) },
      { title: 'a clearing that names none', change: (step) => stepWith(step, { properties: [] }) },
      { title: 'a clearing that names events', change: (step) => stepWith(step, { events: ['Ordered'] }) },
      {
        title: 'half a character',
        change: (step) => stepWith(step, { properties: [property('email\ud83d')] }),
      },
      { title: 'an empty name', change: (step) => stepWith(step, { properties: [property(' ')] }) },
      {
        title: 'an empty event',
        change: (step) => stepWith(step, { properties: [property('email', 'event', '')] }),
      },
    ])('$title is refused, and nothing is changed', async ({ change }) => {
      await using scene = await makeScene();
      await scene.insert([eventRow(1)]);
      const before = await scene.rows();
      const step = change(clearing(scene.step, property('email')));
      const refused = { code: 'PD_STORE_INVALID' };
      await expect(scene.store.rehearse(step, NEVER)).rejects.toMatchObject(refused);
      await expect(scene.store.erase(step, null, { limit: 9, signal: NEVER })).rejects.toMatchObject(refused);
      await expect(scene.store.countRemaining(step, NEVER)).rejects.toMatchObject(refused);
      expect(await scene.rows()).toEqual(before);
    });
  });
}

/** @param rows - what to fill the table with; `null` = what is there */
async function expectCleared(
  scene: PropertyScene,
  rows: readonly EventRow[] | null,
  clauses: readonly PropertyClause[],
  held: number,
): Promise<void> {
  if (rows !== null) await scene.insert(rows);
  const before = await scene.rows();
  const step = clearing(scene.step, ...clauses);
  const said = JSON.stringify(clauses);
  expect(await scene.store.rehearse(step, NEVER), said).toBe(held);
  expect(await eraseAll(scene.store, step, 2), said).toBe(held);
  expect(await scene.store.countRemaining(step, NEVER), said).toBe(0);
  const after = await scene.rows();
  expect(after.map(parsed), said).toEqual(before.map((row) => parsed(modelled(row, clauses))));
  // Rows that held none of it are the same to the letter.
  const untouched = before.filter((row) => modelled(row, clauses) === row);
  expect(after.filter(({ id }) => untouched.some((row) => row.id === id))).toEqual(untouched);
}

/** What clearing means, in a few lines. The same object when nothing changes. */
function modelled(row: EventRow, clauses: readonly PropertyClause[]): EventRow {
  const isMatched =
    row.workspace === ACME && row.project === 'prj_1' && row.at >= '2024-01-01' && row.at < '2024-02-01';
  return clauses.reduce((rest, { name, kind, event }) => {
    if (!isMatched || (event !== null && event !== row.event)) return rest;
    if (kind === 'event') return withoutKey(rest, 'properties', [], name);
    const cleared = withoutKey(rest, 'context', ['traits'], name);
    return name === 'email' && cleared.email !== null ? { ...cleared, email: null } : cleared;
  }, row);
}

function withoutKey(
  row: EventRow,
  column: 'properties' | 'context',
  path: readonly string[],
  name: string,
): EventRow {
  const document: unknown = JSON.parse(row[column] ?? 'null');
  const object = path.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), document);
  if (!isObject(object) || !Object.hasOwn(object, name)) return row;
  delete object[name];
  return { ...row, [column]: JSON.stringify(document) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Documents without the order of their keys, which nothing promises; numbers stay as they are written. */
const parsed = (row: EventRow) => ({
  ...row,
  properties: unordered(row.properties),
  context: unordered(row.context),
});

function unordered(text: string | null): unknown {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (!isObject(value)) return value;
    const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
    return { entries: entries.sort(([one], [other]) => (one < other ? -1 : 1)) };
  };
  return text === null ? null : sorted(JSON.parse(text));
}

const spaceless = (text: string | null): string => String(text).replaceAll(' ', '');
