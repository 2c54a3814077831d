import type { Knex } from 'knex';
import { foldAscii, type Workspace } from '../domain/directory.ts';
import { type Difference, differenceOf, digestOfDifferences } from './difference.ts';
import { workspacesByIds } from './lookups.ts';
import type { ImportedWorkspace } from './read-directory.ts';

export { type ImportedWorkspace, readDirectory } from './read-directory.ts';

/** What an import did, or would do. Nothing is changed when there are problems. */
export interface ImportReport {
  /** Workspaces that were not known before. */
  readonly added: number;
  /** Known workspaces of which anything differs. */
  readonly changed: number;
  /** Members who lost their role; they stay on record as parties of open tickets. */
  readonly removed: number;
  readonly unchanged: number;
  /** IDs of workspaces that lived until now: each opens a ticket of origin `app`. */
  readonly newlyDeleted: readonly string[];
  /** IDs of workspaces that were deleted and live again: an open ticket of origin `app` is cancelled. */
  readonly restored: readonly string[];
  readonly problems: readonly string[];
}

/** What an import would do, in full, for whoever decides about it. */
export interface ImportPreview {
  readonly report: ImportReport;
  /** Every workspace that is not as the file says it. */
  readonly differences: readonly Difference[];
  /** Of all that would be written, and of what is known of it now: the same only while neither changes. */
  readonly digest: string;
  /** What has to be confirmed because it is more than a fifth; 0 = nothing. */
  readonly mustConfirm: { readonly removed: number; readonly deleted: number };
}

/** The import that was looked at, and who applies it. */
export interface AppliedBy {
  readonly digest: string;
  readonly agent: string;
  readonly reason: string;
}

/** What a directory that was written reports to whoever decides about tickets. */
export interface DeletionNews {
  readonly deleted: readonly {
    readonly workspaceId: string;
    readonly deletedAt: Date;
    /** `null` = the file does not say. */
    readonly deletedBy: string | null;
  }[];
  readonly restored: readonly string[];
}

/** Losing more than this part of all living members or workspaces at once looks like a failed export. */
const MOST_SHRINK = 0.2;
/** So many may be deleted at once in a directory however small. */
const DELETIONS_ANYWAY = 1;

/**
 * Brings the directory to what a file says, in one transaction, all or nothing. A workspace that the file does not
 * list stays as it is; one that it lists is replaced as a whole, save that a deleted one without members keeps its
 * last owners and admins.
 * @param options.dryRun - report only
 * @param options.force - accept that more than a fifth of all living members go
 * @param options.deletions - how many workspaces are newly deleted: that number confirms more than a fifth of the living
 * @param options.by - what was shown before; an import that would do anything else is refused
 * @param options.report - told of deletions within the transaction once the directory is written; fails the import
 */
export async function importDirectory(
  db: Knex,
  workspaces: readonly ImportedWorkspace[],
  options: {
    readonly dryRun: boolean;
    readonly force?: boolean;
    readonly deletions?: number;
    readonly report?: (trx: Knex.Transaction, news: DeletionNews) => Promise<void>;
    readonly by?: AppliedBy;
  },
): Promise<ImportReport> {
  return db.transaction(async (trx) => {
    const changes = await changesOf(trx, workspaces);
    const problems = [
      ...(await takenSlugs(trx, workspaces)),
      ...(options.force === true ? [] : await shrinkProblems(trx, changes)),
      ...(await deletionProblems(trx, changes, options.deletions)),
    ];
    if (options.by !== undefined && digestOf(changes) !== options.by.digest) problems.push(STALE);
    const report = reportOf(changes, problems);
    if (problems.length === 0 && !options.dryRun) {
      await write(trx, changes);
      await options.report?.(trx, newsOf(changes));
      if (options.by !== undefined) await noteImport(trx, report, options.by);
    }
    return report;
  });
}

/** The directory, or the file, is not what was looked at. */
const STALE = 'the directory has changed since the differences were shown';

/** What an import would do and what it would ask to be confirmed. Changes nothing. */
export async function previewImport(
  db: Knex,
  workspaces: readonly ImportedWorkspace[],
): Promise<ImportPreview> {
  return db.transaction(async (trx) => {
    const changes = await changesOf(trx, workspaces);
    const shrink = await shrinkProblems(trx, changes);
    const deletions = await deletionProblems(trx, changes, undefined);
    const report = reportOf(changes, await takenSlugs(trx, workspaces));
    return {
      report,
      differences: changes.flatMap((change) => differenceOf(change) ?? []),
      digest: digestOf(changes),
      mustConfirm: {
        removed: shrink.length > 0 ? report.removed : 0,
        deleted: deletions.length > 0 ? report.newlyDeleted.length : 0,
      },
    };
  });
}

async function changesOf(
  trx: Knex.Transaction,
  workspaces: readonly ImportedWorkspace[],
): Promise<readonly Change[]> {
  // Two imports at once would each validate against a directory that the other is about to change.
  await trx.raw('lock table workspaces in share row exclusive mode');
  const found = await workspacesByIds(
    trx,
    workspaces.map(({ id }) => id),
  );
  const known = new Map(found.map((workspace) => [workspace.id, workspace]));
  return workspaces.map((entry) => compare(entry, known.get(entry.id) ?? null));
}

const reportOf = (changes: readonly Change[], problems: readonly string[]): ImportReport => ({
  added: count(changes, 'added'),
  changed: count(changes, 'changed'),
  removed: changes.reduce((sum, change) => sum + change.removed.length, 0),
  unchanged: count(changes, 'unchanged'),
  newlyDeleted: changes.filter(({ newlyDeleted }) => newlyDeleted).map(({ entry }) => entry.id),
  restored: changes.filter(({ restored }) => restored).map(({ entry }) => entry.id),
  problems,
});

const digestOf = (changes: readonly Change[]): string =>
  digestOfDifferences(
    changes
      .filter(({ kind }) => kind !== 'unchanged')
      .map(({ entry, known, listsMembers }) => [
        entry.id,
        known === null ? null : factsOfKnown(known, true),
        factsOf(entry, listsMembers),
        entry.deletedBy ?? null,
        entry.blockers.map(({ kind, note }) => [kind, note ?? null]),
      ]),
  );

const noteImport = (trx: Knex.Transaction, report: ImportReport, by: AppliedBy): Promise<unknown> =>
  trx('directory_imports').insert({
    ...by,
    added: report.added,
    changed: report.changed,
    removed: report.removed,
    deleted: report.newlyDeleted.length,
    restored: report.restored.length,
  });

/** One workspace of the file beside what is known of it. */
interface Change {
  readonly kind: 'added' | 'changed' | 'unchanged';
  readonly entry: ImportedWorkspace;
  /** `null` = it is new. */
  readonly known: Workspace | null;
  readonly newlyDeleted: boolean;
  readonly restored: boolean;
  /** Leaves the row's slug for a moment, so that two workspaces can swap theirs. */
  readonly freesSlug: boolean;
  /** Whether the file speaks of this workspace's members at all. */
  readonly listsMembers: boolean;
  /** Addresses that lose their role. */
  readonly removed: readonly string[];
  readonly wasLiving: boolean;
}

function compare(entry: ImportedWorkspace, known: Workspace | null): Change {
  const listsMembers = entry.deletedAt === null || entry.members.length > 0;
  const kept = new Set(entry.members.map(({ address }) => address));
  const active = known?.members.filter(({ removedAt }) => removedAt === null) ?? [];
  const removed = listsMembers
    ? active.map(({ address }) => foldAscii(address)).filter((a) => !kept.has(a))
    : [];
  const wasLiving = known !== null && known.deletedAt === null;
  const base = {
    entry,
    known,
    listsMembers,
    removed,
    wasLiving,
    newlyDeleted: wasLiving && entry.deletedAt !== null,
    restored: known !== null && !wasLiving && entry.deletedAt === null,
  };
  if (known === null) return { ...base, kind: 'added', freesSlug: false };
  const same =
    JSON.stringify(factsOf(entry, listsMembers)) === JSON.stringify(factsOfKnown(known, listsMembers));
  return { ...base, kind: same ? 'unchanged' : 'changed', freesSlug: wasLiving && known.slug !== entry.slug };
}

/** Everything that the file can change, in one order, so that two of them can be compared as text. */
const factsOf = (entry: ImportedWorkspace, listsMembers: boolean): unknown => [
  [entry.slug, entry.name, entry.createdAt.toISOString(), entry.deletedAt?.toISOString() ?? null],
  listsMembers ? sorted(entry.members.map(({ address, role }) => [address, role])) : null,
  [entry.sources, entry.spaces, entry.projects].map((list) => sorted(list.map(({ id, name }) => [id, name]))),
  sorted(entry.blockers.map(({ kind }) => [kind])),
];

const factsOfKnown = (known: Workspace, listsMembers: boolean): unknown => [
  [known.slug, known.name, known.createdAt.toISOString(), known.deletedAt?.toISOString() ?? null],
  listsMembers
    ? sorted(known.members.filter((m) => m.removedAt === null).map(({ address, role }) => [address, role]))
    : null,
  [known.sources, known.spaces, known.projects].map((list) => sorted(list.map(({ id, name }) => [id, name]))),
  sorted(known.blockers.map((kind) => [kind])),
];

const sorted = (rows: readonly (readonly string[])[]): readonly (readonly string[])[] =>
  rows.toSorted(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0));

const count = (changes: readonly Change[], kind: Change['kind']): number =>
  changes.filter((change) => change.kind === kind).length;

/** A slug of the file that belongs to a living workspace which the file does not list. */
async function takenSlugs(
  trx: Knex.Transaction,
  workspaces: readonly ImportedWorkspace[],
): Promise<string[]> {
  const living = workspaces.filter(({ deletedAt }) => deletedAt === null);
  const taken = await trx.raw<{ rows: { slug: string; id: string }[] }>(TAKEN_SLUGS, {
    slugs: living.map(({ slug }) => slug),
    ids: workspaces.map(({ id }) => id),
  });
  return taken.rows.map((row) => {
    const mine = living.find(({ slug }) => slug === row.slug)?.id ?? '';
    return `workspace ${mine}: its slug belongs to the living workspace ${row.id}, which the file does not list`;
  });
}

async function shrinkProblems(trx: Knex.Transaction, changes: readonly Change[]): Promise<string[]> {
  const lost = changes
    .filter(({ wasLiving }) => wasLiving)
    .reduce((sum, change) => sum + change.removed.length, 0);
  if (lost === 0) return [];
  const before = await trx.raw<{ rows: [{ members: number }] }>(LIVING_MEMBERS);
  const { members } = before.rows[0];
  if (lost <= members * MOST_SHRINK) return [];
  return [`${lost} of ${members} members of living workspaces would lose their role: refused unless forced`];
}

/** A failed export may call half the directory deleted, and each of them would be purged. */
async function deletionProblems(
  trx: Knex.Transaction,
  changes: readonly Change[],
  confirmed: number | undefined,
): Promise<string[]> {
  const deleted = changes.filter(({ newlyDeleted }) => newlyDeleted).length;
  if (deleted === confirmed || (await mayDeleteMany(trx, deleted))) return [];
  const workspaces = await countLiving(trx);
  return [
    `${deleted} of ${workspaces} living workspaces would be deleted, and all their data with them: refused unless that number is confirmed`,
  ];
}

/** Whether so many workspaces may be deleted at once without anybody's confirmation. */
export const mayDeleteMany = async (db: Knex, deletions: number): Promise<boolean> =>
  deletions <= DELETIONS_ANYWAY || deletions <= (await countLiving(db)) * MOST_SHRINK;

async function countLiving(db: Knex): Promise<number> {
  const found = await db.raw<{ rows: [{ workspaces: number }] }>(LIVING_WORKSPACES);
  return found.rows[0].workspaces;
}

const newsOf = (changes: readonly Change[]): DeletionNews => ({
  deleted: changes.flatMap(({ entry, newlyDeleted }) =>
    newlyDeleted && entry.deletedAt !== null
      ? [{ workspaceId: entry.id, deletedAt: entry.deletedAt, deletedBy: entry.deletedBy ?? null }]
      : [],
  ),
  restored: changes.filter(({ restored }) => restored).map(({ entry }) => entry.id),
});

async function write(trx: Knex.Transaction, changes: readonly Change[]): Promise<void> {
  const touched = changes.filter(({ kind }) => kind !== 'unchanged');
  if (touched.length === 0) return;
  const ids = touched.map(({ entry }) => entry.id);
  const moved = touched.filter(({ freesSlug }) => freesSlug).map(({ entry }) => entry.id);
  if (moved.length > 0) await trx.raw(FREE_SLUGS, { ids: moved });
  await trx.raw(UPSERT_WORKSPACES, { rows: JSON.stringify(touched.map(({ entry }) => workspaceRow(entry))) });
  const members = touched.flatMap(({ entry }) =>
    entry.members.map(({ address, role }) => ({ workspace_id: entry.id, address, role })),
  );
  const listed = touched.filter(({ listsMembers }) => listsMembers).map(({ entry }) => entry.id);
  await trx.raw(REMOVE_MEMBERS, { ids: listed, rows: JSON.stringify(members) });
  await trx.raw(UPSERT_MEMBERS, { rows: JSON.stringify(members) });
  const parts = JSON.stringify(touched.flatMap(({ entry }) => partRows(entry)));
  await trx.raw(DELETE_PARTS, { ids, rows: parts });
  await trx.raw(UPSERT_PARTS, { rows: parts });
  const blockers = JSON.stringify(
    touched.flatMap(({ entry }) =>
      entry.blockers.map(({ kind, note }) => ({ workspace_id: entry.id, kind, note: note ?? null })),
    ),
  );
  await trx.raw(DELETE_BLOCKERS, { ids, rows: blockers });
  await trx.raw(UPSERT_BLOCKERS, { rows: blockers });
}

const workspaceRow = (entry: ImportedWorkspace) => ({
  id: entry.id,
  slug: entry.slug,
  name: entry.name,
  created_at: entry.createdAt.toISOString(),
  deleted_at: entry.deletedAt?.toISOString() ?? null,
});

const partRows = (entry: ImportedWorkspace) =>
  (
    [
      ['source', entry.sources],
      ['space', entry.spaces],
      ['project', entry.projects],
    ] as const
  ).flatMap(([kind, list]) => list.map(({ id, name }) => ({ workspace_id: entry.id, kind, id, name })));

const TAKEN_SLUGS = `select slug, id from workspaces
  where deleted_at is null and slug = any(cast(:slugs as text[])) and not id = any(cast(:ids as text[]))
  order by slug`;

const LIVING_MEMBERS = `select count(*) as members from members m join workspaces w on w.id = m.workspace_id
  where w.deleted_at is null and m.removed_at is null`;

const LIVING_WORKSPACES = 'select count(*) as workspaces from workspaces where deleted_at is null';

// Only living slugs are unique: for the length of this transaction the row counts as deleted.
const FREE_SLUGS = `update workspaces set deleted_at = created_at where id = any(cast(:ids as text[]))`;

const UPSERT_WORKSPACES = `
  insert into workspaces (id, slug, name, created_at, deleted_at, reported_at)
  select id, slug, name, created_at, deleted_at, desk_now()
  from json_to_recordset(cast(:rows as json))
    as r (id text, slug text, name text, created_at timestamptz, deleted_at timestamptz)
  -- The dead first: their slugs are free for the living of the same file.
  order by deleted_at nulls last
  on conflict (id) do update set slug = excluded.slug, name = excluded.name, created_at = excluded.created_at,
    deleted_at = excluded.deleted_at, reported_at = excluded.reported_at`;

const REMOVE_MEMBERS = `
  update members m set removed_at = desk_now()
  where m.workspace_id = any(cast(:ids as text[])) and m.removed_at is null and not exists (
    select from json_to_recordset(cast(:rows as json)) as r (workspace_id text, address text)
    where r.workspace_id = m.workspace_id and r.address = m.address)`;

const UPSERT_MEMBERS = `
  insert into members (workspace_id, address, role, removed_at)
  select workspace_id, address, role, null
  from json_to_recordset(cast(:rows as json)) as r (workspace_id text, address text, role text)
  on conflict (workspace_id, address) do update set role = excluded.role, removed_at = null`;

const DELETE_PARTS = `
  delete from workspace_parts p
  where p.workspace_id = any(cast(:ids as text[])) and not exists (
    select from json_to_recordset(cast(:rows as json)) as r (workspace_id text, kind text, id text)
    where r.workspace_id = p.workspace_id and r.kind = p.kind and r.id = p.id)`;

const UPSERT_PARTS = `
  insert into workspace_parts (workspace_id, kind, id, name)
  select workspace_id, kind, id, name
  from json_to_recordset(cast(:rows as json)) as r (workspace_id text, kind text, id text, name text)
  on conflict (workspace_id, kind, id) do update set name = excluded.name`;

const DELETE_BLOCKERS = `
  delete from blockers b
  where b.workspace_id = any(cast(:ids as text[])) and not exists (
    select from json_to_recordset(cast(:rows as json)) as r (workspace_id text, kind text)
    where r.workspace_id = b.workspace_id and r.kind = b.kind)`;

const UPSERT_BLOCKERS = `
  insert into blockers (workspace_id, kind, note)
  select workspace_id, kind, note
  from json_to_recordset(cast(:rows as json)) as r (workspace_id text, kind text, note text)
  on conflict (workspace_id, kind) do update set note = excluded.note`;
