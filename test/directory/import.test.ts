import { readFile } from 'node:fs/promises';
import type { Knex } from 'knex';
import { describe, expect, test } from 'vitest';
import { type ImportedWorkspace, importDirectory, readDirectory } from '../../src/directory/import.ts';
import { listWorkspaces } from '../../src/directory/list.ts';
import {
  factsFor,
  factsForMany,
  partiesOf,
  workspacesByIds,
  workspacesInChargeOf,
} from '../../src/directory/lookups.ts';
import { freshDatabase } from '../support/database.ts';

const deletedAt = new Date('2022-02-01T00:00:00Z');
const entry = (id: string, overrides: Partial<ImportedWorkspace> = {}): ImportedWorkspace => ({
  id,
  slug: id,
  name: `Workspace ${id}`,
  createdAt: new Date('2020-01-01T00:00:00Z'),
  deletedAt: null,
  members: [{ address: `owner@${id}.example`, role: 'owner' }],
  sources: [],
  spaces: [],
  projects: [],
  blockers: [],
  ...overrides,
});
const crowd = (count: number): ImportedWorkspace['members'] =>
  Array.from({ length: count }, (_, n) => ({ address: `m${n}@crowd.example`, role: 'member' }));
const acme = entry('acme', {
  members: [
    { address: 'ada@acme.example', role: 'owner' },
    { address: 'bob@acme.example', role: 'admin' },
    { address: 'eve@acme.example', role: 'member' },
  ],
  sources: [{ id: 's1', name: 'Website Prod' }],
  spaces: [{ id: 'u1', name: 'Main' }],
  projects: [{ id: 'p1', name: 'Mobile App' }],
  blockers: [{ kind: 'billing', note: 'invoice' }],
});
const globex = entry('globex', { members: [{ address: 'ada@acme.example', role: 'admin' }, ...crowd(10)] });
const old = entry('old', { slug: 'acme', deletedAt });
const run = (db: Knex, ...workspaces: ImportedWorkspace[]) =>
  importDirectory(db, workspaces, { dryRun: false });
const one = async (db: Knex, id: string) => (await workspacesByIds(db, [id]))[0];

describe('import', () => {
  test('adds everything once and changes nothing the second time', async () => {
    await using desk = await freshDatabase();
    const first = await run(desk.db, acme, globex, old);
    expect(first).toEqual({
      added: 3,
      changed: 0,
      removed: 0,
      unchanged: 0,
      newlyDeleted: [],
      restored: [],
      problems: [],
    });
    expect(await run(desk.db, acme, globex, old)).toMatchObject({ added: 0, changed: 0, unchanged: 3 });
    expect(await one(desk.db, 'acme')).toMatchObject({
      slug: 'acme',
      name: 'Workspace acme',
      createdAt: acme.createdAt,
      deletedAt: null,
      sources: acme.sources,
      spaces: acme.spaces,
      projects: acme.projects,
      blockers: ['billing'],
    });
    expect(await one(desk.db, 'old')).toMatchObject({ slug: 'acme', deletedAt });
  });

  test('a dry run tells the same and changes nothing', async () => {
    await using desk = await freshDatabase();
    const report = await importDirectory(desk.db, [acme], { dryRun: true });
    expect(report).toMatchObject({ added: 1, problems: [] });
    expect(await one(desk.db, 'acme')).toBeUndefined();
  });

  test('a member who is gone keeps the row with the date, and may come back', async () => {
    await using desk = await freshDatabase();
    await run(desk.db, acme, globex);
    const without = {
      ...acme,
      members: acme.members.filter(({ address }) => address !== 'bob@acme.example'),
    };
    expect(await run(desk.db, without)).toMatchObject({ changed: 1, removed: 1 });
    const bob = async () =>
      (await one(desk.db, 'acme'))?.members.find(({ address }) => address === 'bob@acme.example');
    expect((await bob())?.removedAt).toBeInstanceOf(Date);
    expect(await partiesOf(desk.db, ['acme'])).toEqual([
      { workspaceId: 'acme', address: 'ada@acme.example', role: 'owner' },
    ]);
    expect(await run(desk.db, acme)).toMatchObject({ changed: 1, removed: 0 });
    expect((await bob())?.removedAt).toBeNull();
  });

  test('a workspace that the file does not list stays as it is', async () => {
    await using desk = await freshDatabase();
    await run(desk.db, acme, globex);
    const before = await one(desk.db, 'globex');
    await run(desk.db, { ...acme, name: 'Renamed' });
    expect(await one(desk.db, 'globex')).toEqual(before);
  });

  test('one that is newly deleted is told once and keeps its last owners', async () => {
    await using desk = await freshDatabase();
    await run(desk.db, acme, globex);
    const dead = { ...acme, deletedAt, members: [] };
    expect(await run(desk.db, dead)).toMatchObject({ changed: 1, removed: 0, newlyDeleted: ['acme'] });
    expect(await run(desk.db, dead)).toMatchObject({ unchanged: 1, newlyDeleted: [] });
    expect((await partiesOf(desk.db, ['acme'])).map(({ address }) => address)).toEqual([
      'ada@acme.example',
      'bob@acme.example',
    ]);
  });

  test('what lies in a workspace is replaced as a whole', async () => {
    await using desk = await freshDatabase();
    await run(desk.db, acme);
    await run(desk.db, { ...acme, sources: [{ id: 's2', name: 'New' }], spaces: [], blockers: [] });
    expect(await one(desk.db, 'acme')).toMatchObject({
      sources: [{ id: 's2', name: 'New' }],
      spaces: [],
      projects: acme.projects,
      blockers: [],
    });
  });

  test('two workspaces may swap their slugs, and a new one take that of one just deleted', async () => {
    await using desk = await freshDatabase();
    await run(desk.db, acme, globex);
    await run(desk.db, { ...acme, slug: 'globex' }, { ...globex, slug: 'acme' });
    expect([(await one(desk.db, 'acme'))?.slug, (await one(desk.db, 'globex'))?.slug]).toEqual([
      'globex',
      'acme',
    ]);
    const report = await run(desk.db, entry('fresh', { slug: 'globex' }), {
      ...acme,
      slug: 'globex',
      deletedAt,
    });
    expect(report).toMatchObject({ added: 1, newlyDeleted: ['acme'], problems: [] });
  });

  test('a slug of a living workspace outside the file changes nothing at all', async () => {
    await using desk = await freshDatabase();
    await run(desk.db, acme);
    const report = await run(desk.db, entry('fresh', { slug: 'acme' }), entry('other'));
    expect(report.problems).toEqual([
      'workspace fresh: its slug belongs to the living workspace acme, which the file does not list',
    ]);
    expect(await one(desk.db, 'other')).toBeUndefined();
  });

  test('F33 losing more than a fifth of all members is refused unless forced', async () => {
    await using desk = await freshDatabase();
    await run(desk.db, acme, globex);
    const emptied = { ...globex, members: [] };
    const report = await run(desk.db, emptied);
    expect(report.problems).toEqual([
      '11 of 14 members of living workspaces would lose their role: refused unless forced',
    ]);
    expect(await partiesOf(desk.db, ['globex'])).toHaveLength(1);
    const forced = await importDirectory(desk.db, [emptied], { dryRun: false, force: true });
    expect(forced).toMatchObject({ removed: 11, problems: [] });
    expect(await partiesOf(desk.db, ['globex'])).toEqual([]);
  });

  test('the examples of the documentation can be imported', async () => {
    await using desk = await freshDatabase();
    const page = await readFile(new URL('../../docs/directory.md', import.meta.url), 'utf8');
    const example = (format: string) => new RegExp(`\`\`\`${format}\\n([^]*?)\`\`\``).exec(page)?.[1] ?? '';
    const fromJson = readDirectory(example('json'), 'json');
    expect(readDirectory(example('csv'), 'csv')).toEqual(fromJson);
    if (!('workspaces' in fromJson)) throw new Error(fromJson.problems.join('\n'));
    expect(await run(desk.db, ...fromJson.workspaces)).toMatchObject({ added: 2, problems: [] });
  });
});

describe('look-ups', () => {
  test('find the roles of an exact address and every workspace that is named, dead ones too', async () => {
    await using desk = await freshDatabase();
    await run(desk.db, acme, globex, old);
    const facts = await factsFor(desk.db, 'ADA@acme.example', [{ slug: 'ACME' }, { id: 'nowhere' }]);
    expect(facts.memberships.map(({ id }) => id)).toEqual(['acme', 'globex']);
    expect(facts.mentioned.map(({ id }) => id)).toEqual(['acme', 'old']);
    expect(await factsFor(desk.db, 'ada+x@acme.example', [])).toEqual({ memberships: [], mentioned: [] });
    expect(await factsFor(desk.db, null, [])).toEqual({ memberships: [], mentioned: [] });
    expect((await factsFor(desk.db, null, [{ id: 'ACME' }])).mentioned).toEqual([]);
    expect((await factsFor(desk.db, "x' or 'a'='a", [{ slug: '%' }])).mentioned).toEqual([]);
  });

  test('a set of mails is answered in one statement and in order', async () => {
    await using desk = await freshDatabase();
    await run(desk.db, acme, globex, old);
    let statements = 0;
    desk.db.on('query', () => statements++);
    const facts = await factsForMany(desk.db, [
      { sender: 'eve@acme.example', refs: [] },
      { sender: 'nobody@x.example', refs: [{ slug: 'globex' }] },
      { sender: null, refs: [] },
    ]);
    expect(statements).toBe(1);
    expect(facts.map((f) => [f.memberships.map(({ id }) => id), f.mentioned.map(({ id }) => id)])).toEqual([
      [['acme'], []],
      [[], ['globex']],
      [[], []],
    ]);
    // Those in charge and the senders, not the whole crowd.
    expect(facts[1]?.mentioned[0]?.members.map(({ address }) => address)).toEqual(['ada@acme.example']);
  });

  test('being in charge counts living and dead workspaces, plain membership not', async () => {
    await using desk = await freshDatabase();
    await run(desk.db, acme, globex, old);
    const ids = async (address: string) => (await workspacesInChargeOf(desk.db, address)).map(({ id }) => id);
    expect(await ids('ada@acme.example')).toEqual(['acme', 'globex']);
    expect(await ids('owner@old.example')).toEqual(['old']);
    expect(await ids('eve@acme.example')).toEqual([]);
  });

  test('the list goes by slug, page by page', async () => {
    await using desk = await freshDatabase();
    await run(desk.db, globex, acme, old);
    const ids = async (limit: number, offset: number) =>
      (await listWorkspaces(desk.db, { limit, offset })).map(({ id }) => id);
    expect(await ids(2, 0)).toEqual(['acme', 'old']);
    expect(await ids(2, 2)).toEqual(['globex']);
  });

  test('the look-up of a mail uses the indexes on a large directory', async () => {
    await using desk = await freshDatabase();
    await desk.db.raw(`insert into workspaces (id, slug, name, created_at)
      select 'w' || n, 'w' || n, 'W', now() from generate_series(1, 20000) n`);
    await desk.db.raw(`insert into members (workspace_id, address, role)
      select 'w' || n, 'o' || n || '@x.example', 'owner' from generate_series(1, 20000) n`);
    await desk.db.raw('analyze workspaces');
    await desk.db.raw('analyze members');
    const seen: { sql: string; bindings: readonly unknown[] }[] = [];
    desk.db.on('query', (query) => seen.push(query));
    await factsFor(desk.db, 'o77@x.example', [{ slug: 'w5' }, { id: 'w6' }]);
    const [query] = seen;
    const client = desk.db.client;
    const connection = await client.acquireConnection();
    try {
      const plan = await connection.query(`explain ${query?.sql}`, query?.bindings);
      const text = plan.rows.map((line: Record<string, string>) => line['QUERY PLAN']).join('\n');
      expect(text).not.toMatch(/Seq Scan on (workspaces|members)/);
    } finally {
      await client.releaseConnection(connection);
    }
  });
});
