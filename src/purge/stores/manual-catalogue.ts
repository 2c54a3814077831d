import { z } from 'zod';
import type { Predicate } from '../../domain/plan.ts';
import { type Field, type Place, storeName, storeScopes } from './catalogue-fields.ts';

const plainName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,39}$/, { error: 'a short name in lower case, like binders' });

const checklistSchema = z.strictObject({
  checklist: plainName,
  /** Which of the store's scopes this checklist serves; without it, all of them. */
  scopes: storeScopes.optional(),
  items: z
    .array(
      z.strictObject({
        item: plainName,
        /** What an agent has to do, in one line; `{workspace}` and its kin stand for what is to be deleted. */
        text: z
          .string()
          .trim()
          .min(1, { error: 'what an agent has to do' })
          .max(500)
          .regex(/^[^\p{Cc}\p{Cf}]*$/u, { error: 'one line of plain text' }),
      }),
    )
    .min(1, { error: 'at least one item' })
    .max(50),
});

/** What no program reaches: agents do it and tick it off. */
export const manualStoreSchema = z.strictObject({
  name: storeName,
  kind: z.literal('manual'),
  /** Whether this is the archive that a source deletion is about. */
  archive: z.boolean().default(false),
  scopes: storeScopes,
  /** In the order in which they are done. */
  checklists: z.array(checklistSchema).min(1, { error: 'at least one checklist' }).max(50),
});

export type ManualStoreDefinition = Readonly<z.infer<typeof manualStoreSchema>>;
export type ManualChecklist = ManualStoreDefinition['checklists'][number];

/** What may stand in braces, and by which field each narrows. */
const PLACEHOLDERS = {
  workspace: null,
  source: 'source',
  space: 'space',
  project: 'project',
  users: 'user',
  events: 'event',
  from: 'receivedAt',
  before: 'receivedAt',
} as const satisfies Record<string, Field | null>;
type Placeholder = keyof typeof PLACEHOLDERS;

const BRACES = /\{([^{}]*)\}/g;

const placeholdersOf = (text: string): string[] => [...text.matchAll(BRACES)].map(([, name]) => name ?? '');

/** A checklist narrows by what each of its items names: an item that leaves it out would be done for too much. */
export const manualPlaces = (store: ManualStoreDefinition): readonly Place[] =>
  store.checklists.map(({ checklist, items, scopes }) => ({
    target: checklist,
    fields: [...new Set(Object.values(PLACEHOLDERS))].filter(
      (field) => field !== null && items.every(({ text }) => names(text, field)),
    ) as readonly Field[],
    scopes,
  }));

const names = (text: string, field: Field): boolean => {
  const found = placeholdersOf(text);
  return Object.entries(PLACEHOLDERS).every(([name, of]) => of !== field || found.includes(name));
};

export function manualProblems(store: ManualStoreDefinition): string[] {
  return store.checklists.flatMap(({ checklist, items }) => {
    const ids = items.map(({ item }) => item);
    const repeated = [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
    return [
      ...repeated.map((item) => `checklist ${checklist} lists item ${item} twice`),
      ...items.flatMap(({ item, text }) =>
        textProblems(text).map((what) => `item ${checklist}.${item} ${what}`),
      ),
    ];
  });
}

function textProblems(text: string): string[] {
  const found = placeholdersOf(text);
  const unknown = found.filter((name) => !Object.hasOwn(PLACEHOLDERS, name));
  const problems = unknown.map(() => 'has a placeholder that nobody knows');
  if (/[{}]/.test(text.replace(BRACES, ''))) problems.push('has a brace without its other');
  if (!found.includes('workspace')) problems.push('does not name {workspace}');
  return problems;
}

/** The text of an item for one step, as plain data: what stands in a value is never read as a placeholder. */
export function itemText(text: string, predicate: Predicate): string {
  const values: Readonly<Record<Placeholder, string>> = {
    workspace: predicate.workspaceId,
    source: predicate.sourceId ?? 'all',
    space: predicate.spaceId ?? 'all',
    project: predicate.projectId ?? 'all',
    users: listed(predicate.users),
    events: listed(predicate.events),
    from: predicate.receivedFrom ?? 'the beginning',
    before: predicate.receivedBefore ?? 'now',
  };
  return text.replace(BRACES, (whole, name: string) =>
    Object.hasOwn(values, name) ? values[name as Placeholder] : whole,
  );
}

const listed = (ids: readonly string[]): string => (ids.length === 0 ? 'all' : ids.join(', '));
