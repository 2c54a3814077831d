/** What an import changes about one workspace, for people to look at before it is applied. Pure. */
import { createHash } from 'node:crypto';
import { foldAscii, type Role, type Workspace } from '../domain/directory.ts';
import type { ImportedWorkspace } from './read-directory.ts';

export interface Difference {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly kind: 'added' | 'changed';
  /** It lived until now, and its data will be purged. */
  readonly newlyDeleted: boolean;
  readonly restored: boolean;
  /** Slug, name and instants that become something else; ISO 8601. */
  readonly fields: readonly { readonly field: string; readonly was: string; readonly becomes: string }[];
  readonly membersAdded: readonly Held[];
  readonly membersRemoved: readonly Held[];
  readonly roles: readonly { readonly address: string; readonly was: Role; readonly becomes: Role }[];
  /** Sources, spaces and projects. */
  readonly partsAdded: readonly string[];
  readonly partsRemoved: readonly string[];
  readonly partsRenamed: readonly string[];
  readonly blockersAdded: readonly string[];
  readonly blockersRemoved: readonly string[];
}

export interface Held {
  readonly address: string;
  readonly role: Role;
}

/** @returns `null` = nothing differs */
export function differenceOf(change: {
  readonly kind: 'added' | 'changed' | 'unchanged';
  readonly entry: ImportedWorkspace;
  readonly known: Workspace | null;
  readonly newlyDeleted: boolean;
  readonly restored: boolean;
  readonly listsMembers: boolean;
}): Difference | null {
  const { kind, entry, known, newlyDeleted, restored, listsMembers } = change;
  if (kind === 'unchanged') return null;
  const before = known?.members.filter(({ removedAt }) => removedAt === null) ?? [];
  const parts = { was: partsOf(known), becomes: partsOf(entry) };
  const held = entry.blockers.map((blocker) => blocker.kind);
  const holding = known?.blockers ?? [];
  return {
    id: entry.id,
    slug: entry.slug,
    name: entry.name,
    kind,
    newlyDeleted,
    restored,
    fields: known === null ? [] : fieldsOf(known, entry),
    ...membersOf(before, listsMembers ? entry.members : before),
    partsAdded: [...parts.becomes].filter(([key]) => !parts.was.has(key)).map(([, words]) => words),
    partsRemoved: [...parts.was].filter(([key]) => !parts.becomes.has(key)).map(([, words]) => words),
    partsRenamed: [...parts.becomes].flatMap(([key, words]) => {
      const was = parts.was.get(key);
      return was === undefined || was === words ? [] : [`${was} becomes ${words}`];
    }),
    blockersAdded: held.filter((blocker) => !holding.includes(blocker)),
    blockersRemoved: holding.filter((blocker) => !held.includes(blocker)),
  };
}

const fieldsOf = (known: Workspace, entry: ImportedWorkspace): Difference['fields'] =>
  (
    [
      ['slug', known.slug, entry.slug],
      ['name', known.name, entry.name],
      ['created', known.createdAt.toISOString(), entry.createdAt.toISOString()],
      ['deleted', known.deletedAt?.toISOString() ?? 'no', entry.deletedAt?.toISOString() ?? 'no'],
    ] as const
  )
    .filter(([, was, becomes]) => was !== becomes)
    .map(([field, was, becomes]) => ({ field, was, becomes }));

function membersOf(
  before: readonly Held[],
  after: readonly Held[],
): Pick<Difference, 'membersAdded' | 'membersRemoved' | 'roles'> {
  const was = new Map(before.map(({ address, role }) => [foldAscii(address), role]));
  const becomes = new Map(after.map(({ address, role }) => [foldAscii(address), role]));
  const heldBy = ([address, role]: readonly [string, Role]): Held => ({ address, role });
  return {
    membersAdded: [...becomes].filter(([address]) => !was.has(address)).map(heldBy),
    membersRemoved: [...was].filter(([address]) => !becomes.has(address)).map(heldBy),
    roles: [...becomes].flatMap(([address, role]) => {
      const former = was.get(address);
      return former === undefined || former === role ? [] : [{ address, was: former, becomes: role }];
    }),
  };
}

/** By kind and ID, in words. */
const partsOf = (
  from: Pick<Workspace, 'sources' | 'spaces' | 'projects'> | null,
): ReadonlyMap<string, string> =>
  new Map(
    from === null
      ? []
      : (
          [
            ['source', from.sources],
            ['space', from.spaces],
            ['project', from.projects],
          ] as const
        ).flatMap(([kind, list]) =>
          list.map(({ id, name }) => [`${kind} ${id}`, `${kind} “${name}” (${id})`] as const),
        ),
  );

/** SHA-256, lower-case hex. @param differences - JSON values */
export const digestOfDifferences = (differences: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(differences), 'utf8').digest('hex');
