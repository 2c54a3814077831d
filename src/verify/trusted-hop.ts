import { isIP } from 'node:net';
import { foldAscii, isPlainAddress } from '../domain/directory.ts';
import type { HeaderField } from '../domain/raw-header.ts';

/** What our own mail server wrote down when the mail came in. */
export interface TrustedHop {
  /** Address of the peer that connected; `null` = not told, or not told apart from what the peer said itself. */
  readonly ip: string | null;
  readonly helo: string;
  /** MAIL FROM; `null` = the null path, or not recorded by our server. */
  readonly mailFrom: string | null;
  /** Position of its Received among all fields: only what stands above it was not in the mail when it came. */
  readonly index: number;
}

/**
 * The hop that our own server recorded: the topmost Received, whose `by` must be one of the configured names. A hand-over by
 * LMTP of that same server may stand above it. Everything below comes from outside and proves nothing.
 */
export function trustedHop(fields: readonly HeaderField[], trustedBy: readonly string[]): TrustedHop | null {
  const received = fields
    .map((field, index) => ({ index, field }))
    .filter(({ field }) => field.name === 'received')
    .slice(0, 2)
    .map(({ index, field }) => ({ index, clauses: readReceived(field.value) }));
  const isOurs = (hop: (typeof received)[number] | undefined) =>
    hop?.clauses != null && trustedBy.some((name) => foldAscii(name) === foldAscii(hop.clauses?.by ?? ''));
  const [top, next] = received;
  const handedOver = isOurs(top) && /^LMTPS?A?$/i.test(top?.clauses?.protocol ?? '');
  const hop = handedOver ? next : top;
  if (!isOurs(hop) || hop?.clauses == null) return null;
  const { ip, helo } = hop.clauses;
  return { ip, helo, mailFrom: mailFromAbove(fields, hop.index), index: hop.index };
}

interface Received {
  readonly helo: string;
  readonly ip: string | null;
  readonly by: string;
  readonly protocol: string;
}

/**
 * Reads `from HELO (name [ip]) (…) by HOST … with PROTOCOL …`. The client chose the HELO name, and may have put words
 * and brackets into it: two `by` or two bracketed addresses mean that it cannot be told which is the server's.
 */
function readReceived(value: string): Received | null {
  const words = tokens(value.slice(0, 4_000));
  if (words === null || words[0]?.text.toLowerCase() !== 'from') return null;
  const isWord = (name: string) => (word: Token) => word.kind === 'word' && word.text.toLowerCase() === name;
  const by = words.findIndex(isWord('by'));
  if (by < 0 || words.filter(isWord('by')).length > 1) return null;
  const peers = words
    .slice(1, by)
    .filter(({ kind }) => kind === 'comment')
    .flatMap(({ text }) =>
      [...text.matchAll(/\[(?:IPv6:)?([0-9A-Fa-f:.]{2,45})\]/gi)].map((match) => match[1]),
    );
  const [ip] = peers;
  const withAt = words.findIndex(isWord('with'));
  return {
    helo: words[1]?.kind === 'word' ? words[1].text : '',
    ip: peers.length === 1 && ip !== undefined && isIP(ip) !== 0 ? ip : null,
    by: words[by + 1]?.text ?? '',
    protocol: withAt > by ? (words[withAt + 1]?.text ?? '') : '',
  };
}

interface Token {
  readonly kind: 'word' | 'comment';
  readonly text: string;
}

/** Words and whole comments up to the date; `null` when a parenthesis is not closed. */
function tokens(value: string): readonly Token[] | null {
  const found: Token[] = [];
  let depth = 0;
  let text = '';
  const flush = (kind: Token['kind']) => {
    if (text !== '') found.push({ kind, text });
    text = '';
  };
  for (const character of value) {
    if (depth === 0 && (character === ';' || character === ' ')) {
      flush('word');
      if (character === ';') return found;
    } else if (character === '(') {
      if (depth++ === 0) flush('word');
      else text += character;
    } else if (character === ')' && depth > 0) {
      if (--depth === 0) flush('comment');
      else text += character;
    } else text += character;
  }
  flush('word');
  return depth === 0 ? found : null;
}

/** The topmost Return-Path, if our server put it above its Received: one below was in the mail already. */
function mailFromAbove(fields: readonly HeaderField[], hopIndex: number): string | null {
  const index = fields.findIndex(({ name }) => name === 'return-path');
  if (index < 0 || index > hopIndex) return null;
  const address = /^<?([^<>\s]*)>?$/.exec(fields[index]?.value ?? '')?.[1] ?? '';
  return isPlainAddress(address) ? address : null;
}
