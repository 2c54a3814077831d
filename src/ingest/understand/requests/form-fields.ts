import type { PropertyClause } from '../../../domain/request.ts';
import { japaneseClause } from '../japanese/names.ts';
import type { Lexicon } from '../sentences/lexicon.ts';
import type { Statement } from '../sentences/statements.ts';
import { fold } from '../sentences/words.ts';
import type { Field, Kind } from '../vocabulary/vocabulary.ts';
import { type Mention, type Name, namesFrom, urlMentions, userTokens, workspaceRefOf } from './mentions.ts';

/** What one line of a form names. Its value is taken as written, trimmed and unquoted. */
export function fieldMentions(statement: Statement, lexicon: Lexicon): readonly Mention[] {
  const { field } = statement;
  const kind = field === null ? undefined : KIND_OF[field];
  if (field === null || kind === undefined) return [];
  const value = answerIn(statement);
  if (value === null) return [mention(kind, null, statement, null)];
  if (kind === 'source' && /^https?:\/\//i.test(value.text)) return urlMentions(statement, lexicon);
  if (kind === 'workspace') return [workspaceField(value, field === 'workspaceId', statement)];
  if (kind === 'user') return usersIn(value, statement);
  if (kind === 'source' || kind === 'space' || kind === 'project') {
    return partsOf(value, lexicon).map((part) => mention(kind, part, statement, null));
  }
  return partsOf(value, lexicon).map((part) => clauseMention(kind, part, statement));
}

/** A property of a form or of prose as docs/parse.md writes it. */
export const propertyOf = (each: Mention): PropertyClause => ({
  name: each.name ?? '',
  kind: each.kind === 'userProperty' ? 'user' : 'event',
  event: each.kind === 'userProperty' ? null : each.event,
});

const KIND_OF: Partial<Record<Field, Kind>> = {
  workspace: 'workspace',
  workspaceId: 'workspace',
  source: 'source',
  space: 'space',
  user: 'user',
  event: 'event',
  property: 'eventProperty',
  eventProperty: 'eventProperty',
  userProperty: 'userProperty',
  project: 'project',
};

function mention(kind: Kind, name: Name | null, statement: Statement, event: string | null): Mention {
  return {
    kind,
    name: name?.text ?? null,
    start: name?.start ?? statement.start,
    end: name?.end ?? statement.end,
    rejected: false,
    place: false,
    ref: null,
    event,
  };
}

/** Answers that name nothing. */
const EMPTY =
  /^(?:[-–—_.?/*\s]*|n\/?a|none|unknown|tbd|todo|not sure|all|any|every|\?+|all (?:of them|sources|users|events|spaces)|see (?:above|below|subject)|keine|alle|aucun|tous|todos|todas|tutti|geen|nvt|don't know|i don't know|<.*>|\[.*\]|\.{2,})$/i;

function answerIn(statement: Statement): Name | null {
  const lead = statement.text.length - statement.text.trimStart().length;
  const whole = statement.text.trim();
  // "Web Shop. Please delete all of 2023.": a sentence behind the value is none of it.
  const sentence = /^(.{2,80}?\p{L}{3,}[)\]"'”»]?)[.!]\s+\p{Lu}\p{Ll}+\s+\S+\s/u.exec(whole)?.[1];
  const text = sentence ?? whole;
  if (EMPTY.test(text)) return null;
  return unquoted({ text, start: statement.start + lead, end: statement.start + lead + text.length });
}

/** Without the quotes or emphasis that enclose all of it. */
function unquoted(name: Name): Name {
  const [first, last] = [name.text.charAt(0), name.text.charAt(name.text.length - 1)];
  const pairs = ['""', '“”', '„“', '„”', '«»', "''", '‘’', '``', '「」', '**', '『』', '””'];
  if (name.text.length < 3 || !pairs.includes(first + last)) return name;
  const inner = name.text.slice(1, -1);
  if (inner.includes(first) || inner.includes(last)) return name;
  const lead = inner.length - inner.trimStart().length;
  const text = inner.trim();
  return { text, start: name.start + 1 + lead, end: name.start + 1 + lead + text.length };
}

/** One token, perhaps with a note in brackets behind it. A name of several words is no slug. */
function workspaceField(value: Name, isId: boolean, statement: Statement): Mention {
  const noted = /^(\S+?)[.,;]?(?:\s+\(([^()]{0,60})\))?$/.exec(value.text);
  const token = noted?.[1]?.replace(/^["'`]|["'`]$/g, '') ?? '';
  const path = /^https?:\/\/app\.[a-z0-9.-]{3,100}\/([^\s/?#]{1,64})/i.exec(token)?.[1];
  const name = path ?? token;
  const called = /\b(?:slug|id)\s*[:=]?\s*([A-Za-z0-9-]{2,64})\)?$/i.exec(value.text)?.[1];
  const chosen = noted !== null ? name : (called ?? '');
  const ref = /not|wrong|\?/i.test(noted?.[2] ?? '') ? null : workspaceRefOf(chosen, isId);
  const at = ref === null ? 0 : value.text.indexOf(chosen);
  const text = ref === null ? value.text : chosen;
  return {
    ...mention(
      'workspace',
      { text, start: value.start + at, end: value.start + at + text.length },
      statement,
      null,
    ),
    ref,
  };
}

function usersIn(value: Name, statement: Statement): readonly Mention[] {
  const found = userTokens(value.text, value.start);
  return found.length === 0
    ? [mention('user', null, statement, null)]
    : found.map((name) => mention('user', name, statement, null));
}

/** The parts of a list in one value: `A, B and C`. A value without list signs is one part, whatever its words. */
function partsOf(value: Name, lexicon: Lexicon): readonly Name[] {
  const parts: Name[] = [];
  for (const match of value.text.matchAll(/[^,;、]+/g)) {
    const raw = match[0];
    const text = raw
      .trim()
      .replace(/^(?:and|und|et|y|e|en) /i, '')
      .replace(/\.$/, '');
    const last = parts.at(-1);
    if (last !== undefined && /^(?:only )?(?:on|of|for|from|in|with) (?:the |all )?events?\b/i.test(text)) {
      // "device_ip, of the event Ride Started only"
      const note = text.replace(/ only$/i, '');
      parts[parts.length - 1] = { ...last, text: `${last.text} ${note.replace(/^only /i, '')}` };
      continue;
    }
    if (text === '' || EMPTY.test(text)) continue;
    const start = value.start + match.index + raw.indexOf(text);
    parts.push(...conjoined({ text, start, end: start + text.length }, lexicon).map(unquoted));
  }
  return parts;
}

/** "A and B" are two names when both are quoted or capitalised; otherwise it is one name. */
function conjoined(name: Name, lexicon: Lexicon): readonly Name[] {
  if (!/\s(?:and|und|et|y|e|en|&)\s/i.test(name.text) || /\(/.test(name.text)) return [name];
  if (!/["“„«'`]/.test(name.text.charAt(0)) && !/\s(?:and|und|et|y|en)\s/.test(name.text)) return [name];
  const names = namesFrom('event', name.text, 0, { lexicon });
  const last = names.at(-1);
  if (names.length < 2 || last === undefined || last.end < name.text.length - 1) return [name];
  return names.map((each) => ({
    text: each.text,
    start: name.start + each.start,
    end: name.start + each.end,
  }));
}

/** `card_last4 (on the event Payment Submitted)`, `email on Signup`. */
function clauseMention(kind: Kind, part: Name, statement: Statement): Mention {
  const japanese = kind === 'event' ? null : japaneseClause(part.text);
  if (japanese !== null) {
    const name = { text: japanese.name, start: part.start, end: part.start + japanese.name.length };
    return mention(kind, name, statement, kind === 'eventProperty' ? japanese.event : null);
  }
  const note =
    /^(.{1,80}?)\s*(?:[([]\s*|,\s*)?(?:(?:only|nur|alleen|seulement|uniquement|sólo|solo|só|apenas|somente|soltanto)\s+)?(?:on|of|for|from|in|bij het|beim|pour|para|voor|nel|nell|dans|im|no|na|bij|bei|sur|en|em|do|no|su|van)\s+(.{1,80}?)\s*[)\]]?$/i.exec(
      part.text,
    );
  if (kind === 'event' || note === null) return mention(kind, part, statement, null);
  const name = (note[1] ?? '').trim();
  return mention(
    kind,
    { text: name, start: part.start, end: part.start + name.length },
    statement,
    eventNamed(note[2] ?? ''),
  );
}

/** The event that a property is limited to; `null` for "all events". */
function eventNamed(text: string): string | null {
  if (/^(?:all|every|any|each|alle|allen|jedem|tous|toutes|todos|tutti)\b/i.test(fold(text.trim())))
    return null;
  const name = text
    .trim()
    .replace(/^(?:the |das |le |l'|el |o )?(?:event|events|ereignis|événement|evento)\s+/i, '')
    .replace(/^["“„«'`]|["”“»'`)]$/g, '')
    .replace(/[.,;:]$/, '')
    .trim();
  return name === '' ? null : name;
}
