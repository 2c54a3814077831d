import type { Lexicon } from '../sentences/lexicon.ts';
import { hitsOf, type PhraseHit, type Searched, says } from '../sentences/phrases.ts';
import type { Piece } from '../sentences/pieces.ts';
import type { Role } from '../sentences/roles.ts';

type Acts = Lexicon['acts'];

/** Whether a sentence asks: Japanese does so by its last word, often without a question mark. */
export const japaneseAsks = (flat: string): boolean => /[?？]["'”»)）」』\s]*$|(?<!な)か[。.\s]*$/.test(flat);

/**
 * Where clauses of a sentence begin, in order. The verb ends a Japanese clause, so a cut stands behind it: behind a
 * reason ("…ので、", "…ですが、") and between verbs that ask for different things ("Aは残して、Bは削除してください").
 */
export function japaneseCuts(flat: string, read: Searched, start: number, acts: Acts): readonly number[] {
  const verbs = verbsIn(read, acts);
  const [first] = verbs;
  if (first === undefined) return [];
  const cuts = new Set<number>();
  const at = (index: number): number => (read.words[index]?.start ?? start) - start;
  const endOf = (hit: PhraseHit): number => (read.words[hit.to - 1]?.end ?? start) - start;
  for (const reason of flat.matchAll(REASON)) {
    const cut = reason.index + reason[0].length;
    if (cut <= at(first.from)) cuts.add(cut);
  }
  for (const [index, verb] of verbs.entries()) {
    const next = verbs[index + 1];
    if (next === undefined || next.act === verb.act) continue;
    const comma = flat.indexOf('、', endOf(verb));
    cuts.add(comma !== -1 && comma < at(next.from) ? comma + 1 : endOf(verb));
  }
  return [...cuts].filter((cut) => cut > 0 && cut < flat.length).sort((a, b) => a - b);
}

const REASON =
  /(?:(?:です|ます|した|せん|ない|ある|いる|だ|たい|た)(?:が|けど|けれど|けれども)|ので|(?<!の)ため|のため|ものの|のに|たところ|(?:です|ます)から|(?:です|ます)し|に伴い|に伴って|につき|に基づき|に基づいて|により|おり|まして|となり|になり)[、,]/g;

interface Verb extends PhraseHit {
  readonly act: 'request' | 'negation' | 'keep';
}

/** What is asked for in a sentence, from left to right. Of hits that overlap, the one that denies. */
function verbsIn(read: Searched, acts: Acts): readonly Verb[] {
  const harmless = hitsOf(read, acts.harmless);
  const found = (['negation', 'keep', 'request'] as const).flatMap((act) =>
    (act === 'request' ? japaneseRequests(read, acts) : hitsOf(read, acts[act]).filter(isFree(harmless))).map(
      (hit): Verb => ({ ...hit, act }),
    ),
  );
  const chosen: Verb[] = [];
  for (const verb of found) {
    if (!chosen.some((other) => verb.from < other.to && other.from < verb.to)) chosen.push(verb);
  }
  return chosen.sort((a, b) => a.from - b.from);
}

/** Deletions asked for: not those that are told of, and not 取り消す, which ends as 消す does. */
export function japaneseRequests(read: Searched, acts: Acts): readonly PhraseHit[] {
  const reports = hitsOf(read, acts.past);
  return hitsOf(read, acts.request).filter(
    (hit) =>
      !reports.some(
        (each) =>
          each.from < hit.to &&
          hit.from < each.to &&
          each.to >= hit.to &&
          // したい is a wish, した a report.
          !/^[いく]$/.test(read.words[each.to]?.text ?? ''),
      ) && !(read.words[hit.from]?.text === '消' && /^[り取]$/.test(read.words[hit.from - 1]?.text ?? '')),
  );
}

/** Not inside of words that mean no harm ("可能でしたら", "いただけますか"). */
const isFree =
  (harmless: readonly PhraseHit[]) =>
  (hit: PhraseHit): boolean =>
    !harmless.some((each) => each.from <= hit.from && hit.to <= each.to);

/** What a clause does, by the phrases in it wherever they stand. */
export function japaneseRole(
  flat: string,
  read: Searched,
  asks: boolean,
  piece: Piece,
  { acts }: Lexicon,
): Role {
  const harmless = hitsOf(read, acts.harmless);
  const free = isFree(harmless);
  const requests = japaneseRequests(read, acts);
  if (hitsOf(read, acts.negation).some(free)) return 'negated';
  if (requests.length === 0 && hitsOf(read, acts.keep).some(free)) return 'keep';
  if (piece.field === 'action') return /削除|消去|抹消|パージ|破棄/.test(flat) ? 'request' : 'form';
  if (requests.length === 0) {
    if (asks) return 'question';
    return says(read, acts.past) ? 'past' : 'statement';
  }
  if ([...hitsOf(read, acts.condition), ...hitsOf(read, acts.question)].some(free)) return 'question';
  const polite = harmless.some((hit) => hit.to >= read.words.length - 1);
  return asks && !polite ? 'question' : 'request';
}

/** "削除したいです" beside a question how one does it is no order. */
export function japaneseWonders(
  statements: readonly { readonly text: string; readonly asks: boolean }[],
): boolean {
  return statements.some(
    ({ text, asks }) =>
      /手順|方法|やり方|どうすれば|どうしたら|どのように|どこから|どうやって|操作/.test(text) &&
      (asks || /教え|知りた|ご教示|ご案内|ご指示|伺|お聞き/.test(text)),
  );
}

/** A wish of the writer's that does not ask the reader to act. */
export const isJapaneseWish = (flat: string): boolean =>
  /(?:削除|消去|抹消|破棄|パージ)(?:を)?(?:し|したい|したく|希望)|消した/.test(flat) &&
  !/ください|下さい|願|いただ|頂|ほしい|欲しい|もらえ|もらい/.test(flat);

/** One word in answer to our mail that stops it. */
export const isJapaneseStop = (text: string): boolean =>
  /^[\s「『]*(?:キャンセル|取消し?|取り消し|取りやめ|中止|停止|ストップ|やめて|止めて)(?:で|します|です|希望|お願いします|してください|して)?[」』。．.!！\s]*$/.test(
    text,
  );

export const isJapanesePlea = (text: string): boolean =>
  /ください|下さい|願い|願う|ほしい|欲しい|頂きたい|いただきたい/.test(text);

/** What the verb behind a clause asks for: a reason belongs to what it is the reason for. */
export function japaneseVerbOf(behind: readonly { readonly role: Role }[]): Role | null {
  const role = behind.find((each) => each.role !== 'statement' && each.role !== 'past')?.role;
  return role === 'request' || role === 'negated' || role === 'keep' ? role : null;
}

/** Asks how or whether something can be done, as opposed to "いただけますか". */
export function japaneseAsksHow(read: Searched, acts: Acts): boolean {
  return hitsOf(read, acts.question)
    .filter(isFree(hitsOf(read, acts.harmless)))
    .some(({ from, to }) =>
      /どう|方法|手順|やり方|でき|出来|可能|いつ/.test(
        read.words
          .slice(from, to)
          .map(({ text }) => text)
          .join(''),
      ),
    );
}
