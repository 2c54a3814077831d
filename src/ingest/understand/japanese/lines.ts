/** Kana, Han, the marks and brackets between them, and full-width forms. */
export const JAPANESE = '\\u3001-\\u30ff\\u3400-\\u9fff\\uff01-\\uffef';
const ENDS_JAPANESE = new RegExp(`[${JAPANESE}]$`);
const HOLDS_JAPANESE = new RegExp(`[${JAPANESE}]`);

/** Whether it is for the rules of this file whether a line goes on in the next. */
export const isJapaneseBreak = (last: string, line: string): boolean =>
  ENDS_JAPANESE.test(last) || HOLDS_JAPANESE.test(line);

const PARTICLE =
  /^(?:を|の|は|が|に|で|と|へ|も|から|まで|より|について|という|および|及び|または|です|でした|、|ではなく|じゃなく)/;
/** Marks and words that end a sentence, or a line that is none. */
const ENDED =
  /(?:[。！？!?…：:」』】）)]|です|ます|した|ません|でしょうか|ますか|ですか|ください|下さい|願い|致し|様|さん|さま|御中|各位|殿|記|以上|拝|よろしく|宜しく|しく|ね|よ|よー|ー|～|〜)$/;

/** Japanese lines are broken anywhere, so that all that does not end a sentence goes on. */
export function japaneseContinues(last: string, line: string): boolean {
  const next = line.trimStart();
  if (/^[※＊【《＜■□●○◆◇▼▽→]/.test(next)) return false;
  if (/[、，,をはがにでとへもやのて]$/.test(last) && !/[^すまで]で$/.test(last.slice(-3)) && last.length > 3)
    return true;
  if (PARTICLE.test(next) && !/[。！？!?：:]$/.test(last))
    return !/^(?:で(?:は|も)|は[いじ]|もし|とり|という(?:わけ|こと)で|にて|のち)/.test(next);
  if (ENDED.test(last)) return false;
  // A long line was broken by the program, a short one by its writer.
  return last.trim().length >= 24;
}

/** A name of a form's line as it is looked up: without spaces between its signs, and without a note behind it. */
export function japaneseLabel(label: string): string {
  if (!HOLDS_JAPANESE.test(label)) return label;
  return label
    .replace(/[\s　]+/g, '')
    .replace(/^\d{1,2}[.)、]?/, '')
    .replace(/\([^()]{0,20}\)$/, '')
    .replace(/^[【「『[]|[】」』\]]$/g, '');
}

/** Places in a line where the name of a next field may begin: `ワークスペース：acme-inc、ソース：Web`. */
export const japaneseFieldCuts = (line: string): readonly number[] =>
  /[：:]/.test(line) && HOLDS_JAPANESE.test(line)
    ? [...line.matchAll(/[、，,／/；;|｜ ](?=\s{0,4}[^ -~\s]{1,16}(?:id|ID)?\s?[：:])/g)].map(
        (cut) => cut.index,
      )
    : [];

/** `ワークスペース　acme-inc`: where one space ends the name of a field. A sentence is no value. -1 = there is none. */
export function japaneseSpacedLabel(rest: string): number {
  const space = /^[^ -~\s]{2,16}(?:ID|id)?(?= )/.exec(rest)?.[0].length ?? 0;
  const value = rest
    .slice(space)
    .replace(/「[^」]{1,80}」|『[^』]{1,80}』|から|まで|より前|すべて|のみ|だけ/g, '');
  return space > 0 && !/[\u3041-\u309f。、]/.test(value) ? space : -1;
}
