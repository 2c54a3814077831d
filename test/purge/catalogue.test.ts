import { describe, expect, test } from 'vitest';
import { checkStores, placesServing, storeSchema, storesSchema } from '../../src/purge/catalogue.ts';
import { archiveStore, eventsTable } from './fixtures.ts';
import { httpStore } from './http-peer.ts';

describe('the shape of a store', () => {
  test.each([
    { title: 'a table without a key', table: eventsTable({ id: undefined }) },
    { title: 'a table without its workspace column', table: eventsTable({ workspace: undefined }) },
    { title: 'an empty column', table: eventsTable({ workspace: '' }) },
    {
      title: 'a column that is an expression',
      table: eventsTable({ workspace: "workspace_id' or true --" }),
    },
    { title: 'a quoted column', table: eventsTable({ id: '"id"' }) },
    { title: 'a table without a schema', table: eventsTable({ table: 'events' }) },
    { title: 'a table with a database', table: eventsTable({ table: 'db.public.events' }) },
    { title: 'a setting that nobody knows', table: eventsTable({ where: 'true' }) },
    { title: 'a scope that nobody knows', table: eventsTable({ scopes: ['everything'] }) },
    { title: 'an empty list of scopes', table: eventsTable({ scopes: [] }) },
  ])('refuses $title', ({ table }) => {
    expect(storeSchema.safeParse({ ...archiveStore(), tables: [table] }).success).toBe(false);
  });

  test('is not an archive unless it says so', () => {
    const { archive: _archive, ...rest } = archiveStore();
    expect(storeSchema.parse(rest).archive).toBe(false);
  });

  test('takes one user column as a list of one', () => {
    const store = archiveStore({ tables: [eventsTable({ user: 'user_id' })] });
    expect(store.tables[0]?.user).toEqual(['user_id']);
  });
});

describe('checkStores', () => {
  test('finds nothing wrong with a catalogue that says what it means', () => {
    expect(checkStores(storesSchema.parse([archiveStore()]))).toEqual([]);
  });

  test.each([
    {
      title: 'two stores of one name',
      stores: [archiveStore(), archiveStore()],
      problem: 'two stores are called archive',
    },
    {
      title: 'scope source on a store that is no archive',
      stores: [archiveStore({ archive: false })],
      problem: 'store archive: scope source is for stores marked archive: true only',
    },
    {
      title: 'scope source without a received-time column',
      stores: [archiveStore({ scopes: ['source'], tables: [eventsTable({ receivedAt: undefined })] })],
      problem: /cannot express scope source: it names no column for receivedAt/,
    },
    {
      title: 'scope events without project and event columns',
      stores: [
        archiveStore({ scopes: ['events'], tables: [eventsTable({ project: undefined, event: undefined })] }),
      ],
      problem: /cannot express scope events: it names no column for project, event/,
    },
    {
      title: 'scope user without a user column',
      stores: [archiveStore({ scopes: ['user'], tables: [eventsTable({ user: undefined })] })],
      problem: /cannot express scope user/,
    },
    {
      title: 'a table that lists a scope its store does not serve',
      stores: [archiveStore({ scopes: ['user'], tables: [eventsTable({ scopes: ['user', 'space'] })] })],
      problem: /lists scope space, which the store does not serve/,
    },
    {
      title: 'a scope that no table serves',
      stores: [archiveStore({ scopes: ['user', 'space'], tables: [eventsTable({ scopes: ['user'] })] })],
      problem: 'store archive: scope space is listed and no table serves it',
    },
    {
      title: 'a table listed twice',
      stores: [archiveStore({ tables: [eventsTable(), eventsTable()] })],
      problem: 'store archive: table public.events is listed twice',
    },
    {
      title: 'one column as two kinds of id',
      stores: [archiveStore({ tables: [eventsTable({ source: 'workspace_id' })] })],
      problem: 'store archive: table public.events uses column workspace_id for two meanings',
    },
    {
      title: 'a URL of another protocol',
      stores: [archiveStore({ url: 'https://secret@example.org' })],
      problem: 'store archive: url must begin with postgres://',
    },
  ])('refuses $title', ({ stores, problem }) => {
    const found = checkStores(stores);
    expect(found).toContainEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem));
    expect(found.join()).not.toContain('secret');
  });
});

describe('placesServing', () => {
  test('never gives a source deletion a store that is no archive, whatever it lists', () => {
    expect(placesServing(archiveStore({ archive: false }), 'source')).toEqual([]);
  });

  test('leaves out a table that lists other scopes', () => {
    expect(placesServing(archiveStore(), 'source').map(({ target }) => target)).toEqual(['public.events']);
  });
});

describe('the entry of a service', () => {
  test('is right as it stands', () => {
    expect(checkStores([httpStore()])).toEqual([]);
    expect(checkStores([httpStore({ url: 'http://127.0.0.1:8080/v1', token: undefined })])).toEqual([]);
  });

  test.each([
    { title: 'a collection with a wildcard', collections: [{ collection: 'contacts*' }] },
    { title: 'a collection that is a path', collections: [{ collection: '../admin' }] },
    { title: 'no collection', collections: [] },
    {
      title: 'a field that nobody knows',
      collections: [{ collection: 'contacts', narrows: ['email'] }],
    },
    { title: 'a token with a line end', token: 'a\r\nx-admin: yes' },
    { title: 'an empty token', token: '' },
  ])('refuses $title', ({ title: _, ...overrides }) => {
    expect(storeSchema.safeParse({ ...httpStore(), ...overrides }).success).toBe(false);
  });

  test.each([
    {
      title: 'http beyond loopback',
      overrides: { url: 'http://crm.example.org/v1' },
      problem: 'url must begin with https://; http:// is for loopback only',
    },
    {
      title: 'a name that only begins like loopback',
      overrides: { url: 'http://127.0.0.1.example.org/v1' },
      problem: 'url must begin with https://; http:// is for loopback only',
    },
    {
      title: 'another protocol',
      overrides: { url: 'file:///etc/passwd' },
      problem: 'url must begin with https://; http:// is for loopback only',
    },
    {
      title: 'a login in the address',
      overrides: { url: 'https://u:canary@crm.example.org/v1' },
      problem: 'url holds a login; use token',
    },
    {
      title: 'a query',
      overrides: { url: 'https://crm.example.org/v1?key=canary' },
      problem: 'url must end with its path',
    },
    { title: 'no address', overrides: { url: 'canary' }, problem: 'url is not a URL' },
    {
      title: 'a scope that a collection cannot tell apart',
      overrides: { scopes: ['user'], collections: [{ collection: 'contacts' }] },
      problem: /collection contacts cannot express scope user: it does not narrow by user/,
    },
    {
      title: 'a collection listed twice',
      overrides: { scopes: ['workspace'], collections: [{ collection: 'a' }, { collection: 'a' }] },
      problem: 'store crm: collection a is listed twice',
    },
  ])('$title is a problem', ({ overrides, problem }) => {
    const found = checkStores([httpStore(overrides)]);
    expect(found).toContainEqual(
      typeof problem === 'string' ? expect.stringContaining(problem) : expect.stringMatching(problem),
    );
    expect(found.join()).not.toContain('canary');
  });
});
