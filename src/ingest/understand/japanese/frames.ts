import { addDays } from '../../../domain/calendar.ts';
import type { Problem } from '../../../domain/request.ts';
import { type Days, type JapaneseDate, months, oneDay } from './dates.ts';

/** A time frame as written. `null` frame: it was given and nobody can say which days it is. */
export interface JapaneseFrame {
  readonly frame: { readonly from: string | null; readonly to: string | null } | null;
  readonly problem: Problem | null;
  readonly start: number;
  readonly end: number;
}

interface Said {
  /** Folded, as long as the text it stands for. */
  readonly text: string;
  /** Offset of `text` in the own text. */
  readonly start: number;
  /** It is the answer in a form's line. */
  readonly field: boolean;
  /** It asks for a deletion. */
  readonly asks: boolean;
}

/** The frames that a statement gives, left to right. In Japanese what bounds a date stands behind it. */
export function japaneseFrames(said: Said, dates: readonly JapaneseDate[]): readonly JapaneseFrame[] {
  const frames: JapaneseFrame[] = [];
  for (let at = 0; at < dates.length; at += 1) {
    const date = dates[at];
    if (date === undefined) break;
    const next = dates[at + 1];
    const joint =
      next === undefined
        ? null
        : jointOf(
            said.text.slice(date.end - said.start, next.start - said.start),
            behindWeekday(said.text.slice(next.end - said.start, next.end - said.start + 20)),
          );
    if (next !== undefined && joint !== null) {
      const range = rangeOf(date, next, joint, said);
      if (range !== null) frames.push(range);
      at += 1;
      continue;
    }
    const frame = shortRange(date, said) ?? singleOf(date, said);
    if (frame !== null) frames.push(frame);
  }
  return frames;
}

const WEEKDAY =
  /^\s*(?:\((?:\s*(?:[月火水木金土日](?:曜日?)?|祝|utc|gmt|協定世界時)[・,、/ ]{0,2}){1,3}\)|[月火水木金土日]曜日?(?!の))/;

/** What stands behind a date, without its weekday and time zone. */
function behindWeekday(text: string): string {
  let rest = text;
  for (let steps = 0; steps < 3; steps += 1) {
    const weekday = WEEKDAY.exec(rest)?.[0];
    if (weekday === undefined) break;
    rest = rest.slice(weekday.length);
  }
  return rest.trimStart();
}

const JOINT =
  /^(?:分|の)?\s*(?:から|より(?!も?\s*(?:前|以前|後|あと|早|古|新))|~|〜|->|→|[–—―−‐ー-]{1,2}|以降)\s*/;

type Lent = 'own' | 'same' | 'next' | 'month';

/** How the second of two dates takes its year from the first, when the signs between make a range of them. */
function jointOf(between: string, after: string): Lent | null {
  const rest = behindWeekday(between);
  const joint = JOINT.exec(rest)?.[0];
  if (joint === undefined) return null;
  // "4月1日以降、4月10日まで"
  if (joint.startsWith('以降') && !after.startsWith('まで')) return null;
  switch (rest.slice(joint.length).trim().replace(/の$/, '')) {
    case '':
    case '、':
    case ',':
    case '-':
      return 'own';
    case '同年':
    case '同':
      return 'same';
    case '翌年':
    case '翌':
      return 'next';
    default:
      return null;
  }
}

function rangeOf(first: JapaneseDate, last: JapaneseDate, lent: Lent, said: Said): JapaneseFrame | null {
  const place = { start: first.start, end: last.end };
  if (first.why === 'order' || last.why === 'order')
    return { ...place, frame: null, problem: 'ambiguous_date' };
  const after = behindWeekday(said.text.slice(last.end - said.start, last.end - said.start + 40));
  if (/^まで(?:休|不在|夏|冬|お休|の?予定|開催|実施|工事|出張)/.test(after)) return null;
  const from = daysIn(first, last, 'own');
  const to = daysIn(last, first, lent);
  if (
    from === null ||
    to === null ||
    isRough(after) ||
    isRough(behindWeekday(said.text.slice(first.end - said.start)))
  )
    return { ...place, frame: null, problem: null };
  return { ...place, frame: { from: from.from, to: to.to }, problem: null };
}

/** A date's days; one without a year takes that of the range's other end, if the range then runs forwards. */
function daysIn(date: JapaneseDate, other: JapaneseDate, lent: Lent): Days | null {
  if (date.partial === null || date.why !== 'yearless') return date.days;
  if (other.days === null) return null;
  const lends = date.start > other.start ? other.days.from : other.days.to;
  const year = Number(lends.slice(0, 4)) + (lent === 'next' ? 1 : 0);
  const { month, day } = date.partial;
  const days = day === 0 ? months(year, month, 1) : oneDay(year, month, day);
  if (days === null) return null;
  const forwards = date.start > other.start ? days.to >= other.days.from : days.from <= other.days.to;
  return forwards ? days : null;
}

/** `3月1日から15日`, `2025/3/1～3/31`: the end of a range says only the day. */
function shortRange(first: JapaneseDate, said: Said): JapaneseFrame | null {
  if (first.unit !== 'day' || first.days === null) return null;
  const behind = said.text.slice(first.end - said.start);
  const rest = behindWeekday(behind);
  const joint = JOINT.exec(rest)?.[0];
  if (joint === undefined || joint.startsWith('以降')) return null;
  const end = /^(?:同月の? ?)?(\d{1,2}) ?日(?![間前後目])/.exec(rest.slice(joint.length));
  if (end === null) return null;
  const { from } = first.days;
  const to = oneDay(Number(from.slice(0, 4)), Number(from.slice(5, 7)), Number(end[1]));
  const length = behind.length - rest.length + joint.length + end[0].length;
  const rough = isRough(behindWeekday(behind.slice(length)));
  return {
    start: first.start,
    end: first.end + length,
    frame: to === null || rough ? null : { from, to: to.to },
    problem: null,
  };
}

function singleOf(date: JapaneseDate, said: Said): JapaneseFrame | null {
  const place = { start: date.start, end: date.end };
  const at = date.end - said.start;
  const before = said.text.slice(Math.max(0, date.start - said.start - 30), date.start - said.start);
  const bound = boundOf(date, before, behindWeekday(said.text.slice(at, at + 60)), said);
  if (bound === 'aside') return null;
  if (bound === 'unusable')
    return { ...place, frame: null, problem: date.why === 'order' ? 'ambiguous_date' : null };
  return { ...place, frame: bound, problem: null };
}

/** Nobody can count these days: "around", "early in", "the second week of", "the weekends of". */
const ROUGH =
  /^(?:頃|ごろ|ころ|あたり|辺り|前後|くらい|ぐらい|ほど|付近|初め|初頭|始め|頭|上旬|中旬|下旬|半ば|なかば|中頃|前半|後半|の? ?第?[1-5一二三四五] ?週|の?週(?!報)|の?(?:平日|週末|土日|土曜|日曜|祝日|夏|冬|春|秋|初め|始め|最初|最後|前半|後半|上旬|中旬|下旬|半ば|連休|朝|昼|夕|夜|午))/;
const isRough = (after: string): boolean => ROUGH.test(after);

/** What data do on a day, as opposed to what people do on it. */
const CAME_IN =
  /^(?:\s|、|誤って|間違えて|間違って|新たに|大量に|システムが|弊社が|当社が|実際に|こちらで){0,3}(?:受信|収集|取得|取り込|取込|流入|流れ|入っ|入り|入った|蓄積|記録|送信|送ら|送っ|登録され|発生し|保存|インポート|投入|計測|届い|書き込|混入|生成され|同期|溜ま|たまっ|連携され)/;
/** Behind の: the data, with words that take nothing away from them. */
const DATA =
  /^の?(?:(?:全て|すべて|全部|全|誤|不要|不正|変|余計|該当|対象|受信|収集|取得|計測|行動|1日|一日|丸1日|まる1日|[「『"][^」』"]{1,60}[」』"])(?:の|な|した|された)?){0,4}(?:データ|分|期間|間|イベント|レコード|記録|ログ|もの|全部|全て|すべて|履歴|ソース|プロパティ|ユーザー?プロパティ)/;

type Bound = 'aside' | 'unusable' | NonNullable<JapaneseFrame['frame']>;

function boundOf(date: JapaneseDate, before: string, after: string, { field, asks }: Said): Bound {
  const { days } = date;
  if (
    /(?:期限|締切|締め切り|〆切|納期|回答日|依頼日|申請日|契約日|作成日|記入日)(?:は|が|を|日|日は)?[\s:]*$/.test(
      before,
    )
  )
    return 'aside';
  if (/^(?:付|づけ|当時|現在|発行|開催|締結|施行)/.test(after)) return 'aside';
  const until = /^(?:の?(?:月末|年末|末日|末|最終日))?(?:分)?まで/.exec(after)?.[0];
  if (until !== undefined) return untilOf(days, after.slice(until.length));
  if (days === null) return isAside(after) ? 'aside' : 'unusable';
  if (
    isRough(after) ||
    /^末/.test(after) ||
    /(?:約|およそ|おおよそ|だいたい|大体|多分|たぶん)\s*$/.test(before)
  )
    return 'unusable';
  return openOf(date, days, after) ?? closedOf(days, before, after, field, asks);
}

/** "until": of the data, or by when something is to be done. */
function untilOf(days: Days | null, rest: string): Bound {
  const deadline = /^(?:に|には)/.test(rest) && !CAME_IN.test(rest.replace(/^には?/, ''));
  if (deadline || /^(?:待|は待|は?保|は?残|お待|使|利用|有効|契約)/.test(rest)) return 'aside';
  return days === null ? 'unusable' : { from: null, to: days.to };
}

/** A frame with one open end; `null` when the words behind the date bound no such frame. */
function openOf(date: JapaneseDate, days: Days, after: string): Bound | null {
  if (/^の?翌(?:日|月|年)(?:以降|から)/.test(after)) return { from: addDays(days.to, 1), to: null };
  if (/^(?:以降|以後)/.test(after)) {
    // "data from that day on" and "delete it on that day or later" differ by what follows.
    const doing = /^..(?:に|で|、)\s*(?:削除|消去|消し|実施|実行|対応|作業|お願い)/.test(after);
    return doing ? 'aside' : { from: days.from, to: null };
  }
  if (/^に(?:入って|なって)(?:から|以降)/.test(after)) return { from: days.from, to: null };
  if (/^より(?:も)?\s*(?:前|早い|古い)/.test(after)) return { from: null, to: addDays(days.from, -1) };
  if (/^より(?:も)?\s*(?:後|あと|新しい)/.test(after)) return { from: addDays(days.to, 1), to: null };
  if (/^より(?:も)?\s*以/.test(after)) return 'unusable';
  if (/^以前/.test(after)) return { from: null, to: days.to };
  if (date.unit === 'day' && /^(?:の?前(?![日半後回年月])|未満)/.test(after))
    return { from: null, to: addDays(days.from, -1) };
  const joint = JOINT.exec(after)?.[0];
  return joint === undefined ? null : sinceOf(after.slice(joint.length), joint, days);
}

/** "from 1 March" without an end that could be read. */
function sinceOf(rest: string, joint: string, days: Days): Bound {
  const since = { from: days.from, to: null };
  if (/^[\d令平昭]|^(?:同|翌|先|前|来|昨|今週|今月|約|しばらく|数|半年|一)/.test(rest)) return 'unusable';
  if (/^(?:現在|今日|本日|今|直近|最新)/.test(rest)) return since;
  if (
    /^(?:同月)?(?:の?月末|末日?|月末日)(?:まで)?(?!の)/.test(rest) ||
    /^(?:同月)?(?:月末|末日?)(?:まで)?の(?:デ|分|期)/.test(rest)
  ) {
    const { from } = days;
    return { from, to: months(Number(from.slice(0, 4)), Number(from.slice(5, 7)), 1)?.to ?? null };
  }
  if (/^[^、。をの]{0,12}まで/.test(rest)) return 'unusable';
  if (!/から|より/.test(joint)) return /^(?:$|の|に|分|以降|[)」。、])/.test(rest) ? since : 'unusable';
  if (/^(?:削除|消去|消し|利用|使|契約|運用|休|不在|開始|稼働|始|在籍|お世話|弊社|当社)/.test(rest))
    return 'aside';
  return since;
}

function closedOf(days: Days, before: string, after: string, field: boolean, asks: boolean): Bound {
  if (field) return days;
  if (/^中に/.test(after) && !CAME_IN.test(after.slice(2))) return 'aside';
  if (
    /^(?:分|のみ|だけ|限定|に限|の間|間の|中に|中の|における|において|1 ?日(?:分|間|のみ|だけ)|一日(?:分|間)|丸一日|まる一日|いっぱいの|全体|全日|を対象|が対象|を指定|を範囲)/.test(
      after,
    )
  )
    return days;
  if (/^に/.test(after)) return CAME_IN.test(after.slice(1)) ? days : 'aside';
  if (DATA.test(after) || CAME_IN.test(after)) return days;
  const about =
    /(?:期間|対象|日付|範囲|対象日|該当日|日時|年月|データは)(?:は|が|として|を)?[\s:、「【]*$/.test(before);
  if (about && /^(?:$|[」】)。、]|です|でお願い|となります|になります|で|を|の|とし)/.test(after))
    return days;
  // `データ（2024年1月～2月）の削除`
  if (/^[)）\]】]/.test(after) && /[(（[【]\s*(?:期間)?[\s:：]*$/.test(before)) return days;
  const object = /^(?:を|、?です|でお願い|。|$)/.test(after) && /^[^\p{L}]*$|[、をは]\s*$/u.test(before);
  if (asks && object && !/^を.{0,4}(?:も|目|過|迎|予|控|起)/.test(after)) return days;
  return isAside(after) ? 'aside' : 'unusable';
}

const isAside = (after: string): boolean => /^(?:は|、|に(?![受収取流入])|も(?!の)|ご|お|で|$)/.test(after);
