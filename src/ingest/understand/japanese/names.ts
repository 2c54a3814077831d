/** Names beside a Japanese noun: `ソース「Web」`, `「Web」というソース`, `Website Prodのソース`, `ワークスペース acme-inc の`. */
export interface JapaneseName {
  readonly text: string;
  /** Places in the text that was given. */
  readonly start: number;
  readonly end: number;
  /** "Aではなく": this is not the one. */
  readonly rejected: boolean;
}

/** A noun in a text, and where the next one begins. */
export interface JapaneseNoun {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly stop: number;
}

const QUOTES = new Map([
  ['「', '」'],
  ['『', '』'],
  ['“', '”'],
  ['"', '"'],
  ['＂', '＂'],
  ["'", "'"],
  ['‘', '’'],
  ['`', '`'],
  ['【', '】'],
  ['〈', '〉'],
  ['<', '>'],
  ['＜', '＞'],
  ['[', ']'],
  ['［', '］'],
  ['*', '*'],
]);
const NAME_MAX = 120;
const LIST_MAX = 200;

/** Between the noun and its name. */
const LINK =
  /^(?:の)?(?:名称?|名前|スラッグ|slug|id|ＩＤ|ｉｄ)*(?:[（(](?:スラッグ|slug|id)[)）])?\s*(?:は、?|が|:|：|=|＝|の(?=\s*[「『“"'`【])|、(?=[「『])|\s)*(?:次の|以下の)?\s*/i;
const LIST_LINK = /^\s*(?:、|，|,|;|；|と、?|及び|および|並びに|ならびに|&|＆|・|\/|／|＋|\+)?\s*/;
const OTHER_LINK =
  /^\s*(?:または|又は|もしくは|若しくは|あるいは|ではなく、?|じゃなくて?、?|でなく、?|か(?=\s*[「『"]))\s*/;
const DENIED = /^[」』"'”`】)）]?\s*(?:の(?:方|ほう))?(?:では|じゃ|で)(?:なく|無く|ありません|ない)/;

/** Names of sources, spaces, events, properties and projects: behind the noun, else before it. */
export function japaneseNames(noun: JapaneseNoun): readonly JapaneseName[] {
  const behind = listFrom(noun, afterLink(noun), (text, at) => quotedAt(text, at) ?? bareAt(text, at));
  return behind.length > 0 ? behind : namesBefore(noun);
}

/** Slugs and IDs of workspaces; a quoted name that is neither comes back as it is. */
export function japaneseWorkspaces(noun: JapaneseNoun): readonly JapaneseName[] {
  const from = afterLink(noun);
  const behind = listFrom(noun, from, (text, at) => quotedAt(text, at) ?? slugAt(text, at));
  const [first] = behind;
  // `ワークスペース「Acme」（acme-inc）`: the slug stands in the brackets.
  const noted = first === undefined ? bracketed(noun, from) : bracketed(noun, first.end);
  if (noted !== null && (first === undefined || !isSlug(first.text))) return [noted];
  return behind.length > 0 ? behind : workspaceBefore(noun);
}

/** Identifiers of end users in a row behind the noun. */
export function japaneseUsers(noun: JapaneseNoun, isId: (token: string) => boolean): readonly JapaneseName[] {
  const link = afterLink(noun);
  const from = link + (/^[（(［[]\s*/.exec(noun.text.slice(link, link + 4))?.[0].length ?? 0);
  const names = listFrom(
    noun,
    from,
    (text, at) => quotedUser(text, at, isId) ?? userAt(text, at, isId),
    isIdentifierJoint,
  );
  const last = names.at(-1);
  // Half of a list is not what is meant: `user_8812と山田様`.
  return last !== undefined && UNREAD.test(noun.text.slice(last.end, Math.min(noun.stop, last.end + 40)))
    ? []
    : names;
}

/** Identifiers are told by their form, so that any sign may stand between them. */
const isIdentifierJoint = (link: string): boolean =>
  /^\s*[、，,;；・/／と＋+&＆及びおよび]*\s*$/.test(link) && link !== '';
const UNREAD =
  /^[」』"'）)]?\s*(?:、|，|,|と|及び|および|・|\/|／)\s*(?:[A-Za-z][\w.@-]{1,40}(?![\w.@-])|[\u4e00-\u9fff]{1,6}(?:様|さん|氏|さま))/;

const TOKEN = /^[A-Za-z0-9][A-Za-z0-9._%+:|#@/-]{0,119}/;
const COUNTER = /^\s?(?:名|人|件|個|つ|種|箇所|回|日|月|年|時|分|秒|歳|円|社|社分|本|番目)/;

function userAt(text: string, at: number, isId: (token: string) => boolean): Found | null {
  const token = TOKEN.exec(text.slice(at, at + NAME_MAX))?.[0].replace(/[.:/-]+$/, '') ?? '';
  if (token === '' || !isId(token) || COUNTER.test(text.slice(at + token.length, at + token.length + 4)))
    return null;
  return { text: token, from: at, to: at + token.length, close: at + token.length };
}

function quotedUser(text: string, at: number, isId: (token: string) => boolean): Found | null {
  const quoted = quotedAt(text, at);
  return quoted !== null && isId(quoted.text) ? quoted : null;
}

interface Found {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** Behind the closing quote. */
  readonly close: number;
}

const afterLink = ({ text, to }: JapaneseNoun): number =>
  to + (LINK.exec(text.slice(to, to + 60))?.[0].length ?? 0);

function listFrom(
  { text, to, stop }: JapaneseNoun,
  from: number,
  read: (text: string, at: number) => Found | null,
  joins?: (link: string) => boolean,
): readonly JapaneseName[] {
  const bounded = text.slice(0, stop);
  const names: JapaneseName[] = [];
  // `ワークスペースの「Web」ソース`: the name belongs to the noun behind it.
  const owned = read(bounded, from);
  if (
    owned !== null &&
    stop < text.length &&
    /の\s*$/.test(text.slice(to, from)) &&
    /^\s*(?:という|の)?\s*$/.test(text.slice(owned.close, stop))
  )
    return [];
  let at = from;
  for (let count = 0; count < LIST_MAX; count += 1) {
    const found = at < stop ? read(bounded, at) : null;
    if (found === null) break;
    const rejected = DENIED.test(text.slice(found.close, found.close + 20));
    names.push({ text: found.text, start: found.from, end: found.to, rejected });
    const rest = bounded.slice(found.close, found.close + 40);
    const link = OTHER_LINK.exec(rest)?.[0] ?? LIST_LINK.exec(rest)?.[0] ?? '';
    const quoted = QUOTES.has(bounded.charAt(found.close + link.length));
    if (joins?.(link) === true) {
      at = found.close + link.length;
      continue;
    }
    // Without a sign between them only quoted names are a list; a comma divides more than names.
    if (link.trim() === '' && !(quoted && found.close !== found.to)) break;
    if (/^\s*[、，,・/／]\s*$/.test(link) && !quoted && !isListed(bounded, found.close + link.length)) break;
    at = found.close + link.length;
  }
  return names;
}

/** Behind a comma a bare name is one more only if it ends the list or a list sign follows it. */
const isListed = (text: string, at: number): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9._%+:|#@ -]{0,80}?\s*(?:[、，,・]|と|および|及び|の(?:\d|２|３|各|両|デ|全|2|3)|を|です|$|。)/.test(
    text.slice(at, at + 100),
  );

function quotedAt(text: string, at: number): Found | null {
  const closer = QUOTES.get(text.charAt(at));
  if (closer === undefined) return null;
  const close = text.indexOf(closer, at + 1);
  if (close === -1 || close - at > NAME_MAX) return null;
  const inner = text.slice(at + 1, close);
  const name = inner.trim();
  const from = at + 1 + inner.length - inner.trimStart().length;
  return name === '' ? null : { text: name, from, to: from + name.length, close: close + 1 };
}

const WORDS =
  /^[A-Za-z0-9][A-Za-z0-9._&+/-]*(?:[（(][A-Za-z0-9 ]{1,12}[)）])?(?: (?:[A-Za-z0-9][A-Za-z0-9._&+/-]*|&|[（(][A-Za-z0-9]{1,12}[)）]))*(?: ?[\u30a1-\u30ff\u4e00-\u9fff]+)?/;
const PURE = /^[\u30a1-\u30ff\u4e00-\u9fffA-Za-z0-9]{2,30}(?= (?:の|を|に|から|で|は|が|へ))/;
const FOLLOWED =
  /^\s*(?:$|[のをにへがはでと、。，,」』）)（(・&＆]|から|より|について|です|も|だけ|のみ|分|内|および|及び|または|又は|以外|・|ではなく|じゃなく)/;
const VAGUE =
  /^(?:全|各|上記|下記|以下|該当|当該|対象|同|別|複数|一部|両|本|不要|必要|未定|不明|弊社|当社|テスト用?|検証用?|本番用?|開発用?|データ|設定|情報|名前|内|中|側|上|分|用|件)/;
/** What clings to a bare name and is none of it. */
const CLINGING = /(?:データ|分|全体|側|内|等|自体|本体|用|由来|経由|宛|のみ|だけ|上)$/;

/** A bare name: Latin words with a capital, a digit or `_-` in them, perhaps with katakana or Han behind. */
function bareAt(text: string, at: number): Found | null {
  const rest = text.slice(at, at + NAME_MAX);
  const spaced = /\s/.test(text.charAt(at - 1)) ? PURE.exec(rest)?.[0] : undefined;
  const run = spaced !== undefined && !/\d/.test(spaced) && !VAGUE.test(spaced) ? spaced : latinAt(rest);
  if (run === '' || !FOLLOWED.test(rest.slice(run.length))) return null;
  return { text: run, from: at, to: at + run.length, close: at + run.length };
}

function latinAt(rest: string): string {
  const run = (WORDS.exec(rest)?.[0] ?? '')
    // A date is no part of a name.
    .replace(
      /\s*(?:\d{1,4}|\d{4}-\d\d?(?:-\d\d?)?|\d{4}\/\d.*)(?:年|月|日|件|名|個|つ|回|時|分)?[\u30a1-\u30ff\u4e00-\u9fff]*$/,
      (tail) => (/年|月|日|件|名|個|つ|回|時|\d{4}[-/]|^\s+(?:19|20)\d\d$|^\d/.test(tail) ? '' : tail),
    )
    .replace(CLINGING, '')
    .replace(/[\s&+/.-]+$/, '');
  return isNameLike(run) ? run : '';
}

const isNameLike = (run: string): boolean =>
  run.length > 1 &&
  /[A-Z]|[a-z]\d|[_-]|[\u30a1-\u30ff\u4e00-\u9fff]/.test(run) &&
  !/^(?:ID|API|URL|UTC|JST|SDK|GDPR|CCPA|CSV|PD-\d+|WS|OK|NG)$/.test(run) &&
  !/^\d+$/.test(run);

const BEFORE_LINK = /\s*(?:という名(?:前|称)の|という|っていう|ってゆう|なる|の)?\s*$/;
const NOUN_BEFORE =
  /(?:ワークスペース|スペース|ソース|プロジェクト|イベント|プロパティ|ユーザー?|space|workspace|source|project|unify)(?:名|id)?(?:は|:|：|\s)*$/i;

/** `「A」と「B」のソース`, `Website Prod というソース`. A name that belongs to another noun is left to that. */
function namesBefore({ text, from }: JapaneseNoun): readonly JapaneseName[] {
  const names: JapaneseName[] = [];
  const link = BEFORE_LINK.exec(text.slice(Math.max(0, from - 12), from))?.[0] ?? '';
  let end = from - link.length;
  for (let count = 0; count < LIST_MAX; count += 1) {
    const opened = openingOf(text, end);
    if (opened === null) break;
    const name = quotedAt(text, opened);
    if (name === null) break;
    names.unshift({ text: name.text, start: name.from, end: name.to, rejected: false });
    const before = text.slice(Math.max(0, opened - 8), opened);
    const joint = /(?:、|，|,|と|及び|および|・)?\s*$/.exec(before)?.[0] ?? '';
    end = opened - joint.length;
  }
  const [first] = names;
  if (first !== undefined) {
    const owned = NOUN_BEFORE.test(text.slice(Math.max(0, first.start - 24), first.start - 1));
    return owned && !/という|なる|って/.test(link) ? [] : names;
  }
  return runBefore(text.slice(0, end), link.trim());
}

/** Where the quote opens that closes right before `end`. */
function openingOf(text: string, end: number): number | null {
  const closer = text.charAt(end - 1);
  const opener = [...QUOTES].find(([, close]) => close === closer)?.[0];
  if (opener === undefined) return null;
  const at = text.lastIndexOf(opener, end - 2);
  return at === -1 || end - at > NAME_MAX ? null : at;
}

function runBefore(head: string, link: string): readonly JapaneseName[] {
  const tail = head.slice(-80);
  const run =
    /(?:^|[^A-Za-z0-9._&+/@-])([A-Za-z0-9][A-Za-z0-9._&+/-]*(?: [A-Za-z0-9&][A-Za-z0-9._&+/-]*){0,5}(?:[\u30a1-\u30ff\u4e00-\u9fff]{1,12})?)$/.exec(
      tail,
    )?.[1] ?? '';
  if (run === '' || !isNameLike(run) || /年|月|日$|件$|以|全|各|該当|対象/.test(run) || CLINGING.test(run))
    return [];
  // "acme-inc のソース" is a source of that workspace or company.
  const slugLike = /^[a-z0-9-]+$/.test(run);
  const start = head.length - run.length;
  if (NOUN_BEFORE.test(head.slice(Math.max(0, start - 24), start))) return [];
  if (slugLike && link === 'の') return [];
  return [{ text: run, start, end: head.length, rejected: false }];
}

const SLUG = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?(?![\w@./:-]*[\w@/])/;
const isSlug = (text: string): boolean =>
  /^[a-z0-9][a-z0-9-]{0,62}$/.test(text) || /^[A-Za-z0-9]{10}$/.test(text);

function slugAt(text: string, at: number): Found | null {
  const token = SLUG.exec(text.slice(at, at + NAME_MAX))?.[0] ?? '';
  if (!/[a-z]/.test(token) || COUNTER.test(text.slice(at + token.length, at + token.length + 4))) return null;
  const direct = !/^\s*(?:ソース|イベント|プロジェクト|ユーザ|スペース)/.test(text.slice(at + token.length));
  return isSlug(token) && direct
    ? { text: token, from: at, to: at + token.length, close: at + token.length }
    : null;
}

const BRACKET =
  /^[」』"'”]?\s*[（(]\s*(?:スラッグ|slug|id|ＩＤ|ワークスペースid)?\s*(?:は|:|：|=|が)?\s*([A-Za-z0-9][A-Za-z0-9-]{1,63})\s*[)）]/i;

function bracketed({ text, stop }: JapaneseNoun, from: number): JapaneseName | null {
  const rest = text.slice(from, Math.min(stop, from + 100));
  const match = BRACKET.exec(rest);
  const token = match?.[1];
  if (match === null || token === undefined || !isSlug(token) || !/[a-z]/.test(token)) return null;
  const start = from + match[0].lastIndexOf(token);
  return {
    text: token,
    start,
    end: start + token.length,
    rejected: DENIED.test(rest.slice(match[0].length)),
  };
}

function workspaceBefore({ text, from }: JapaneseNoun): readonly JapaneseName[] {
  const link =
    /[」』"'”`]?\s*(?:という(?:スラッグ|id|名前|名称)?(?:の)?|っていう|なる|の)?\s*$/i.exec(
      text.slice(Math.max(0, from - 16), from),
    )?.[0] ?? '';
  const head = text.slice(0, from - link.length);
  const token =
    /(?<![\w@./:-])[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/.exec(head.slice(-80))?.[0] ?? '';
  if (!isSlug(token) || !/[a-z]/.test(token)) return [];
  const sure = /という|っていう|なる|[」』"'”`]/.test(link) || /[-\d]/.test(token) || link === '';
  if (!sure || NOUN_BEFORE.test(head.slice(0, -token.length).slice(-24))) return [];
  return [{ text: token, start: head.length - token.length, end: head.length, rejected: false }];
}

const KATAKANA_WORD = /(?:リ|アウト|オープン|シングル|ディスク|ネーム|半角|全角|余白)$/;

/** `リソース`, `ソースコード`: another word holds the noun. */
export const isOtherWord = ({ text, from, to }: JapaneseNoun): boolean =>
  KATAKANA_WORD.test(text.slice(Math.max(0, from - 5), from)) ||
  /^(?:コード|ファイル|リスト|バー|キー|業|会場|会社|マネージ)/.test(text.slice(to, to + 5));

/** `12名`: a number before a counter is no identifier. `at`: behind the number. */
export const isCounted = (text: string, at: number): boolean => COUNTER.test(text.slice(at, at + 4));

/** The event that a property is limited to: `イベント「Signup」の「email」`, `email（イベント「Signup」のみ）`. */
export function japaneseLimit(
  { text, from }: JapaneseNoun,
  names: { readonly first: number; readonly end: number },
): string | null {
  const head = text
    .slice(0, Math.min(from, names.first))
    .replace(/[「『"“'`]$/, '')
    .slice(-110);
  const before =
    /イベント\s*[「『"“]([^」』"”「『]{1,80})[」』"”]\s*(?:の|における|で送信(?:した|された)|内の)\s*(?:イベント)?$/.exec(
      head,
    ) ??
    /[「『"“]([^」』"”「『]{1,80})[」』"”]\s*(?:という)?イベント(?:の|における|内の)\s*$/.exec(head) ??
    /イベント\s*([A-Za-z][A-Za-z0-9 _.-]{1,60})\s*の\s*$/.exec(head) ??
    /(?:^|[^A-Za-z0-9_.-])([A-Za-z][A-Za-z0-9 _.-]{1,60}?)\s*イベントの\s*$/.exec(head);
  const behind =
    /^[」』"”'`]?\s*[（(]\s*(?:イベント\s*(?:名)?[:：]?\s*[「『"]?([^」』"（）()]{1,80}?)[」』"]?|[「『"]([^」』"（）()]{1,80}?)[」』"]\s*イベント|([A-Za-z][A-Za-z0-9 _.-]{1,60}?)\s*イベント)\s*(?:の)?(?:のみ|だけ|限定|に限る|に限り)?(?:の)?(?:イベント)?\s*[)）]/.exec(
      text.slice(names.end, names.end + 120),
    );
  const name = (before?.[1] ?? behind?.slice(1).find((each) => each !== undefined) ?? '').trim();
  return name === '' || /^(?:全|すべて|各)/.test(name) ? null : name.replace(/(?:のみ|だけ)$/, '');
}

/** `phone_raw（イベント「Signup」のみ）`, `email（メール）`: the name of a property in a form, less the note behind it. */
export function japaneseClause(
  text: string,
): { readonly name: string; readonly event: string | null } | null {
  const noted = /^([A-Za-z0-9_.$ -]{1,80}?)\s*[（(]([^（）()]{1,80})[)）]$/.exec(text);
  const [, name, note] = noted ?? [];
  if (name === undefined || note === undefined || !/[\u3041-\u9fff]/.test(note)) return null;
  return {
    name,
    event: japaneseLimit({ text, from: 0, to: 0, stop: text.length }, { first: 0, end: name.length }),
  };
}

const OWN =
  /(?:弊社|当社|自社|弊部|当部|我が社|私|自分|本番|検証|テスト|開発|上記|下記|当該|該当|対象|以下|既存|現在|現行|すべて|全て|全部|不要)(?:用|環境|中)?$/;

/** Whose workspace it is, when that is not the writer's own: `大阪支社のワークスペース`, `別のワークスペース`, `子会社のソース`. */
export function namesJapaneseOwner(text: string): boolean {
  if (/(?:別|他|ほか|もう一つ|もうひとつ|もう1つ|[2２二]つ目|違う)の?ワークスペース/.test(text)) return true;
  if (
    /(?:子会社|親会社|支社|支店|支部|営業所|グループ会社|関連会社|系列|他社|取引先|クライアント|提携先|委託元|委託先)の/.test(
      text,
    )
  )
    return true;
  const owner = /([\u30a1-\u30ff\u4e00-\u9fff]{1,20})の(?:ワークスペース|workspace)/i.exec(text)?.[1];
  return owner !== undefined && !OWN.test(owner);
}

/** The name in an item of a list: in quotes, up to a particle, or the whole item when it is no sentence. */
export function japaneseItem(
  text: string,
): { readonly text: string; readonly start: number; readonly end: number } | null {
  const at = text.length - text.trimStart().length;
  const found = quotedAt(text, at) ?? bareAt(text, at);
  const whole = text.trim();
  if (found !== null) return { text: found.text, start: found.from, end: found.to };
  if (whole === '' || whole.length > 60 || /[\u3041-\u309f。、：:]/.test(whole)) return null;
  return { text: whole, start: at, end: at + whole.length };
}
