import { isDelayed, namesDayToCome } from './delays.ts';
import type { Draft } from './draft.ts';
import { hasDetour } from './partial.ts';
import { says } from './phrases.ts';
import type { Placed } from './placed.ts';
import type { ReadSettings } from './read-settings.ts';
import type { Statement } from './statements.ts';

/** The deletion is wanted on a day to come. Where a time frame belongs, a day alone is for the frame to judge. */
export function isLater(
  drafts: readonly Draft[],
  statements: readonly Statement[],
  all: readonly Placed[],
  settings: ReadSettings,
): boolean {
  if (settings.targets.size > 1) return false;
  const untimed = drafts.every(({ scope }) => scope !== 'source' && scope !== 'events');
  return statements.some(
    (each) => isDelayed(each, all, settings) || (untimed && namesDayToCome(each, settings)),
  );
}

/** Alternatives, guesses and corrections that cannot be read: the desk asks back for the names. */
export function isDoubtful(
  statements: readonly Statement[],
  mentions: readonly Placed[],
  { lexicon }: ReadSettings,
): boolean {
  const unsure = statements.some((each) => each.field === null && says(each, lexicon.acts.unsure));
  const detour = statements.some((each) => hasDetour(each, lexicon));
  return unsure || detour || hasUnreadCorrection(statements, mentions) || hasAlternative(mentions);
}

/** "source A or source B". */
function hasAlternative(mentions: readonly Placed[]): boolean {
  return mentions.some((each) =>
    mentions.some((other) => {
      if (
        other.statement !== each.statement ||
        other.kind !== each.kind ||
        other.start <= each.end ||
        each.name === null ||
        other.name === null
      )
        return false;
      const between = each.statement.text.slice(
        each.end - each.statement.start,
        other.start - each.statement.start,
      );
      return (
        between.length < 40 && /(?:^|[\s"'”»])(?:or|oder|ou|o|of|または|もしくは)(?=[\s"“«]|$)/i.test(between)
      );
    }),
  );
}

/** A correction that names nothing that could be read: what it changes must be asked. */
function hasUnreadCorrection(statements: readonly Statement[], mentions: readonly Placed[]): boolean {
  return statements.some(
    (statement) =>
      statement.doubt &&
      statement.field === null &&
      statement.role !== 'negated' &&
      !mentions.some((each) => each.statement.sentence === statement.sentence && each.name !== null) &&
      !/\d{4}/.test(statement.text),
  );
}
