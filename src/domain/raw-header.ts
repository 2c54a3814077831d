/** The header section of a raw mail, read once and for all who need it: tolerantly, so that no reader sees more than we do. */

/** One field of a mail's header, in the order of the mail. */
export interface HeaderField {
  /** Lower case. */
  readonly name: string;
  /** Unfolded, each byte one character. */
  readonly value: string;
}

/** Caps on the raw mail, checked before any parser sees it. */
export const MESSAGE_BYTES_MAX = 25 * 1024 * 1024;
/** A longer header is nobody's honest mail, and costs seconds to unfold. */
export const HEADER_BYTES_MAX = 256 * 1024;
export const HEADER_LINES_MAX = 2_000;

export type HeaderSection =
  | { readonly kind: 'read'; readonly fields: readonly HeaderField[]; readonly bytes: number }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'too_many_lines' };

/**
 * The header section of a raw mail, up to the first empty line (RFC 5322 section 2.1). A line that does not open a field
 * belongs to the one above it: reading more into a field can only make a signature fail, never pass. White space around
 * a name counts for nothing, and the name may be folded away from its colon (RFC 5322 section 4.5.8): lenient readers
 * take `From\r\n : a@example.org` for an author, so it must be counted as one.
 */
export function headerSection(raw: Buffer): HeaderSection {
  const head = raw.toString('latin1', 0, HEADER_BYTES_MAX + 4);
  const gap = /^\r?\n|\r?\n\r?\n/.exec(head);
  const bytes = gap?.index ?? raw.length;
  if (bytes > HEADER_BYTES_MAX) return { kind: 'too_large' };
  const lines = head.slice(0, bytes).split(/\r?\n/);
  if (lines.length > HEADER_LINES_MAX) return { kind: 'too_many_lines' };
  return { kind: 'read', fields: fieldsOf(lines), bytes };
}

/** The fields alone; `null` when the header is longer than we read. */
export function headerFields(raw: Buffer): readonly HeaderField[] | null {
  const section = headerSection(raw);
  return section.kind === 'read' ? section.fields : null;
}

function fieldsOf(lines: readonly string[]): readonly HeaderField[] {
  const open: { readonly name: string; readonly lines: string[] }[] = [];
  lines.forEach((line, index) => {
    const last = open.at(-1);
    const name = last !== undefined && FOLDED.test(line) ? null : nameOf(line, lines, index + 1);
    if (name !== null) open.push({ name, lines: [line] });
    else last?.lines.push(line); // words before the first field, such as an mbox line, are no field
  });
  return open.map(({ name, lines: parts }) => {
    const text = parts.join(' ');
    return {
      name,
      value: text
        .slice(text.indexOf(':') + 1)
        .replace(/\s+/g, ' ')
        .trim(),
    };
  });
}

const FOLDED = /^[ \t]/;

/** The name of the field that a line opens, `null` = it opens none. */
function nameOf(line: string, lines: readonly string[], next: number): string | null {
  const colon = line.indexOf(':');
  if (colon === -1 && !colonFollows(lines, next)) return null;
  const name = trimmed(colon === -1 ? line : line.slice(0, colon));
  return /^[!-9;-~]+$/.test(name) ? name.toLowerCase() : null;
}

/** Without what some reader trims: white space, control characters, the no-break space. A pattern would be quadratic. */
function trimmed(text: string): string {
  const isBlank = (at: number): boolean => {
    const code = text.charCodeAt(at);
    return code <= 0x20 || (code >= 0x7f && code <= 0xa0);
  };
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return text.slice(start, end);
}

function colonFollows(lines: readonly string[], from: number): boolean {
  for (let at = from; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (/^[ \t]*:/.test(line)) return true;
    if (!/^[ \t]+$/.test(line)) return false;
  }
  return false;
}

/** Fields of which a second one makes readers disagree (RFC 5322 section 3.6, RFC 2045): any `Content-*` is one too. */
const SINGLETONS: ReadonlySet<string> = new Set([
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
]);

/** The name of a field that must not come twice and does, `null` = there is none. */
export function repeatedSingleton(fields: readonly HeaderField[]): string | null {
  const seen = new Set<string>();
  for (const { name } of fields) {
    if (!SINGLETONS.has(name) && !name.startsWith('content-')) continue;
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return null;
}

/**
 * Whether lines end in more than one way: a bare CR or LF that one server takes for a line end and another does not
 * lets a second mail hide in the first (SMTP smuggling, CVE-2023-51764). A file with LF throughout is consistent.
 */
export function hasMixedLineEnds(raw: Buffer): boolean {
  let bareLf = false;
  let crlf = false;
  for (let at = raw.indexOf(10); at !== -1; at = raw.indexOf(10, at + 1)) {
    if (at > 0 && raw[at - 1] === 13) crlf = true;
    else bareLf = true;
    if (bareLf && crlf) return true;
  }
  for (let at = raw.indexOf(13); at !== -1; at = raw.indexOf(13, at + 1)) if (raw[at + 1] !== 10) return true;
  return false;
}
