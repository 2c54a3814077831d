import { japaneseRequests } from '../japanese/clauses.ts';
import {
  asksFirstInJapanese,
  hasOtherJapaneseObject,
  isInsideJapanese,
  isJapaneseLikeness,
  spansIdentifiers,
  takesBackInJapanese,
} from '../japanese/objects.ts';
import type { Lexicon } from '../sentences/lexicon.ts';
import { hitsOf, says } from '../sentences/phrases.ts';
import type { Statement } from '../sentences/statements.ts';
import { fold } from '../sentences/words.ts';
import { isDelayed, namesDayToCome } from '../time/delays.ts';
import { framesIn } from '../time/time-frames.ts';
import type { Draft } from './draft.ts';
import { type Note, noted } from './notes.ts';
import { hasDetour } from './partial.ts';
import type { Placed } from './placed.ts';
import type { ReadSettings } from './read-settings.ts';

/** What keeps the names of a mail from being taken: the desk asks back for them. */
export function doubtsIn(
  drafts: readonly Draft[],
  statements: readonly Statement[],
  mentions: readonly Placed[],
  settings: ReadSettings,
): readonly Note[] {
  const { lexicon } = settings;
  // A stop or a question of how far it is deletes nothing, so that every name in it counts.
  if (settings.targets.size > 1) return [];
  const named = new Set(mentions.flatMap(({ name, statement }) => (name === null ? [] : [statement])));
  const later = laterBy(drafts, mentions, settings);
  const japanese = lexicon.language === 'ja';
  const notes: Note[] = [];
  for (const each of statements) {
    if (
      each.field === null &&
      (each.role === 'request' || named.has(each)) &&
      isUnsure(each, mentions, lexicon)
    )
      notes.push(noted('unsure', each));
    if (japanese && (isProviso(each) || spansIdentifiers(fold(each.text)) || isEntangled(each, mentions)))
      notes.push(noted('unsure', each));
    if (japanese && isForAnother(each, mentions, lexicon)) notes.push(noted('other_object', each));
    if (HIDDEN_SIGNS.test(each.text)) notes.push(noted('hidden_signs', each));
    if (hasDetour(each, lexicon)) notes.push(noted('detour', each));
    if (isUnreadCorrection(each, mentions, lexicon)) notes.push(noted('unread_correction', each));
    if (named.has(each) && hasAlternative(each, mentions)) notes.push(noted('alternative', each));
    if (later(each)) notes.push(noted('later', each));
    if (japanese && isDated(each, drafts, settings)) notes.push(noted('unsure', each));
  }
  return notes;
}

/** "ソース「Web」の設定を削除": a thing of what is named. */
function isForAnother(each: Statement, mentions: readonly Placed[], lexicon: Lexicon): boolean {
  const [verb] = each.role === 'request' && each.field === null ? japaneseRequests(each, lexicon.acts) : [];
  if (verb === undefined || !mentions.some(({ kind }) => kind !== 'workspace')) return false;
  const end = (each.words[verb.from]?.start ?? each.start) - each.start;
  const here = mentions.filter(({ statement, name }) => statement === each && name !== null);
  let text = fold(each.text).slice(0, end);
  for (const { start, end: to } of here) {
    const [from, behind] = [start - each.start, Math.min(to - each.start, end)];
    if (from < behind) text = `${text.slice(0, from)}${'/'.repeat(behind - from)}${text.slice(behind)}`;
  }
  return hasOtherJapaneseObject(text);
}

/** "ユーザー u_1 の2024年3月のデータ": a thing that goes as a whole, and days of it. */
function isDated(
  each: Statement,
  drafts: readonly Draft[],
  { dates, lexicon, targets }: ReadSettings,
): boolean {
  if (targets.size > 1 || each.role !== 'request' || each.field !== null) return false;
  if (drafts.some(({ scope }) => scope === 'source' || scope === 'events')) return false;
  return framesIn(each, dates, lexicon).some(
    ({ frame }) => frame === null || frame.from !== null || frame.to !== null,
  );
}

/** Names that stand inside of others, or for a thing like them. */
function isEntangled(each: Statement, mentions: readonly Placed[]): boolean {
  const here = mentions.filter(({ statement, name }) => statement === each && name !== null);
  const behind = (mention: Placed): string => each.text.slice(mention.end - each.start);
  if (here.some((mention) => isJapaneseLikeness(behind(mention)))) return true;
  return here.some((mention) =>
    here.some(
      (other) =>
        other.start > mention.end &&
        HOLDERS.has(mention.kind) &&
        !HELD.get(mention.kind)?.includes(other.kind) &&
        other.kind !== mention.kind &&
        other.kind !== 'workspace' &&
        isInsideJapanese(each.text.slice(mention.end - each.start, other.start - each.start)),
    ),
  );
}
const HOLDERS: ReadonlySet<Placed['kind']> = new Set<Placed['kind']>(['source', 'space', 'user', 'event']);
const HELD: ReadonlyMap<Placed['kind'], readonly Placed['kind'][]> = new Map([
  ['event', ['eventProperty', 'project']],
  ['user', ['userProperty']],
]);

/** "ただし、…", "u_2は除きます": limits what was said before, however it goes on. */
const isProviso = ({ role, excludes, text }: Statement): boolean =>
  role === 'statement' &&
  (excludes ||
    takesBackInJapanese(text) ||
    asksFirstInJapanese(text) ||
    /^\s*(?:※|＊|\*)?\s*(?:ただし|但し)/.test(text));

/** Signs that nobody sees inside a word: what is read would not be what the writer or an agent sees. */
const HIDDEN_SIGNS =
  /[\p{L}\p{N}][\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+[\p{L}\p{N}@._-]/u;

/** A doubt in the same part of the sentence as the deletion or a name. "…, the poor man gets vouchers every month" is none. */
function isUnsure(each: Statement, mentions: readonly Placed[], lexicon: Lexicon): boolean {
  if (!says(each, lexicon.acts.unsure)) return false;
  const harmless = hitsOf(each, lexicon.acts.harmless);
  const anchors = [
    ...each.words.filter(({ text }) => lexicon.deleteWords.has(text)),
    ...mentions.filter(({ statement, name }) => statement === each && name !== null),
  ];
  return hitsOf(each, lexicon.acts.unsure).some((hit) => {
    if (harmless.some((other) => hit.from < other.to && other.from < hit.to)) return false;
    // "…, I think.", "…, I think that was its name."
    if (each.words.length - hit.to <= TAG_WORDS) return true;
    const from = each.words[hit.from]?.start ?? each.start;
    return anchors.some((anchor) => {
      const [left, right] = anchor.start < from ? [anchor.end, from] : [from, anchor.start];
      return !/[,;:(–—]/.test(each.text.slice(left - each.start, right - each.start));
    });
  });
}

const TAG_WORDS = 4;

/** The deletion is wanted on a day to come. Where a time frame belongs, a day alone is for the frame to judge. */
function laterBy(
  drafts: readonly Draft[],
  mentions: readonly Placed[],
  settings: ReadSettings,
): (each: Statement) => boolean {
  const untimed = drafts.every(({ scope }) => scope !== 'source' && scope !== 'events');
  return (each) => isDelayed(each, mentions, settings) || (untimed && namesDayToCome(each, settings));
}

/** "source A or source B". */
function hasAlternative(statement: Statement, all: readonly Placed[]): boolean {
  const mentions = all.filter((each) => each.statement === statement && each.name !== null);
  return mentions.some((each) =>
    mentions.some((other) => {
      if (other.kind !== each.kind || other.start <= each.end) return false;
      const between = statement.text.slice(each.end - statement.start, other.start - statement.start);
      return (
        between.length < 40 &&
        /(?:^|[\s"'”»])(?:or|oder|ou|o|of)(?=[\s"“«]|$)|または|又は|もしくは|若しくは|あるいは|[」』]\s*か、?\s*[「『]|^\s*か\s*$/i.test(
          between,
        )
      );
    }),
  );
}

/** A correction that names nothing that could be read: what it changes must be asked. */
const isUnreadCorrection = (statement: Statement, mentions: readonly Placed[], lexicon: Lexicon): boolean =>
  statement.doubt &&
  statement.field === null &&
  statement.role !== 'negated' &&
  !mentions.some((each) => each.statement.sentence === statement.sentence && each.name !== null) &&
  !(lexicon.language === 'ja' && mentions.some((each) => isAnnounced(each, statement))) &&
  !/\d{4}/.test(statement.text) &&
  !says(statement, lexicon.timePhrases.allTime) &&
  !mentions.some((each) => each.replaces && each.start > statement.start) &&
  mentions.some((each) => each.name !== null && each.start < statement.start);

/** "訂正です。ワークスペースはAではなくBです。": the next sentence holds the correction. */
const isAnnounced = ({ name, statement: other }: Placed, { words, sentence }: Statement): boolean =>
  words.length <= 20 && name !== null && other.doubt && other.sentence === sentence + 1;
