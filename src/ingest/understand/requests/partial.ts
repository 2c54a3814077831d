import { isJapaneseTopic, isJapaneseWhole, namesJapaneseObject } from '../japanese/objects.ts';
import type { Lexicon } from '../sentences/lexicon.ts';
import { hitsOf, says } from '../sentences/phrases.ts';
import type { Statement } from '../sentences/statements.ts';
import { fold, type Word } from '../sentences/words.ts';
import { isGeneric, THINGS } from './generic.ts';
import type { Placed } from './placed.ts';

/**
 * Whether a request that names a workspace is for a part of it, or for something of it: "delete data from workspace X",
 * "delete workspace X's keys", "everything in workspace X that belongs to …", "take workspace X off my list".
 */
export function isPartial(each: Statement, workspaces: readonly Placed[], lexicon: Lexicon): boolean {
  if (lexicon.language === 'ja') return isJapanesePart(each, workspaces, lexicon);
  const { words } = each;
  const verb = words.findIndex((word) => lexicon.deleteWords.has(word.text));
  const mention = workspaces.find((other) => other.statement === each && other.name !== null);
  if (verb === -1 || mention === undefined) return false;
  if (mention.start > (words[verb]?.start ?? 0) && hasBareData(words.slice(verb + 1), mention, lexicon))
    return true;
  const tail = words.filter((word) => word.start >= mention.end);
  const text = each.text.slice(mention.end - each.start);
  return (
    hasOwnThing(text, tail, lexicon) ||
    isTakenOff(text) ||
    (isIn(each, mention, lexicon) && isRestricted(text))
  );
}

/** Whether a request that speaks of an account is for less: "the account settings", "all workspaces that …". */
export function isPartOfAccount(each: Statement, lexicon: Lexicon): boolean {
  if (lexicon.language === 'ja') return isJapanesePart(each, [], lexicon);
  return hitsOf(each, lexicon.everything).some((hit) => {
    const end = each.words[hit.to - 1]?.end ?? each.end;
    const text = each.text.slice(end - each.start);
    const [next] = each.words.slice(hit.to);
    if (/^['’]s\b/.test(text) || /^ (?:but|save|whose|beginning|starting|named|called) /.test(text))
      return true;
    if (next !== undefined && /^ \S/.test(text) && DATA.has(next.text)) return true;
    return hasOwnThing(text, each.words.slice(hit.to), lexicon) || isOfSome(text);
  });
}

/** Japanese puts the verb last and drops what was said: all words of the request must be general ones. */
function isJapanesePart(each: Statement, workspaces: readonly Placed[], lexicon: Lexicon): boolean {
  const sentence = workspaces.filter(({ statement }) => statement.sentence === each.sentence);
  const here = sentence.filter(({ statement }) => statement === each);
  let text = fold(each.text);
  for (const { start, end, name } of here) {
    if (name === null) continue;
    const [from, to] = [start - each.start, end - each.start];
    text = `${text.slice(0, from)}${' '.repeat(to - from)}${text.slice(to)}`;
  }
  if (!says(each, lexicon.acts.request)) return false;
  if (!isJapaneseWhole(text)) return true;
  return (
    !namesJapaneseObject(text) &&
    sentence.some(
      ({ statement, end, name }) =>
        name !== null && statement !== each && !isJapaneseTopic(statement.text.slice(end - statement.start)),
    )
  );
}

/** "of our colleague", "from workspace X", "that starts with …": not the writer's own whole account. */
const isOfSome = (text: string): boolean =>
  /^ (?:(?:that|which) (?!(?:we|you|i)\b)|(?:of|for|from|belonging to) (?!(?:(?:my|our|the) )?(?:company|organi[sz]ation|account|business|firm|us|ours|mine|all|good|your|which|gdpr|ccpa)\b)\p{L})/iu.test(
    text,
  );

/** "data from …": some data, when no word says "all" or "our". */
function hasBareData(after: readonly Word[], mention: Placed, lexicon: Lexicon): boolean {
  const before = after.filter((word) => word.end <= mention.start);
  const data = before.findIndex(({ text }) => DATA.has(text));
  if (data === -1 || !before.slice(data + 1).some(({ text }) => lexicon.placeWords.has(text))) return false;
  return before.slice(0, data).every(({ text }) => FILLERS.has(text));
}

/** "workspace X's keys", "workspace X settings": a thing right behind the name. */
function hasOwnThing(text: string, tail: readonly Word[], lexicon: Lexicon): boolean {
  const own = /^["'”»`]?(['’]s)?[ ]+(?=[\p{L}\p{N}])/u.exec(text);
  const [next] = tail.filter((word) => word.text !== 's');
  if (own === null || next === undefined) return false;
  if (own[1] !== undefined) return !isGeneric(next.text, lexicon);
  if (THINGS.has(next.text) || PARTS.has(next.text) || /^\d/.test(next.text)) return true;
  return lexicon.language === 'en' && !isPlain(next.text, lexicon);
}

/**
 * Whether another act stands between "please" and the deletion ("please ask Tom before you delete …"), so that it is not
 * plain that the deletion itself is asked for. English only: other languages order their words otherwise.
 */
export function hasDetour({ role, words }: Statement, lexicon: Lexicon): boolean {
  if (role !== 'request' || lexicon.language !== 'en') return false;
  return words.some(({ text }, from) => {
    if (!PLEADS.has(text)) return false;
    const gap = words.slice(from + 1, from + 7);
    const to = gap.findIndex((word) => lexicon.deleteVerbs.has(word.text));
    return gap
      .slice(0, Math.max(0, to))
      .some((word) => !COURTESY.has(word.text) && !isAdverb(word.text, lexicon));
  });
}

const isAdverb = (word: string, lexicon: Lexicon): boolean => isGeneric(word, lexicon) || /ly$/.test(word);

const isPlain = (word: string, lexicon: Lexicon): boolean =>
  isAdverb(word, lexicon) || lexicon.common.has(word) || lexicon.deleteWords.has(word);

const PLEADS = new Set(['please', 'kindly', 'pls', 'plz']);
const COURTESY = new Set(
  'vendor provider support team company purgedesk can could would will you needful ask asking request requesting for to please kindly go ahead proceed initiate start perform execute arrange schedule trigger begin process run do carry help me us make sure see have get take be so kind as ensure that our my request erasure deletion hereby therefore thus once again finally instead first both either accept treat consider confirm cancel subscription contract plan trial close terminate shut down account accounts'.split(
    ' ',
  ),
);

/** "from my list": the workspace is to leave a place that is not the desk's. */
const isTakenOff = (text: string): boolean =>
  /^["'”»`]? (?:from|off) (?:the|my|our|your|this|that) (?!(?:\p{L}+ )?(?:systems?|servers?|databases?|platforms?|sides?|infrastructure|storage|backups?|records|products?|services?|environments?|end|stores?|archives?|cloud|side|data)\b)\p{L}/iu.test(
    text,
  );

/** The workspace is where the data is: "everything in workspace X". */
const isIn = (each: Statement, mention: Placed, lexicon: Lexicon): boolean =>
  mention.place ||
  each.words
    .filter((word) => word.end <= mention.start)
    .slice(-4)
    .some(({ text }) => lexicon.placeWords.has(text));

/** "… that belongs to the EU", "… for German visitors", ", die deutsche Besucher betreffen", "più vecchi di …". */
const isRestricted = (text: string): boolean =>
  /^["'”»`]?,? (?:die|welche|che|relativ[ie]|riguardanti|riferit[ie]|appartenenti|inerenti|più (?:vecch[ie]|recenti)|antecedenti|precedenti) (?!(?:wir|ich|noch|dort|darin|je|non|abbiamo|ho|ci|è|era|usa|si)(?![\p{L}]))/iu.test(
    text,
  ) ||
  /^["'”»`]? (?:tutti |tutte )?(?:i |le )?(?:dati|informazioni|eventi|record) (?:che|relativ[ie]|riguardanti|riferit[ie]|di|dei|degli|delle|della|del) /iu.test(
    text,
  ) ||
  /^["'”»`]? (?:(?:that|which|who|whose) (?!(?:we|you|i|is|was|has been|may|might)\b)|(?:belonging|relating|related|pertaining|concerning|regarding|about) |(?:for|of|from) (?!(?:all|good|us|our|ever|gdpr|ccpa|compliance|privacy|legal|security|reasons?|any|the sake|your|you|immediate)\b)\p{L})/iu.test(
    text,
  );

const DATA = new Set(
  'data datasets information records content contents daten données datos dados dati gegevens'.split(' '),
);
const FILLERS = new Set(
  'of some sie des de uns bitte di von van dei certain certains einige alcuni algunos'.split(' '),
);
const PARTS = new Set(
  'admins admin members owners keys key tokens token dashboards dashboard reports report integrations destinations sources spaces connections permissions roles invitations invites billing logs cache name tag tags labels logo'.split(
    ' ',
  ),
);
