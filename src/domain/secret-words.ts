/**
 * The codes and links of our own mails in somebody's text: a quote, a bounce. Whoever reads one could answer for its
 * reader. What is hidden keeps its length, so that places in the text stay right.
 */

/** What a line end within a link looks like: trailing spaces, a soft break, the marks of a quote. */
const BREAK = String.raw`[ \t]{0,3}=?\r?\n[ \t>|]{0,8}`;
const NO_WIDTH = String.raw`[\u00ad\u200b-\u200f\u2060\ufeff]`;
const GAP = `(?:${BREAK}|${NO_WIDTH}){0,2}`;
/** As it is, or as services that rewrite links write it. */
const SLASH = String.raw`(?:\/|%(?:25)*2f|=2f|-2f|&#x2f;|&#47;|&sol;|_)`;
const SIGN = String.raw`(?:[A-Za-z0-9_\-]|%(?:25)*[2-7][\da-f])`;
/** Eight signs less are 48 bits less: nobody guesses the rest. */
const LINK = new RegExp(`${SLASH}${GAP}[cs]${GAP}${SLASH}${GAP}((?:${SIGN}${GAP}){23,31}${SIGN})`, 'gi');
const TOKEN = /(?=[-_]*[A-Za-z0-9])[\w-]{32,}/g;

const SEPARATOR = String.raw`[ \t\u00a0\u2009\u202f.\-\u2010-\u2013_*]{1,2}`;
const DIGIT = String.raw`\p{Nd}`;
const CODE = new RegExp(
  `(?<!${DIGIT}|PD-)(?:${[
    `${DIGIT}(?:${NO_WIDTH}{0,2}${DIGIT}){5}`,
    `${DIGIT}{3}(?:${SEPARATOR}|${BREAK})${DIGIT}{3}`,
    `${DIGIT}{2}(?:${SEPARATOR}${DIGIT}{2}){2}`,
    `${DIGIT}(?:${SEPARATOR}${DIGIT}){5}`,
  ].join('|')})(?!${DIGIT})`,
  'giu',
);

const dots = (text: string): string => text.replace(/[^\r\n]/g, '•');

/** Hides every link to a page of ours that is for one reader alone, whatever host it names. */
export const hideLinks = (text: string): string => text.replace(LINK, dots);

/** Hides everything that may be a code: six digits, also in groups. Numbers of tickets stay. */
export const hideCodes = (text: string): string => text.replace(CODE, dots);

/** Hides links, whatever may be the token of one, and whatever may be a code. */
export const hideSecrets = (text: string): string => hideCodes(hideLinks(text).replace(TOKEN, dots));

export const mayHoldCode = (text: string): boolean => text.search(CODE) !== -1;

/** The tokens of links of ours, as they were before a mail program broke or encoded them. */
export function linkTokensIn(text: string): readonly string[] {
  return [...text.matchAll(LINK)].map(([, token = '']) =>
    token
      .replace(new RegExp(`${BREAK}|${NO_WIDTH}`, 'g'), '')
      .replace(/%(?:25)*([2-7][\da-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .slice(0, 32),
  );
}
