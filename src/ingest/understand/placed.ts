import type { EvidenceSpan } from '../../domain/request.ts';
import { fieldMentions } from './form-fields.ts';
import { itemMentions, type Mention, mentionsIn } from './mentions.ts';
import type { ReadSettings } from './read-settings.ts';
import type { Statement } from './statements.ts';

/** A mention with the statement that it stands in. */
export interface Placed extends Mention {
  readonly statement: Statement;
}

/** Statements that neither ask, forbid nor wonder: they tell about the thing. */
export const CALM: ReadonlySet<Statement['role']> = new Set<Statement['role']>(['statement', 'past', 'form']);

/** The first mention of each name. */
export function unique(mentions: readonly Placed[]): readonly Placed[] {
  return mentions.filter((each, index) => mentions.findIndex((other) => other.name === each.name) === index);
}

/** Items of a list without a noun of their own take the kind that the words before the list left open. */
export function placedAll(statements: readonly Statement[], settings: ReadSettings): readonly Placed[] {
  const placed: Placed[] = [];
  let open: Mention['kind'] | null = null;
  for (const statement of statements) {
    const found = placedIn(statement, settings);
    if (
      statement.item &&
      open !== null &&
      found.every(({ name, kind }) => name === null || kind === 'workspace')
    ) {
      placed.push(...itemMentions(statement, open, settings.lexicon).map((each) => ({ ...each, statement })));
    }
    placed.push(...found);
    if (!statement.item)
      open = found.findLast((each) => each.name === null && each.kind !== 'workspace')?.kind ?? null;
  }
  return placed;
}

function placedIn(statement: Statement, { lexicon, corroborated }: ReadSettings): readonly Placed[] {
  const isField = statement.field !== null && statement.field !== 'action' && statement.field !== 'link';
  const mentions = isField ? fieldMentions(statement, lexicon) : mentionsIn(statement, lexicon, corroborated);
  return mentions.map((mention) => ({ ...mention, statement }));
}

/** Takes out what the writer says is not meant, and what a later correction replaces. */
export function corrected(mentions: readonly Placed[], statements: readonly Statement[]): readonly Placed[] {
  const rejected = mentions.filter((each) => each.rejected && each.name !== null);
  const negated = statements.filter(({ role }) => role === 'negated' || role === 'keep');
  const spared = (each: Placed): boolean =>
    each.kind === 'user' &&
    mentions.some((other) => other.name === each.name && negated.includes(other.statement));
  const denied = (each: Placed): boolean =>
    each.rejected ||
    rejected.some(
      (other) => other.kind === each.kind && other.name === each.name && other.start > each.start,
    );
  const left = mentions.filter((each) => !denied(each) && !spared(each));
  return left.filter(
    (each) =>
      each.name === null ||
      !left.some(
        (later) =>
          later.kind === each.kind &&
          later.name !== null &&
          later.name !== each.name &&
          later.start > each.start &&
          later.statement.corrects &&
          !each.statement.corrects &&
          later.statement.field === null &&
          (later.statement.doubt || rejected.some((other) => other.kind === each.kind)),
      ),
  );
}

/** The words at a place of the own text. */
export function textAt(
  statements: readonly Statement[],
  start: number,
  end: number,
): Omit<EvidenceSpan, 'field'> {
  const holder = statements.find((each) => each.start <= start && end <= each.end);
  return { text: holder?.text.slice(start - holder.start, end - holder.start) ?? '', start, end };
}
