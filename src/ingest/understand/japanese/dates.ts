import { addDays } from '../../../domain/calendar.ts';

/** Inclusive UTC days. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

/** A date as Japanese writes it. The fields mean what they mean in a `DateAtom`. */
export interface JapaneseDate {
  readonly unit: 'day' | 'month' | 'quarter' | 'half' | 'year' | 'span';
  readonly days: Days | null;
  readonly why: 'order' | 'yearless' | 'unreal' | 'today' | null;
  readonly partial: { readonly month: number; readonly day: number } | null;
  readonly start: number;
  readonly end: number;
}

export interface JapaneseDateSettings {
  /** The UTC day of the mail; `null` = unknown. */
  readonly today: string | null;
  /** Which of two numbers is the day, where a date puts the year last. */
  readonly order: 'day-first' | 'month-first' | null;
}

/** All dates in a folded text, left to right, without overlap. `offset` is added to every place. */
export function japaneseDates(
  folded: string,
  settings: JapaneseDateSettings,
  offset: number,
): readonly JapaneseDate[] {
  const dates: JapaneseDate[] = [];
  for (const match of folded.matchAll(PATTERN)) {
    const date = dateOf(match.groups ?? {}, settings);
    if (date === null) continue;
    const start = offset + match.index;
    const behind = folded.slice(match.index + match[0].length, match.index + match[0].length + 4);
    const real = date.unit !== 'day' || date.days === null || isOnWeekday(date.days.from, behind);
    dates.push({ ...(real ? date : unsure('day', 'unreal')), start, end: start + match[0].trimEnd().length });
  }
  return dates;
}

/** `2025年5月1日(木)`: a weekday that the date has not makes both doubtful. */
function isOnWeekday(day: string, behind: string): boolean {
  const said = /^ ?\(([月火水木金土日])/.exec(behind)?.[1];
  return said === undefined || said === '日月火水木金土'.charAt(new Date(`${day}T00:00:00Z`).getUTCDay());
}

const YEAR =
  '(?:(?<era>令和|平成) ?(?<eraYear>元|\\d{1,2}) ?年|(?<year>(?:19|20)\\d\\d) ?年|(?<relativeYear>一昨年|おととし|昨年|去年|今年|本年|来年)) ?の? ?';
const DASH = ' ?[~〜–—―−‐-] ?';

/** The more specific first. Repetitions are bounded and over single signs. */
const FORMS = [
  '(?<year>(?:19|20)\\d\\d)-(?<month>\\d\\d)-(?<day>\\d\\d)(?!\\d)',
  '(?<year>(?:19|20)\\d\\d)[/.](?<month>\\d{1,2})[/.](?<day>\\d{1,2})(?!\\d)',
  '(?<first>\\d{1,2})[./-](?<second>\\d{1,2})[./-](?<lastYear4>(?:19|20)\\d\\d)(?!\\d)',
  '(?<unknown>\\d{1,2}[./]\\d{1,2}[./]\\d{1,2}(?![\\d./]))',
  // A business year begins when the company says.
  '(?<unknown>(?:(?:(?:令和|平成) ?(?:元|\\d{1,2})|(?:19|20)\\d\\d) ?年度|(?:今|昨|前|本|来|一昨)年度)(?: ?の? ?(?:第 ?[1-4一二三四] ?四半期|q[1-4]|上半期|下半期|上期|下期|\\d{1,2} ?月))?)',
  `${YEAR}第? ?(?<quarter>[1-4一二三四]) ?四半期`,
  `${YEAR}(?:q(?<quarter>[1-4])|(?<quarter>[1-4])q)(?![a-z0-9])`,
  '(?<year>(?:19|20)\\d\\d) ?[/-]? ?q(?<quarter>[1-4])(?![a-z0-9])',
  'q(?<quarter>[1-4]) ?[/-]? ?(?<year>(?:19|20)\\d\\d)(?!\\d)',
  `${YEAR}(?<half>上半期|下半期|前半|後半|上期|下期)`,
  `${YEAR}(?<month>\\d{1,2})(?: ?月)?${DASH}(?<lastMonth>\\d{1,2}) ?月(?! ?\\d)`,
  `${YEAR}(?<month>\\d{1,2}) ?月(?: ?の? ?(?<day>\\d{1,2}) ?日(?!間))?`,
  '(?:(?<era>令和|平成) ?(?<eraYear>元|\\d{1,2})|(?<year>(?:19|20)\\d\\d)) ?年(?![度間代前後生]|以内)',
  "(?<unknown>'?\\d\\d ?年 ?\\d{1,2} ?月(?: ?\\d{1,2} ?日)?)",
  '(?<unknown>(?:過去|直近|ここ|最近|この) ?(?:(?:\\d{1,3}|[一二三四五六七八九十半数]{1,3}) ?(?:か月|ヶ月|カ月|ヵ月|ケ月|箇月|年)|[一二三四五六七八九十半数]{1,3} ?(?:週|日))(?:間|分)?)',
  '(?:過去|直近|ここ|最近|この) ?(?<pastDays>\\d{1,4}) ?日(?:間|分)?',
  '(?:過去|直近|ここ|最近|この) ?(?<pastWeeks>\\d{1,3}) ?週間?(?:分)?',
  '(?<relativeMonth>先々月|先月|前月|今月|当月) ?の? ?(?<day>\\d{1,2}) ?日(?![間前後分])',
  '(?<span>先々月|先々週|一昨年|おととし|一昨日|おととい|先週|今週|先月|前月|今月|当月|前四半期|今四半期|昨年|去年|今年(?!度)|本年(?!度)|本日|今日|昨日)',
  '(?<month>\\d{1,2}) ?月(?![間号度])(?: ?の? ?(?<day>\\d{1,2}) ?日(?!間))?',
  '(?<year>(?:19|20)\\d\\d)[/-](?<month>0[1-9]|1[0-2]|[1-9])(?![\\d/.-])',
  '(?<month>0?[1-9]|1[0-2])/(?<year>(?:19|20)\\d\\d)(?![\\d/])',
  '(?<month>0?[1-9]|1[0-2])/(?<day>0?[1-9]|[12]\\d|3[01])(?![\\d/])',
  '(?<year>(?:19|20)\\d\\d)(?![\\da-z]|[-./:][\\da-z]| ?[件名個人円])',
];
const PATTERN = new RegExp(
  `(?<![a-z0-9_]|\\d[./]|[#@])(?<!-(?!(?<=\\d-)(?:19|20)\\d\\d[-/.年]))(?:${FORMS.join('|')})`,
  'g',
);

type Fields = Record<string, string | undefined>;
type Bare = Omit<JapaneseDate, 'start' | 'end'>;

function dateOf(fields: Fields, { today, order }: JapaneseDateSettings): Bare | null {
  if (fields.unknown !== undefined) return unsure('span', 'unreal');
  if (fields.first !== undefined) return yearLast(fields, order);
  const counted = fields.pastDays ?? fields.pastWeeks;
  if (counted !== undefined)
    return lastDays(Number(counted) * (fields.pastWeeks === undefined ? 1 : 7), today);
  if (fields.relativeYear !== undefined) {
    return today === null
      ? unsure('span', 'today')
      : withinYear(Number(today.slice(0, 4)) + (YEARS[fields.relativeYear] ?? 0), fields);
  }
  if (fields.span !== undefined || fields.relativeMonth !== undefined) {
    return today === null ? unsure('span', 'today') : relative(fields, today);
  }
  const year = yearOf(fields);
  if (year !== null) return withinYear(year, fields);
  if (fields.month === undefined) return null;
  const [month, day] = [Number(fields.month), Number(fields.day ?? 0)];
  if (month < 1 || month > 12 || day > 31) return null;
  return { unit: day === 0 ? 'month' : 'day', days: null, why: 'yearless', partial: { month, day } };
}

const YEARS: Readonly<Record<string, number>> = {
  一昨年: -2,
  おととし: -2,
  昨年: -1,
  去年: -1,
  今年: 0,
  本年: 0,
  来年: 1,
};

const unsure = (unit: Bare['unit'], why: Bare['why']): Bare => ({ unit, days: null, why, partial: null });
const found = (unit: Bare['unit'], days: Days | null): Bare => ({
  unit,
  days,
  why: days === null ? 'unreal' : null,
  partial: null,
});

function yearLast({ first, second, lastYear4 }: Fields, order: JapaneseDateSettings['order']): Bare {
  const [a, b, year] = [Number(first), Number(second), Number(lastYear4)];
  if (a === b || (a <= 12 && b > 12)) return found('day', oneDay(year, a, b));
  if (a > 12) return found('day', oneDay(year, b, a));
  if (order === null) return unsure('day', 'order');
  return found('day', order === 'day-first' ? oneDay(year, b, a) : oneDay(year, a, b));
}

function yearOf({ year, era, eraYear }: Fields): number | null {
  if (year !== undefined) return Number(year);
  if (era === undefined || eraYear === undefined) return null;
  return (era === '令和' ? 2018 : 1988) + (eraYear === '元' ? 1 : Number(eraYear));
}

const QUARTERS = '一二三四';

function withinYear(year: number, { quarter, half, month, lastMonth, day }: Fields): Bare {
  if (quarter !== undefined) {
    const nth = QUARTERS.includes(quarter) ? QUARTERS.indexOf(quarter) + 1 : Number(quarter);
    return found('quarter', months(year, nth * 3 - 2, 3));
  }
  if (half !== undefined) {
    // 上期 and 下期 are halves of a business year.
    if (half === '上期' || half === '下期') return unsure('half', 'unreal');
    return found('half', months(year, /^[上前]/.test(half) ? 1 : 7, 6));
  }
  const first = Number(month);
  if (lastMonth !== undefined) {
    const last = Number(lastMonth);
    return last < first || last > 12
      ? unsure('span', 'unreal')
      : found('span', months(year, first, last - first + 1));
  }
  if (day !== undefined) return found('day', oneDay(year, first, Number(day)));
  return month === undefined ? found('year', months(year, 1, 12)) : found('month', months(year, first, 1));
}

/** Weeks begin on Monday (ISO 8601). */
function relative({ span, relativeMonth, day }: Fields, today: string): Bare {
  const [year, month] = [Number(today.slice(0, 4)), Number(today.slice(5, 7))];
  const monthBack = (count: number): [number, number] =>
    month - count < 1 ? [year - 1, month - count + 12] : [year, month - count];
  if (relativeMonth !== undefined)
    return found('day', oneDay(...monthBack(MONTHS[relativeMonth] ?? 0), Number(day)));
  const monday = addDays(today, -((new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7));
  const quarter = month - ((month - 1) % 3);
  switch (span) {
    case '本日':
    case '今日':
      return found('day', { from: today, to: today });
    case '昨日':
      return found('day', { from: addDays(today, -1), to: addDays(today, -1) });
    case '一昨日':
    case 'おととい':
      return found('day', { from: addDays(today, -2), to: addDays(today, -2) });
    case '今週':
      return found('span', { from: monday, to: today });
    case '先週':
      return found('span', { from: addDays(monday, -7), to: addDays(monday, -1) });
    case '先々週':
      return found('span', { from: addDays(monday, -14), to: addDays(monday, -8) });
    case '今月':
    case '当月':
      return found('span', { from: `${today.slice(0, 7)}-01`, to: today });
    case '先月':
    case '前月':
    case '先々月':
      return found('month', months(...monthBack(MONTHS[span] ?? 0), 1));
    case '今四半期':
      return found('span', { from: months(year, quarter, 1)?.from ?? today, to: today });
    case '前四半期':
      return found('quarter', quarter > 3 ? months(year, quarter - 3, 3) : months(year - 1, 10, 3));
    case '今年':
    case '本年':
      return found('span', { from: `${pad(year, 4)}-01-01`, to: today });
    case '昨年':
    case '去年':
      return found('year', months(year - 1, 1, 12));
    default:
      return found('year', months(year - 2, 1, 12));
  }
}

const MONTHS: Readonly<Record<string, number>> = { 先々月: 2, 先月: 1, 前月: 1, 今月: 0, 当月: 0 };

function lastDays(count: number, today: string | null): Bare {
  if (today === null) return unsure('span', 'today');
  return count < 1 || count > 3_660
    ? unsure('span', 'unreal')
    : found('span', { from: addDays(today, 1 - count), to: today });
}

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

export function oneDay(year: number, month: number, day: number): Days | null {
  const text = `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
  const at = new Date(`${text}T00:00:00Z`);
  const real = !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === text;
  return real ? { from: text, to: text } : null;
}

export function months(year: number, month: number, count: number): Days | null {
  if (month < 1 || month > 12) return null;
  const next = new Date(Date.UTC(year, month - 1 + count, 1)).toISOString().slice(0, 10);
  return { from: `${pad(year, 4)}-${pad(month)}-01`, to: addDays(next, -1) };
}
