import { foldAscii } from '../domain/directory.ts';
import type { AuthResult } from '../domain/evidence.ts';
import type { HeaderField } from '../domain/raw-header.ts';

/** One `method=result` of an Authentication-Results field, with its properties in lower case. */
export interface MethodResult {
  readonly method: string;
  readonly result: string;
  /** Like `header.d` or `smtp.mailfrom`. */
  readonly properties: ReadonlyMap<string, string>;
}

/**
 * What our own mail server found, from the topmost Authentication-Results with its authserv-id. Only one above its own
 * Received counts: any below was in the mail when it came (RFC 8601 section 7.1).
 * @param receivedAt - position of our server's Received among the fields
 * @returns `null` when there is none that counts
 */
export function pinnedResults(
  fields: readonly HeaderField[],
  authservId: string,
  receivedAt: number,
): readonly MethodResult[] | null {
  for (const field of fields.slice(0, receivedAt)) {
    if (field.name !== 'authentication-results') continue;
    const [head = '', ...parts] = sections(field.value);
    // The id may be followed by a version; there is no other than 1 (RFC 8601 section 2.2).
    const [id = '', version = '1'] = head.trim().split(/\s+/);
    if (foldAscii(id) !== foldAscii(authservId)) continue;
    if (version !== '1') return null;
    return parts.flatMap((part) => methodOf(part) ?? []);
  }
  return null;
}

/** The result words of all methods, brought to ours: `softfail` and `policy` failed, `neutral` says nothing. */
export function resultOf(word: string): AuthResult {
  switch (word) {
    case 'pass':
    case 'temperror':
    case 'permerror':
      return word;
    case 'fail':
    case 'softfail':
    case 'hardfail':
    case 'policy':
      return 'fail';
    default:
      return 'none';
  }
}

/** Splits at semicolons outside comments and quotes; comments are dropped, for anybody's text may stand in them. */
function sections(value: string): readonly string[] {
  const parts: string[] = [];
  let text = '';
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at);
    if (character === '\\' && (quoted || depth > 0)) at++;
    else if (quoted) {
      if (character === '"') quoted = false;
      // A quoted value with a space or an equals sign in it is none of those that we read.
      else text += /[\s=;()]/.test(character) ? '_' : character;
    } else if (character === '(') depth++;
    else if (character === ')' && depth > 0) depth--;
    else if (depth > 0) continue;
    else if (character === '"') quoted = true;
    else if (character === ';') {
      parts.push(text);
      text = '';
    } else text += character;
  }
  parts.push(text);
  return parts;
}

function methodOf(part: string): MethodResult | null {
  const [first, ...rest] = part
    .replace(/\s*=\s*/g, '=')
    .trim()
    .toLowerCase()
    .split(/\s+/);
  const match = /^([a-z][a-z0-9-]*)(?:\/\d+)?=([a-z]+)$/.exec(first ?? '');
  if (match?.[1] === undefined || match[2] === undefined) return null;
  const properties = new Map<string, string>();
  for (const word of rest) {
    const at = word.indexOf('=');
    if (at > 0 && !properties.has(word.slice(0, at))) properties.set(word.slice(0, at), word.slice(at + 1));
  }
  return { method: match[1], result: match[2], properties };
}
