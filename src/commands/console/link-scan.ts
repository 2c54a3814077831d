/** Looks for links of ours in the bytes of a mail or of what is attached, through the encodings that mails know. */
import { linkTokensIn } from '../../domain/secret-words.ts';

/** A bounce holds a mail that holds parts. */
const DEPTH_MAX = 4;

/** Without repeats. A link in a packed or encrypted part is not found. */
export function linksInBytes(bytes: Uint8Array): readonly string[] {
  const found = new Set<string>();
  look(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'), 0, found);
  return [...found];
}

function look(raw: string, depth: number, found: Set<string>): void {
  // UTF-16 is the same letters with zeros between them.
  const text = raw.replaceAll('\0', '');
  for (const token of linkTokensIn(text)) found.add(token);
  const unquoted = text
    .replace(/=[ \t]*\r?\n/g, '')
    .replace(/=([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  if (unquoted !== text) for (const token of linkTokensIn(unquoted)) found.add(token);
  if (depth === DEPTH_MAX) return;
  for (const [block] of text.matchAll(BASE64)) {
    look(Buffer.from(block, 'base64').toString('latin1'), depth + 1, found);
  }
}

const BASE64 = /[A-Za-z0-9+/]{40,}(?:\r?\n[A-Za-z0-9+/]+)*={0,2}/g;
