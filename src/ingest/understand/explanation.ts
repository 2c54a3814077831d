import type { EvidenceSpan, Understanding } from '../../domain/request.ts';
import { notTaken } from './not-taken.ts';
import { type LeftOut, leftOutOf } from './own-text/left-out.ts';
import type { OwnText } from './own-text/own-text.ts';
import type { Why } from './requests/notes.ts';
import type { Lexicon } from './sentences/lexicon.ts';
import { hitsOf } from './sentences/phrases.ts';
import type { Role } from './sentences/roles.ts';
import type { Statement } from './sentences/statements.ts';
import type { Reading, WordsReading } from './understand.ts';
import { ACTS, type Act, type Field, type Kind } from './vocabulary/vocabulary.ts';

/**
 * Words of the mail and where they stand: in the own text, or in the subject where that is read too. Offsets in UTF-16
 * code units, end exclusive; line ends within `text` are spaces.
 */
export interface Words {
  readonly where: 'text' | 'subject';
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Words that a rule looked for. `deletion`: a word for deleting; `everything`: all that the writer administers. */
export interface Signal extends Words {
  readonly name: Act | 'deletion' | 'everything';
}

/** A clause, an item of a list or a line of a form, with what it does and why. */
export interface ExplainedStatement extends Words {
  readonly role: Role;
  /** What the name of a form's line stands for. */
  readonly field: Field | null;
  readonly signals: readonly Signal[];
}

/** What the mail says and the understanding does not hold. `kind`: what a name is one of, else `null`. */
export interface NotTaken extends Words {
  readonly why: Why;
  readonly kind: Kind | null;
}

/** How a mail was understood, for a person who looks at it. It repeats the mail, so it is as personal as the mail is. */
export interface Explanation {
  readonly understanding: Understanding;
  readonly language: string;
  /** The rule that decided the intent, in words. */
  readonly rule: string;
  readonly subject: string;
  readonly ownText: Omit<OwnText, 'source'>;
  /** The body that was read, into which the lines of `ownText` and `leftOut` point. */
  readonly source: string;
  readonly leftOut: readonly LeftOut[];
  /** The mail's text and its HTML ask for different things. */
  readonly disagrees: boolean;
  readonly fields: readonly (Words & { readonly field: string })[];
  readonly statements: readonly ExplainedStatement[];
  readonly notTaken: readonly NotTaken[];
}

/** Takes apart what `explain` read. Reads nothing anew but where quotes and signatures stand. */
export function explanationOf(reading: Reading): Explanation {
  const { mail, understanding, ownText, language, words, disagrees } = reading;
  const { source, ...own } = ownText;
  const base = {
    understanding,
    language,
    subject: mail.subject,
    ownText: own,
    source,
    leftOut: leftOutOf(ownText, mail),
    disagrees,
  };
  if (words === null) {
    const rule = understanding.autoReply ? 'an automatic mail' : 'only passes a mail on';
    return { ...base, rule, fields: [], statements: [], notTaken: [] };
  }
  const place = placer(words, mail.subject);
  const evidence = evidenceOf(reading, words);
  return {
    ...base,
    rule: disagrees ? 'text and HTML ask for different things' : words.intent.why,
    fields: evidence.map(({ field, start, end }) => ({ field, ...place(start, end) })),
    statements: words.statements.map((each) => explained(each, words.settings.lexicon, place)),
    notTaken: notTaken(reading, words, evidence).map(({ why, kind, start, end }) => ({
      why,
      kind,
      ...place(start, end),
    })),
  };
}

/** All evidence, that in the subject too. When text and HTML differ, only what the understanding kept of it. */
function evidenceOf(
  { understanding, disagrees }: Reading,
  { taken, intent: { code }, lead }: WordsReading,
): readonly EvidenceSpan[] {
  const coded = code !== null && code.end - code.start === 6 ? [{ field: 'code', ...code }] : [];
  const all = [...taken.evidence, ...coded];
  if (!disagrees) return all;
  return all.filter((each) =>
    understanding.evidence.some(
      ({ field, text, start }) => field === each.field && text === each.text && start + lead === each.start,
    ),
  );
}

type Placer = (start: number, end: number) => Words;

/** Turns places in the text that was read into places in the own text or the subject. */
function placer({ text, lead }: WordsReading, subject: string): Placer {
  const bare = text.slice(0, Math.max(0, lead - 2));
  const shift = lead === 0 ? 0 : Math.max(0, subject.indexOf(bare));
  return (from, to) => {
    if (from >= lead)
      return {
        where: 'text',
        start: from - lead,
        end: Math.max(from, to) - lead,
        text: flat(text.slice(from, to)),
      };
    const end = Math.max(from, Math.min(to, bare.length));
    return { where: 'subject', start: shift + from, end: shift + end, text: flat(text.slice(from, end)) };
  };
}

const flat = (text: string): string => text.replaceAll('\n', ' ');

function explained(each: Statement, lexicon: Lexicon, place: Placer): ExplainedStatement {
  return {
    role: each.role,
    field: each.field,
    ...place(each.start, each.end),
    signals: signalsIn(each, lexicon, place),
  };
}

function signalsIn(each: Statement, lexicon: Lexicon, place: Placer): readonly Signal[] {
  const hits = [
    ...ACTS.flatMap((name) => hitsOf(each, lexicon.acts[name]).map((hit) => ({ name, ...hit }))),
    ...hitsOf(each, lexicon.everything).map((hit) => ({ name: 'everything' as const, ...hit })),
    ...each.words.flatMap(({ text }, index) =>
      lexicon.deleteWords.has(text) ? [{ name: 'deletion' as const, from: index, to: index + 1 }] : [],
    ),
  ];
  return hits
    .sort((a, b) => a.from - b.from || b.to - a.to)
    .flatMap(({ name, from, to }) => {
      const [first, last] = [each.words[from], each.words[to - 1]];
      return first === undefined || last === undefined ? [] : [{ name, ...place(first.start, last.end) }];
    });
}
