import { domainToASCII } from 'node:url';
import type { HeaderField } from '../domain/raw-header.ts';
import type { Resolve } from './resolver.ts';
import { tagsOf } from './signature-rules.ts';

/** What DNS said about each key record, by its name in lower case. Plain data: it crosses threads. */
export type KeyAnswers = ReadonlyMap<string, KeyAnswer>;

type KeyAnswer = { readonly records: readonly (readonly string[])[] } | { readonly code: string };

/** Names of the key records that the signatures of a mail ask for. */
export function keyNames(fields: readonly HeaderField[]): readonly string[] {
  const names = fields.flatMap(({ name, value }) => {
    if (name !== 'dkim-signature') return [];
    const tags = tagsOf(value);
    const [selector, domain] = [tags.get('s'), tags.get('d')];
    return selector && domain ? [keyName(`${selector}._domainkey.${domain}`)] : [];
  });
  return [...new Set(names)];
}

/** In the form in which it is asked for (RFC 8616 section 3): fields hold bytes, and a name may be UTF-8. */
export function keyName(name: string): string {
  const text = Buffer.from(name, 'latin1').toString('utf8');
  const labels = text.split('.').map((label) => (/[^\0-\x7f]/.test(label) ? domainToASCII(label) : label));
  return labels.join('.').toLowerCase();
}

/**
 * Asks for all keys at once. Asked for one after the other, slow servers named by a forger's own signatures could use up
 * the time for the one look-up that shows the forgery.
 */
export async function lookUpKeys(names: readonly string[], resolve: Resolve): Promise<KeyAnswers> {
  const answers = names.map(async (name): Promise<readonly [string, KeyAnswer]> => {
    try {
      const records: readonly (string | string[])[] = await resolve(name, 'TXT');
      return [name, { records: records.map((record) => [record].flat()) }];
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'EUNKNOWN';
      // A selector that is no name at all has no key; it must not pass for trouble with the domain's servers.
      return [name, { code: code === 'EBADNAME' || code === 'EBADQUERY' ? 'ENOTFOUND' : code }];
    }
  });
  return new Map(await Promise.all(answers));
}

/** Answers from what was looked up before, and nothing else: a name that was not asked for has no key. */
export const answeredBy =
  (keys: KeyAnswers): Resolve =>
  async (name) => {
    const answer = keys.get(name.toLowerCase()) ?? { code: 'ENOTFOUND' };
    if ('records' in answer) return answer.records.map((record) => [...record]);
    throw Object.assign(new Error('the key could not be looked up'), { code: answer.code });
  };
