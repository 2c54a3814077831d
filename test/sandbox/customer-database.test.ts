import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { isPlainAddress } from '../../src/domain/directory.ts';
import type { PlanStep } from '../../src/domain/plan.ts';
import { checkStores, storesSchema } from '../../src/purge/catalogue.ts';
import { openPostgresStore } from '../../src/purge/stores/postgres.ts';
import { DAYS_KEPT, openCustomerDatabase } from '../../src/sandbox/customer-database.ts';
import { MAIL_DOMAINS, PEOPLE, SAMPLE_WORKSPACES } from '../../src/sandbox/samples.ts';

const UNTIL = new Date('2026-11-22T00:00:00Z');
const ACME = '9f8KqLw2Zr';
const WEBSITE_PROD = 'src_4hTz81';

test('it holds some 100,000 rows of the last days, the same ones each time', async () => {
  await using one = await open('sample_one');
  await using again = await open('sample_again');
  const checksums = await one.checksums();
  expect(await again.checksums()).toEqual(checksums);
  const rows = [...checksums.values()].reduce((sum, checksum) => sum + checksum.rows, 0);
  expect(rows).toBeGreaterThan(95_000);
  expect(rows).toBeLessThan(120_000);
  const [span] = await query(one.url, 'select min(received_at), max(received_at) from archive.events');
  expect(span?.max).toBeInstanceOf(Date);
  expect(Number(span?.max)).toBeLessThan(UNTIL.getTime());
  expect(Number(span?.min)).toBeGreaterThanOrEqual(UNTIL.getTime() - DAYS_KEPT * 86_400_000);
});

test('opening it again leaves what a purge has deleted deleted', async () => {
  {
    await using database = await open('sample_kept');
    await query(database.url, `delete from archive.events where workspace_id = '${ACME}'`);
  }
  await using database = await open('sample_kept');
  expect(await database.count({ workspaceId: ACME, sourceId: WEBSITE_PROD })).toBe(0);
});

test('single properties of events and of users can be cleared from it, also in a folder of an earlier version', async () => {
  {
    await using database = await open('sample_cleared');
    await query(database.url, 'alter table archive.events drop column context');
  }
  await using database = await open('sample_cleared');
  await query(
    database.url,
    `update archive.events set context = '{"traits": {"plan": "team"}}' where id % 2 = 0`,
  );
  const archive = storesSchema.parse(database.stores).find(({ name }) => name === 'archive');
  if (archive?.kind !== 'postgres') throw new TypeError('the sample archive is a PostgreSQL store');
  const store = openPostgresStore(archive);
  const count = (name: string, kind: 'event' | 'user') =>
    store.rehearse(clearing(name, kind), new AbortController().signal);
  expect(await count('path', 'event')).toBe(24_000);
  expect(await count('plan', 'user')).toBe(12_000);
  expect(await count('nothing', 'user')).toBe(0);
  await store.close();
});

const clearing = (name: string, kind: 'event' | 'user'): PlanStep => ({
  no: 1,
  store: 'archive',
  kind: 'postgres',
  target: 'archive.events',
  action: 'clear',
  predicate: {
    workspaceId: ACME,
    sourceId: WEBSITE_PROD,
    spaceId: null,
    projectId: null,
    users: [],
    events: [],
    properties: [{ name, kind, event: null }],
    receivedFrom: null,
    receivedBefore: null,
  },
});

test('checksums without the deleted rows stay equal, and one row too many shows', async () => {
  await using database = await open('sample_purged');
  const deleted = {
    workspaceId: ACME,
    sourceId: WEBSITE_PROD,
    receivedFrom: new Date('2026-01-01T00:00:00Z'),
    receivedBefore: new Date('2026-04-01T00:00:00Z'),
  };
  const before = await database.checksums([deleted]);
  expect(await database.count(deleted)).toBe(5_400); // 24,000 rows in 400 days, 90 days
  await query(
    database.url,
    `delete from archive.events where source_id = '${WEBSITE_PROD}'
     and received_at >= '2026-01-01T00:00Z' and received_at < '2026-04-01T00:00Z'`,
  );
  expect(await database.count(deleted)).toBe(0);
  expect(await database.checksums([deleted])).toEqual(before);
  await query(
    database.url,
    "delete from archive.events where id = (select min(id) from archive.events where source_id = 'src_7cVq02')",
  );
  const after = await database.checksums([deleted]);
  const changed = [...before].filter(([key, checksum]) => after.get(key)?.md5 !== checksum.md5);
  expect(changed.map(([key]) => key)).toEqual([`archive.events ${ACME}/src_7cVq02`]);
});

test('the stores it describes are ones that a purge accepts, and the archive alone serves sources', async () => {
  await using database = await open('sample_stores');
  const stores = storesSchema.parse(database.stores);
  expect(checkStores(stores)).toEqual([]);
  expect(stores.filter((store) => store.scopes.includes('source')).map((store) => store.name)).toEqual([
    'archive',
  ]);
});

test('every sample address is plain, known to the mail domains, and every id and living slug is used once', () => {
  const members = SAMPLE_WORKSPACES.flatMap((workspace) => workspace.members.map((member) => member.address));
  const addresses = new Set<string>([...Object.values(PEOPLE).map((person) => person.address), ...members]);
  const domains = MAIL_DOMAINS.map((domain) => domain.name);
  for (const address of addresses) {
    expect(isPlainAddress(address)).toBe(true);
    expect(domains).toContain(address.split('@')[1]);
  }
  const ids = SAMPLE_WORKSPACES.flatMap(({ id, sources, spaces, projects }) => [
    id,
    ...[...sources, ...spaces, ...projects].map((part) => part.id),
  ]);
  expect(new Set(ids).size).toBe(ids.length);
  const living = SAMPLE_WORKSPACES.filter((workspace) => workspace.deletedAt === null).map(
    ({ slug }) => slug,
  );
  expect(new Set(living).size).toBe(living.length);
  for (const { id } of SAMPLE_WORKSPACES) expect(id).toMatch(/^[A-Za-z0-9]{10}$/);
});

async function open(name: string) {
  const database = await openCustomerDatabase(inject('pgUrl'), { until: UNTIL, name });
  return { ...database, [Symbol.asyncDispose]: () => database.close() };
}

async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
