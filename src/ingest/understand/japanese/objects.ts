/** What a Japanese request is for, when it names a workspace or an account: all of it, or a thing in it. */

/** Kinds of workspaces, right before the noun. Beside "data" they would say which part of the data. */
const WHICH =
  /(?:旧|古い|昔の|前の|本番|検証|テスト|試験|開発|デモ|ステージング|サンドボックス|トライアル|試用|体験|社内|個人|既存|現行|不要|未使用|削除済み?|終了済み?|解約済み?)(?:の|な|用|環境|中|版|になった|となった|した|で作った|で作成した|で使った|で使っていた|として作った|として使っていた|のための|のために作った){0,4}(?=ワークスペース|workspace)/g;

/** Words that name no thing of their own, the longer first; then signs that do so only before kana, or alone. */
const GENERIC = new RegExp(
  [
    'ワークスペース(?:全体|ごと|丸ごと|自体|そのもの|本体|名|内|上|側|中)?|workspaces?|ws|スラッグ|slug|id',
    'アカウント(?:全体|ごと|丸ごと|自体|そのもの)?',
    '(?:お客様|顧客)?データ(?:全体|全部|全て|一式)?|情報|内容|中身|全部|全て|全期間|全体|一切|一式|全(?=データ|ワーク|情報|て)|各|両方|両|丸ごと|丸々|残り|痕跡',
    '個人(?:情報|データ)(?=(?:など|等)?[をも]含)',
    '完全|永久|恒久|永続|物理|即時|即座|即刻|直ち',
    '(?:データ)?(?:削除|消去|抹消|破棄|廃棄|除去|パージ|クリア)(?:依頼|申請|対応|処理|作業|手続き?|対象|希望|要請|請求|済み?)?|deletion|delete|purge',
    '(?:依頼|申請|要請|請求|要求|希望|手続き?|処理|対応|実施|実行|作業|手配|手数)(?![\\u4e00-\\u9fff])',
    '(?:保存|保管|保持|蓄積|収集|受信|取得|格納|登録(?=さ|し|済))(?![\\u4e00-\\u9fff])|関連|関係|付随|付帯|紐付|所属|残存|現存|存在|既存',
    '以下|下記|上記|当該|該当|対象|記載|標記|標題|首題|表題|件名|前述|先述|後述',
    '(?:削除|消去)の方|弊社|当社|自社|弊部|当部|我々|当方|当店|当院|当会|当校|貴社|御社|貴サービス|御サービス',
    '管理者(?=として|である|です|を務|になって|となって|が)|管理(?=し|す|中|下|権限)|作成(?=し|さ)|(?:使用|利用(?!者)|契約|解約|終了|閉鎖|退会)(?![\\u4e00-\\u9fff])|不要|不用|必要|廃止|閉店|廃業',
    '(?:本日|今日|今週|今月)中|年内|月内|早急|至急|可能|今後|現在|先日|以前|今回|再度|正式|今日|本日|一度|大変|失礼|恐縮|頂戴|何卒|連絡|一報|返信|完了|次第|承知|確認',
    '(?:サーバー?|システム|データベース)(?:内|上)?(?=から|より)|(?:バックアップ|コピー)(?:データ)?(?:も|を|まで)?(?=含|ごと)|復元|復旧|不可',
    'gdpr|ccpa|(?:改正)?個人情報保護法|法令|規則|規程|利用規約|第?\\d{1,3}条|ポリシー',
    '\\d{1,3}(?:件|つ|個|点)|[一二三四五六七八九十]つ',
    '[残含関入恐申幸助存致頂下宜限早急速直置見出来取行進持使返済承知通願消除閉終辞止伴基係紐頼無付誠御私求望](?=[\\u3040-\\u309f])',
    '(?<![\\u4e00-\\u9fff])(?:次|記|件|為|時|際|旨|等|由|形|上|中|内|側|元|他|今|念|私|御|可|不可|全)(?![\\u4e00-\\u9fff])',
    '私(?:達|共)|貴(?![\\u4e00-\\u9fff])',
  ].join('|'),
  'gi',
);

/** A workspace's name in quotes, beside its slug. */
const NAMED = /ワークスペース(?:名)?\s*[「『"“][^」』"”]{1,80}[」』"”]/g;

/** When something was done, as opposed to when data came in. */
const WHEN =
  /(?:(?:昨年|去年|一昨年|今年|先月|先週|\d{4} ?年)(?: ?の? ?\d{1,2} ?月)?(?: ?\d{1,2} ?日)?|\d{1,2} ?月(?: ?\d{1,2} ?日)?)(?:末|頃|付け?)?(?:で|に(?!受信|収集|取得|取り込|記録|蓄積|保存|登録|入)|をもって|をもちまして)|(?:管理画面|アプリ|画面|ui|コンソール)(?=から|で|上)/g;

/** Folded text in which names and dates stand as spaces. */
export function isJapaneseWhole(text: string): boolean {
  const rest = text
    .replace(NAMED, ' ')
    .replace(/https?:\/\/[\x21-\x7e]{1,500}/g, ' ')
    .replace(WHEN, ' ')
    .replace(WHICH, ' ')
    .replace(GENERIC, ' ');
  return !/[\p{Script=Han}\p{Script=Katakana}a-z0-9]/u.test(rest.replace(/[ー・]/g, ' '));
}

/** Whether anything is named that goes: "削除してください" after a reason leaves that to the reason. */
export const namesJapaneseObject = (text: string): boolean =>
  /[をはも]|の(?:完全)?(?:削除|消去|抹消)|データ|ワークスペース|アカウント/.test(text);

/** What stands right behind a workspace that is spoken of as a whole. */
export const isJapaneseTopic = (after: string): boolean =>
  /^[」』"'）)】]?\s*(?:という)?(?:ワークスペース)?\s*(?:は|が|も|を|(?:に|へ)?(?:つきまして|ついて|関し|つき)|、|です|でし|の(?:件|利用|使用|契約|解約|運用|閉鎖|削除|消去)|$)/.test(
    after,
  );

/** Behind a noun for end users: their data are what goes, and they are not who asked for it. */
export const isJapaneseUserTarget = (after: string): boolean =>
  /^(?:様|さん|さま)?(?:(?:の[^、。をはが]{0,12})?(?:データ|情報|プロフィール|プロファイル|レコード|記録|分)|\s?\d{0,4}[名人件](?:様|分|の)?|全員|を|の(?:削除|消去|抹消))/.test(
    after,
  );

/**
 * Whether a workspace is the object of the verb, alone or in a row of workspaces: `AとBを削除`. `after`: the text behind
 * its name up to the end of the clause.
 */
export function isJapaneseObject(after: string): boolean {
  const end = after.indexOf('を');
  if (end === -1 || end > 200) return false;
  const between = after
    .slice(0, end)
    .replace(/[a-z0-9-]{2,64}/g, (token) => (/^\d+$/.test(token) ? token : ' '))
    .replace(/ワークスペース|および|及び|ならびに|並びに|という|両方|両|\d ?つ|全体|自体|丸ごと|の/g, ' ');
  return /^[\s」』"'`”）)、,・と&＆「『“（(]*$/.test(between);
}

/** "これらのデータをすべて…": what a sentence before has named as a whole. */
export const meansJapaneseEarlier = (text: string): boolean =>
  /データ|情報|全て|すべて|全部|こちら|これ|一切|上記|同ワークスペース/.test(text) && isJapaneseWhole(text);

/** "この方のデータ": an end user of whom was told before. */
export const pointsAtJapaneseUser = (text: string): boolean =>
  /(?:この|その|当該|上記の?|該当の?|同|本)(?:方|人|お客様|お客さま|エンドユーザ|ユーザ|利用者|会員|顧客)(?!々)/.test(
    text,
  );

/** What is to stay is a part of a workspace, not another one: the whole is not meant then. */
export function sparesJapanesePart(text: string): boolean {
  const rest = text.replace(/ワークスペース|workspace/g, '');
  if (/プロパティ|ソース|イベント|ユーザ|スペース|設定|ログ|履歴|レポート|データ|情報/.test(rest))
    return true;
  if (rest !== text || /アカウント|(?<![\w@.-])[a-z0-9]+-[a-z0-9-]+/.test(text)) return false;
  return /[\p{Script=Han}\p{Script=Katakana}a-z]/u.test(text.replace(SPARING, ''));
}

/** Words of a sentence that only says that something stays. */
const SPARING =
  /残|保持|維持|現行|現在|使用|利用|継続|必要|対象外|対象|今後|引き続|当面|願|致|頂|下|問題|大丈夫|結構|構|触|消|削除|不要|無|絶対|決|他|方|件|今|稼働|中|業務|重要|本番|困|誤|間違|注意|くれぐれ/g;

/** Between the object and the verb. */
const ADVERBS =
  /(?:全て|すべて|全部|ぜんぶ|全件|完全に|至急|早急に|速やかに|すみやかに|すぐに|今すぐ|直ちに|ただちに|一括で|丸ごと|まるごと|一度|再度|について|につきまして|に関して|に対して|につき|、|を|の|は|も|だけ|のみ|ご|から|より|まで|以降|以前|分|\s|[」』"'）)\]】/])$/;
/** What a request may speak of, beside names and days, without meaning less than the thing that it names. */
const HEAD =
  /(?:データ|イベント|レコード|ログ|履歴|情報|ソース|スペース|期間|[年月日週期間中内等件名方様つ値行枠]|ユーザー?|利用者|顧客|会員|プロパティ|属性|プロフィール|プロファイル|対象|一式|一切|記録|下記|上記|以下|左記|内容|項目|トラフィック|アクセス|依頼|半期|昨日|先週|先月|今月|今週|昨年|今年|本日|作業|手続き?|処理|対応|実施|実行|宜し|お手数|幸い|誠に|何卒|大変|恐縮|物理|論理|永久)$/;

/** "user_1を管理者から削除": it is to leave a place that holds no data. */
function isTakenFromElsewhere(behind: string): boolean {
  const place = /([\p{Script=Han}\p{Script=Katakana}ーa-z0-9]{1,20})から/u.exec(behind)?.[1];
  return (
    place !== undefined &&
    !/(?:ワークスペース|システム|サーバー?|データベース|プロジェクト|ソース|スペース|環境|社|サービス|基盤|側|[年月日週時分])$/.test(
      place,
    )
  );
}

/**
 * Whether the object of the verb is a thing beside the one that is named: "ソース「Web」の設定を削除". `before`: the folded
 * text in front of the verb, with names as strokes.
 */
export function hasOtherJapaneseObject(before: string): boolean {
  const marked = before.lastIndexOf('を');
  if (marked !== -1 && isTakenFromElsewhere(before.slice(marked + 1))) return true;
  let text = marked === -1 ? before : before.slice(0, marked);
  for (let steps = 0; steps < 12; steps += 1) {
    const adverb = (/[（(][^（()）]{0,40}[)）]$/.exec(text) ?? ADVERBS.exec(text))?.[0];
    if (adverb === undefined || text.endsWith('/')) break;
    text = text.slice(0, -adverb.length);
  }
  const head = /[\p{Script=Han}\p{Script=Katakana}ーa-z0-9]+$/u.exec(text.slice(-30))?.[0];
  return head !== undefined && !/\d$/.test(head) && !HEAD.test(head);
}

/** `user_10～user_20`: whose identifiers are those in between? */
export const spansIdentifiers = (text: string): boolean =>
  /[a-z]{1,20}[_-]?\d{1,20}\s?(?:[~〜–—-]|から)\s?[a-z]{1,20}[_-]?\d/i.test(text);

/** "acme-web のようなもの", "user_1 と同じ会社": the name only serves to describe another thing. */
export const isJapaneseLikeness = (after: string): boolean =>
  /^[」』"'”）)]?\s*(?:のよう|みたい|に似|と似|と同|と類似|っぽ|的な|に近|の隣|の次|の前の|風の|以外)/.test(
    after,
  );

/** "いや、acme-app でした": takes back what was said before without saying what it replaces. */
export const takesBackInJapanese = (text: string): boolean =>
  /^\s*(?:いや|いえ|あ[、,っ]|すみません|すいません|失礼|ごめん|申し訳|おっと|違)/.test(text) &&
  /でした|の方です|のほうです|方で|じゃな|ではな|違/.test(text) &&
  /[a-z0-9「『]/i.test(text);

/** `ソース「Web」のユーザー u_1`: one thing is named inside of another, so that neither is all of what is meant. */
export const isInsideJapanese = (between: string): boolean =>
  /^[」』"'”）)]?\s*(?:の|内の|にある|における|上の|に属する|に含まれる)/.test(between);

/** "削除前にご一報ください": the writer wants to be asked once more. */
export const asksFirstInJapanese = (text: string): boolean =>
  /(?:削除|消去|実施|実行|作業|対応)(?:する|される)?(?:の)?前に[^。]{0,20}(?:連絡|一報|知らせ|確認|教え|相談)/.test(
    text,
  );
