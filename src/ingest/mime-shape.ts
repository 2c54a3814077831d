/** How a mail is put together (RFC 2046), read from its bytes: a parser spends seconds on a deep nest and has no cap for it. */

/** The caps on parts, of the whole mail, and on multiparts and messages within each other. */
export const PARTS_MAX = 1_000;
export const DEPTH_MAX = 32;

/** Why a mail has a shape that is read by no parser here; `null` = its shape is fine. Time grows with the mail's length. */
export function misshapen(raw: Buffer): string | null {
  const text = raw.toString('latin1');
  const boundaries: string[] = [];
  let parts = 0;
  let at = openPart(text, 0, boundaries);
  for (;;) {
    if (boundaries.length > DEPTH_MAX) return `the parts are nested more than ${DEPTH_MAX} deep`;
    const line = text.startsWith('--', at) ? at : nextDelimiter(text, at);
    if (line === -1) return null;
    const end = lineEnd(text, line);
    at = end;
    const found = text.slice(line + 2, Math.min(end, line + 2 + DELIMITER_MAX)).trimEnd();
    const closes = found.endsWith('--') ? boundaries.lastIndexOf(found.slice(0, -2)) : -1;
    if (closes !== -1) boundaries.length = closes;
    const opens = closes === -1 ? boundaries.lastIndexOf(found) : -1;
    if (opens === -1) continue;
    boundaries.length = opens + 1;
    parts += 1;
    if (parts > PARTS_MAX) return `the mail has more than ${PARTS_MAX} parts`;
    at = openPart(text, end, boundaries);
  }
}

/** RFC 2046 section 5.1.1 allows 70 characters; what is longer is somebody's all the same. */
const DELIMITER_MAX = 1_000;
const PART_HEADER_MAX = 64 * 1024;

const nextDelimiter = (text: string, from: number): number => {
  const found = text.indexOf('\n--', Math.max(0, from - 1));
  return found === -1 ? -1 : found + 1;
};

const lineEnd = (text: string, from: number): number => {
  const found = text.indexOf('\n', from);
  return found === -1 ? text.length : found + 1;
};

/**
 * Notes the boundary of the part whose header begins here, and of the message that it may consist of.
 * @returns where its body begins
 */
function openPart(text: string, from: number, boundaries: string[]): number {
  let at = from;
  for (let messages = 0; messages <= DEPTH_MAX; messages += 1) {
    const end = headerEnd(text, at);
    const header = text.slice(at, Math.min(end, at + PART_HEADER_MAX)).replace(/\r?\n[ \t]+/g, ' ');
    at = end;
    const [, type = ''] = /^content-type[ \t]*:[ \t]*([^\s;]*)/im.exec(header) ?? [];
    if (/^multipart\//i.test(type)) {
      const [, quoted, bare = ''] = BOUNDARY.exec(header) ?? [];
      boundaries.push((quoted ?? bare).trimEnd());
    }
    if (!/^message\/(?:rfc822|global)$/i.test(type)) return at;
    boundaries.push(''); // a level of its own, which no delimiter leads back to
  }
  return at;
}

/** One parameter, or the first piece of one that is continued (RFC 2231). */
const BOUNDARY =
  /^content-type[ \t]*:[^\n]*?\bboundary(?:\*\d*\*?)?[ \t]*=[ \t]*(?:"([^"\n]*)"|([^\s;"]+))/im;

/** Behind the empty line that ends a header. */
function headerEnd(text: string, from: number): number {
  for (let at = from; at < text.length; ) {
    const end = lineEnd(text, at);
    if (end - at <= 2 && text.slice(at, end).trim() === '') return end;
    at = end;
  }
  return text.length;
}
