import type { Statement } from '../sentences/statements.ts';
import type { Draft } from './draft.ts';
import { type Placed, unique } from './placed.ts';
import type { ReadSettings } from './read-settings.ts';

/**
 * The workspace that a request is in: the one that the mail names. Several: the one in the same sentence, but only when
 * every request has its own; otherwise nothing, because the mail contradicts itself.
 */
export function workspaceOf(
  draft: Draft,
  drafts: readonly Draft[],
  all: readonly Placed[],
  statements: readonly Statement[],
  settings: ReadSettings,
): Placed | null {
  const usable = all.filter(
    (each) =>
      each.kind === 'workspace' &&
      each.ref !== null &&
      (settings.targets.has('negated') || !isSpared(each, draft, all)),
  );
  const distinct = unique(usable);
  if (isElsewhere(draft, all) && !usable.some((each) => each.statement.sentence === draft.statement.sentence))
    return null;
  if (distinct.length <= 1) return distinct[0] ?? null;
  const own = (each: Draft): readonly Placed[] => {
    // "workspaces A and B": each draft was made for one of them.
    const itself = usable.filter(
      ({ start, statement }) => start === each.start && statement === each.statement,
    );
    return each.scope === 'workspace' && itself.length === 1
      ? itself
      : unique(usable.filter((mention) => near(mention, each, statements)));
  };
  if (drafts.length < 2 || drafts.some((each) => each.scope !== 'account' && own(each).length !== 1))
    return null;
  const claimed = new Set(drafts.flatMap((each) => own(each).map(({ name }) => name)));
  return claimed.size === distinct.length ? (own(draft)[0] ?? null) : null;
}

/** "in the other workspace": not the one that the mail has named before. */
const isElsewhere = (draft: Draft, all: readonly Placed[]): boolean =>
  all.some(
    (each) =>
      each.kind === 'workspace' &&
      each.ref === null &&
      each.statement.sentence === draft.statement.sentence &&
      /\b(?:other|another|different|second|anderen?|zweiten?|autre|otro|otra|outro|outra|altro|altra|andere|tweede)\s+\S{0,20}$/i.test(
        each.statement.text.slice(0, each.start - each.statement.start),
      ),
  );

const near = (mention: Placed, draft: Draft, statements: readonly Statement[]): boolean =>
  mention.statement.sentence === draft.statement.sentence ||
  (mention.statement.role === 'form' &&
    mention.statement.paragraph === draft.statement.paragraph &&
    statements.length > 0);

/** A workspace that is not to be deleted is still where a source is, unless the request is for a workspace. */
const isSpared = (each: Placed, draft: Draft, all: readonly Placed[]): boolean => {
  if (each.statement.role !== 'negated' && each.statement.role !== 'keep') return false;
  return (
    draft.scope === 'workspace' ||
    all.some(
      (other) =>
        other.kind === 'workspace' &&
        other.ref !== null &&
        other.statement.role !== 'negated' &&
        other.statement.role !== 'keep',
    )
  );
};
