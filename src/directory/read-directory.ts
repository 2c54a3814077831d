import { z } from 'zod';
import { BLOCKER_KINDS, foldAscii, isPlainAddress } from '../domain/directory.ts';

/** A workspace as an import file describes it; the file is the whole truth about each workspace that it lists. */
export type ImportedWorkspace = z.infer<typeof workspaceSchema>;

export type ReadDirectory =
  | { readonly workspaces: readonly ImportedWorkspace[] }
  /** Each names its row: the line of a CSV file, the position in a JSON list. Never a value out of the file. */
  | { readonly problems: readonly string[] };

/** Reads a whole import file, or says everything that is wrong with it. docs/directory.md describes both formats. */
export function readDirectory(text: string, format: 'json' | 'csv'): ReadDirectory {
  const read = format === 'json' ? readJson(text) : readCsv(text);
  if (read.problems.length > 0) return { problems: read.problems };
  const problems = read.workspaces.flatMap((entry) => faultsWithin(entry));
  problems.push(...duplicatesBetween(read.workspaces));
  return problems.length > 0 ? { problems } : { workspaces: read.workspaces.map((entry) => entry.workspace) };
}

// The same shapes as the constraints of the tables; a file is refused here, with its row, and not by the database.
const workspaceId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'an ID is 1 to 64 letters, digits, _ or -');
const partId = z.string().regex(/^[A-Za-z0-9_.:-]{1,128}$/, 'an ID is 1 to 128 letters, digits, _ . : or -');
const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'a slug is 1 to 63 small letters, digits, _ or -');
const instant = z.iso
  .datetime({ offset: true, error: 'an instant looks like 2019-05-01T00:00:00Z' })
  .transform((value) => new Date(value));
const name = z
  .string()
  .trim()
  .min(1, 'a name is missing')
  .max(200, 'a name has at most 200 characters')
  // Control, bidirectional and zero-width characters make two names look like one.
  .refine((value) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value), 'a name holds an invisible character')
  .transform((value) => value.normalize('NFC'));
const named = z.strictObject({ id: partId, name });
const address = z
  .string()
  .refine(isPlainAddress, 'an address is plain ASCII, like ada@example.org')
  .transform(foldAscii);
const member = z.strictObject({
  address,
  role: z.enum(['owner', 'admin', 'member'], { error: 'a role is owner, admin or member' }),
});
const blocker = z.strictObject({
  kind: z.enum(BLOCKER_KINDS, { error: `a blocker is ${BLOCKER_KINDS.join(' or ')}` }),
  note: z.string().trim().max(500).optional(),
});
const workspaceSchema = z.strictObject({
  id: workspaceId,
  slug,
  name,
  createdAt: instant,
  deletedAt: instant.nullable().default(null),
  /** Who deleted it in the app. Asked for once, when the workspace is newly deleted; not kept with it. */
  deletedBy: address.optional(),
  members: z.array(member).default([]),
  sources: z.array(named).default([]),
  spaces: z.array(named).default([]),
  projects: z.array(named).default([]),
  blockers: z.array(blocker).default([]),
});

/** One workspace with where it stands in the file. */
interface Entry {
  readonly where: string;
  readonly workspace: ImportedWorkspace;
}

interface Reading {
  readonly workspaces: readonly Entry[];
  readonly problems: readonly string[];
}

function readJson(text: string): Reading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { workspaces: [], problems: ['the file is not JSON'] };
  }
  const outer = z.strictObject({ workspaces: z.array(z.unknown()) }).safeParse(value);
  if (!outer.success) {
    return { workspaces: [], problems: ['the file must be an object with one list, "workspaces"'] };
  }
  const workspaces: Entry[] = [];
  const problems: string[] = [];
  outer.data.workspaces.forEach((item, index) => {
    const where = `workspaces[${index}]`;
    const parsed = workspaceSchema.safeParse(item);
    if (parsed.success) workspaces.push({ where, workspace: parsed.data });
    else problems.push(...issuesOf(where, parsed.error));
  });
  return { workspaces, problems };
}

const CSV_COLUMNS = [
  'kind',
  'workspace',
  'id',
  'name',
  'slug',
  'created_at',
  'deleted_at',
  'deleted_by',
  'address',
  'role',
] as const;
type Column = (typeof CSV_COLUMNS)[number];

const CSV_KINDS = ['workspace', 'member', 'source', 'space', 'project', ...BLOCKER_KINDS] as const;
type Kind = (typeof CSV_KINDS)[number];

/** The cells that a kind of row may fill, besides `kind` and `workspace`. */
const CELLS: Readonly<Record<Kind, readonly Column[]>> = {
  workspace: ['name', 'slug', 'created_at', 'deleted_at', 'deleted_by'],
  member: ['address', 'role'],
  source: ['id', 'name'],
  space: ['id', 'name'],
  project: ['id', 'name'],
  billing: ['name'],
  export: ['name'],
};

/** A workspace while its rows are gathered. */
interface Draft {
  readonly where: string;
  readonly workspace: ImportedWorkspace;
  readonly members: ImportedWorkspace['members'];
  readonly source: ImportedWorkspace['sources'];
  readonly space: ImportedWorkspace['spaces'];
  readonly project: ImportedWorkspace['projects'];
  readonly blockers: ImportedWorkspace['blockers'];
}

function readCsv(text: string): Reading {
  const table = csvRecords(text);
  if ('problem' in table) return { workspaces: [], problems: [table.problem] };
  const [header, ...records] = table.records;
  const columns = header?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  const unknown = columns.filter((column) => !(CSV_COLUMNS as readonly string[]).includes(column));
  if (!columns.includes('kind') || !columns.includes('workspace') || unknown.length > 0) {
    return { workspaces: [], problems: [`line 1: the columns must be ${CSV_COLUMNS.join(', ')}`] };
  }
  const drafts = new Map<string, Draft>();
  const problems: string[] = [];
  const rows = records.map((record) => ({
    where: `line ${record.line}`,
    cells: cellsOf(columns, record.cells),
  }));
  // Workspaces first: the other rows may stand before the one that they belong to.
  for (const { where, cells } of rows) {
    if (cells.kind === 'workspace') problems.push(...openDraft(drafts, where, cells));
  }
  for (const { where, cells } of rows) {
    if (cells.kind !== 'workspace') problems.push(...addToDraft(drafts, where, cells));
  }
  const workspaces = [...drafts.values()].map(({ where, workspace, ...lists }) => ({
    where,
    workspace: {
      ...workspace,
      members: lists.members,
      sources: lists.source,
      spaces: lists.space,
      projects: lists.project,
      blockers: lists.blockers,
    },
  }));
  return { workspaces, problems: problems.sort(byLine) };
}

type Cells = Readonly<Partial<Record<Column, string>>>;

/**
 * Empty cells are left out. Spreadsheets and careful exports put an apostrophe before a cell that would otherwise be
 * taken for a formula; it is not part of the value.
 */
const cellsOf = (columns: readonly string[], cells: readonly string[]): Cells =>
  Object.fromEntries(
    columns
      .map((column, index) => [column, (cells[index] ?? '').trim().replace(/^'(?=[=+\-@\t\r])/, '')] as const)
      .filter(([, cell]) => cell !== ''),
  );

function openDraft(drafts: Map<string, Draft>, where: string, cells: Cells): readonly string[] {
  const parsed = workspaceSchema.safeParse({
    id: cells.workspace,
    slug: cells.slug,
    name: cells.name,
    createdAt: cells.created_at,
    deletedAt: cells.deleted_at ?? null,
    deletedBy: cells.deleted_by,
  });
  if (!parsed.success) return issuesOf(where, parsed.error);
  if (drafts.has(parsed.data.id)) return [`${where}: this workspace has a row already`];
  const lists = { members: [], source: [], space: [], project: [], blockers: [] };
  drafts.set(parsed.data.id, { where, workspace: parsed.data, ...lists });
  return misplaced('workspace', where, cells);
}

function addToDraft(drafts: Map<string, Draft>, where: string, cells: Cells): readonly string[] {
  const kind = CSV_KINDS.find((known) => known === cells.kind);
  if (kind === undefined || kind === 'workspace') return [`${where}: kind must be ${CSV_KINDS.join(', ')}`];
  const draft = drafts.get(cells.workspace ?? '');
  if (draft === undefined) return [`${where}: its workspace has no valid row of kind workspace`];
  const extra = misplaced(kind, where, cells);
  if (extra.length > 0) return extra;
  if (kind === 'member') {
    return collect(
      where,
      draft.members,
      member.safeParse({ address: cells.address ?? '', role: cells.role }),
    );
  }
  if (kind === 'billing' || kind === 'export') {
    return collect(where, draft.blockers, blocker.safeParse({ kind, note: cells.name }));
  }
  return collect(where, draft[kind], named.safeParse({ id: cells.id ?? '', name: cells.name ?? '' }));
}

function collect<T>(where: string, list: T[], parsed: z.ZodSafeParseResult<T>): readonly string[] {
  if (!parsed.success) return issuesOf(where, parsed.error);
  list.push(parsed.data);
  return [];
}

/** A filled cell that its kind of row does not have means shifted columns. */
const misplaced = (kind: Kind, where: string, cells: Cells): readonly string[] =>
  CSV_COLUMNS.filter(
    (column) =>
      column !== 'kind' &&
      column !== 'workspace' &&
      cells[column] !== undefined &&
      !CELLS[kind].includes(column),
  ).map((column) => `${where}: a row of kind ${kind} has no ${column}`);

/** RFC 4180 with either line end. A quoted cell may hold commas, quotes (doubled) and line ends. */
function csvRecords(
  text: string,
): { readonly records: readonly { line: number; cells: string[] }[] } | { readonly problem: string } {
  const records: { line: number; cells: string[] }[] = [];
  const cell = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  const body = text.replace(/^\uFEFF/, '');
  let cells: string[] = [];
  let line = 1;
  let start = 1;
  while (cell.lastIndex < body.length || cells.length > 0) {
    const match = cell.exec(body);
    if (match === null) return { problem: `line ${line}: a quote is not closed or stands inside a cell` };
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    line += match[0].split('\n').length - 1;
    if (match[3] === ',') continue;
    if (cells.some((content) => content.trim() !== '')) records.push({ line: start, cells });
    cells = [];
    start = line;
  }
  return { records };
}

const issuesOf = (where: string, error: z.ZodError): readonly string[] =>
  error.issues.map((issue) => {
    const field = issue.path
      .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
      .join('');
    return `${where}${field}: ${issue.message}`;
  });

function faultsWithin({ where, workspace }: Entry): readonly string[] {
  if (workspace.deletedBy !== undefined && workspace.deletedAt === null)
    return [`${where}: somebody deleted it, and it has no deletedAt`];
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['members', workspace.members.map(({ address }) => address)],
    ['sources', workspace.sources.map(({ id }) => id)],
    ['spaces', workspace.spaces.map(({ id }) => id)],
    ['projects', workspace.projects.map(({ id }) => id)],
    ['blockers', workspace.blockers.map(({ kind }) => kind)],
  ];
  return lists.flatMap(([field, keys]) =>
    new Set(keys).size === keys.length ? [] : [`${where}.${field}: the same one is listed twice`],
  );
}

/** IDs are unique for ever, slugs among the living. */
function duplicatesBetween(entries: readonly Entry[]): readonly string[] {
  const ids = new Map<string, string>();
  const slugs = new Map<string, string>();
  const problems: string[] = [];
  for (const { where, workspace } of entries) {
    const sameId = ids.get(workspace.id);
    if (sameId !== undefined) problems.push(`${where}: has the same ID as ${sameId}`);
    ids.set(workspace.id, where);
    if (workspace.deletedAt !== null) continue;
    const sameSlug = slugs.get(workspace.slug);
    if (sameSlug !== undefined)
      problems.push(`${where}: has the slug of the living workspace at ${sameSlug}`);
    slugs.set(workspace.slug, where);
  }
  return problems;
}

const byLine = (a: string, b: string): number => lineOf(a) - lineOf(b);
const lineOf = (problem: string): number => Number(/^line (\d+)/.exec(problem)?.[1] ?? 0);
