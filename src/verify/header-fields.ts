/** One field of a mail's header, in the order of the mail. */
export interface HeaderField {
  /** Lower case. */
  readonly name: string;
  /** Unfolded, each byte one character. */
  readonly value: string;
}

/** A longer header is nobody's honest mail, and costs seconds to unfold. */
const MAX_HEADER_BYTES = 256 * 1024;
const MAX_HEADER_LINES = 2_000;

/**
 * The header fields of a raw mail, `null` when the header is longer than we read. A line that does not open a field
 * belongs to the one above it: reading more into a field can only make a signature fail, never pass.
 */
export function headerFields(raw: Buffer): readonly HeaderField[] | null {
  const head = raw.subarray(0, MAX_HEADER_BYTES + 1).toString('latin1');
  const end = /^\r?\n|\r?\n\r?\n/.exec(head);
  if (end === null && raw.length > MAX_HEADER_BYTES) return null;
  const lines = head.slice(0, end?.index ?? head.length).split(/\r?\n/);
  if (lines.length > MAX_HEADER_LINES) return null;
  const fields: { name: string; lines: string[] }[] = [];
  lines.forEach((line, index) => {
    const opening =
      FIELD.exec(line) ?? (NAME_ALONE.test(line) ? FIELD.exec(line + (lines[index + 1] ?? '')) : null);
    const last = fields.at(-1);
    if (opening?.[1] !== undefined) {
      fields.push({ name: opening[1].toLowerCase(), lines: [line.slice(opening[0].length)] });
    } else if (last !== undefined) last.lines.push(line);
  });
  return fields.map(({ name, lines: parts }) => ({
    name,
    value: parts.join(' ').replace(/\s+/g, ' ').trim(),
  }));
}

/** White space before the colon is obsolete syntax that every reader still accepts (RFC 5322 section 4.5.8). */
const FIELD = /^([!-9;-~]+)[ \t]*:/;
/** The name may even be folded away from its colon. */
const NAME_ALONE = /^[!-9;-~]+[ \t]*$/;

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
