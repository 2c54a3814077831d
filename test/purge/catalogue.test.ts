import { describe, expect, test } from 'vitest';
import { checkStores, placesServing, storeSchema, storesSchema } from '../../src/purge/catalogue.ts';
import { archiveStore, eventsTable } from './fixtures.ts';
import { httpStore } from './http-peer.ts';
import { mysqlStore } from './mysql-customers.ts';

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

describe('the entry of a MySQL or MariaDB database', () => {
  test('is right as it stands', () => {
    expect(checkStores([mysqlStore()])).toEqual([]);
    expect(checkStores([mysqlStore({ url: 'mariadb://p@db.example.org:3307/x?ssl=verify' })])).toEqual([]);
  });

  test.each([
    { title: 'a table without a key', table: { id: undefined } },
    { title: 'a table without its workspace column', table: { workspace: undefined } },
    { title: 'an empty column', table: { workspace: '' } },
    { title: 'a column that is an expression', table: { workspace: '`w` or 1' } },
    { title: 'a quoted table', table: { table: 'archive.`events`' } },
    { title: 'a table without its database', table: { table: 'events' } },
  ])('refuses $title', ({ table }) => {
    const { tables: _, ...store } = mysqlStore();
    expect(storeSchema.safeParse({ ...store, tables: [eventsTable()] }).success).toBe(true);
    expect(storeSchema.safeParse({ ...store, tables: [eventsTable(table)] }).success).toBe(false);
  });

  test.each([
    {
      title: 'one column as two kinds of id',
      overrides: { tables: [eventsTable({ source: 'workspace_id' })] },
      problem: 'table public.events uses column workspace_id for two meanings',
    },
    {
      title: 'a scope without its columns',
      overrides: { scopes: ['source'], tables: [eventsTable({ receivedAt: undefined })] },
      problem: 'table public.events cannot express scope source: it names no column for receivedAt',
    },
    {
      title: 'another protocol',
      overrides: { url: 'postgres://u:canary@h/d' },
      problem: 'url must begin with mysql://',
    },
    { title: 'no host', overrides: { url: 'mysql:///canary' }, problem: 'url names no host' },
    { title: 'no user', overrides: { url: 'mysql://h/canary' }, problem: 'url names no user' },
    {
      title: 'a password that cannot be decoded',
      overrides: { url: 'mysql://u:canary%FF@h/d' },
      problem: 'url has a % that stands for no character',
    },
    {
      title: 'options of the driver',
      overrides: { url: 'mysql://u:canary@h/d?multipleStatements=true' },
      problem: 'url may end with ?ssl=verify and nothing else',
    },
    {
      title: 'two options',
      overrides: { url: 'mysql://u:canary@h/d?ssl=verify&ssl=off' },
      problem: 'url may end with ?ssl=verify and nothing else',
    },
  ])('$title is a problem', ({ overrides, problem }) => {
    const found = checkStores([mysqlStore(overrides)]);
    expect(found).toContainEqual(expect.stringContaining(`store archive: ${problem}`));
    expect(found.join()).not.toContain('canary');
  });
});

describe('where a table keeps its properties', () => {
  const withProperties = (properties: unknown) => ({
    ...archiveStore(),
    tables: [eventsTable({ properties })],
  });

  test.each([
    { title: 'a kind that nobody knows', properties: { group: { json: 'g' } } },
    { title: 'a column that is an expression', properties: { event: { json: "properties->'a'" } } },
    { title: 'an empty path', properties: { event: { json: 'p', path: [] } } },
    { title: 'an empty key in a path', properties: { event: { json: 'p', path: [''] } } },
    { title: 'a path in one text', properties: { event: { json: 'p', path: '$.a' } } },
    { title: 'a quoted column to clear', properties: { user: { columns: { email: '"email"' } } } },
    { title: 'a word that nobody knows', properties: { event: 'all' } },
    { title: 'a setting that nobody knows', properties: { event: { json: 'p', where: 'true' } } },
  ])('refuses $title', ({ properties }) => {
    expect(storeSchema.safeParse(withProperties(properties)).success).toBe(false);
  });

  test.each([
    { event: { json: 'doc', path: ['event'] }, user: { json: 'doc', path: ['user'] } },
    {
      event: { json: 'properties' },
      user: { json: 'context', columns: { email: 'email', 'e-mail': 'mail' } },
    },
    { event: 'none', user: { columns: { email: 'email' } } },
  ])('%j is right', (properties) => {
    expect(checkStores([storeSchema.parse(withProperties(properties))])).toEqual([]);
  });

  test.each([
    {
      title: 'neither json nor columns',
      properties: { event: {} },
      problem: 'names neither json nor columns for event properties',
    },
    {
      title: 'no column in columns',
      properties: { user: { columns: {} } },
      problem: 'names neither json nor columns for user properties',
    },
    {
      title: 'a path without json',
      properties: { event: { path: ['a'], columns: { a: 'a' } } },
      problem: 'has a path of event properties without json',
    },
    {
      title: 'both kinds in one place',
      properties: { event: { json: 'doc' }, user: { json: 'doc' } },
      problem: 'keeps event and user properties in one place of column doc',
    },
    {
      title: 'one kind inside the other',
      properties: { event: { json: 'doc' }, user: { json: 'doc', path: ['user'] } },
      problem: 'keeps event and user properties in one place of column doc',
    },
    ...['workspace_id', 'source_id', 'user_id', 'event', 'received_at', 'id'].map((name) => ({
      title: `the column ${name} as a property`,
      properties: { user: { columns: { x: name } } },
      problem: `uses column ${name} for two meanings`,
    })),
    {
      title: 'an id as a document',
      properties: { event: { json: 'id' } },
      problem: 'uses column id for two meanings',
    },
    {
      title: 'one column for two properties',
      properties: { event: { columns: { a: 'x' } }, user: { columns: { b: 'x' } } },
      problem: 'uses column x for two meanings',
    },
    {
      title: 'a document that is a property too',
      properties: { event: { json: 'x' }, user: { columns: { b: 'x' } } },
      problem: 'uses column x for two meanings',
    },
  ])('$title is a problem', ({ properties, problem }) => {
    expect(checkStores([storeSchema.parse(withProperties(properties))])).toContainEqual(
      `store archive: table public.events ${problem}`,
    );
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
