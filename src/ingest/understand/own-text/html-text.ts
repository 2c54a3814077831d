import { Parser } from 'htmlparser2';
import { addStyleSheet, type Look, lookOf, PAGE, type StyleSheet, showsText } from './html-visibility.ts';

/**
 * The visible text of an HTML mail. Quotes become `> ` lines, so that one reader of quoted text serves both kinds of
 * mail; rows of two cells become `Field: value` lines; marked signatures follow a `-- ` line; what a reader cannot see
 * is left out.
 */
export const htmlToText = (html: string): string => readHtml(html).text;

export interface HtmlReading {
  readonly text: string;
  /** The mail nests deeper than any program shows, or is longer than we read: its end is missing. */
  readonly cut: boolean;
  /** `Field: value` lines were made from a table. */
  readonly hasFields: boolean;
}

/** @param plainTables - cells in their order, one a line, as most programs write them into the text part */
export function readHtml(html: string, plainTables = false): HtmlReading {
  const writer = new TextWriter(plainTables);
  const parser = new Parser(
    {
      onopentag: (name, attributes) => writer.open(name, attributes),
      onclosetag: (name) => writer.close(name),
      ontext: (text) => writer.text(text),
    },
    { decodeEntities: true },
  );
  // The parser looks its open elements up one by one: it must not see more of them than browsers do.
  const end = Math.min(html.length, HTML_CHARS_MAX);
  for (let at = 0; at < end && !writer.isTooDeep; at += CHUNK_CHARS) {
    parser.write(html.slice(at, Math.min(end, at + CHUNK_CHARS)));
  }
  const cut = writer.isTooDeep || html.length > HTML_CHARS_MAX;
  if (!writer.isTooDeep) parser.end();
  return { text: writer.finish(), cut, hasFields: writer.hasFields };
}

/** No request is longer; what follows is history or styling. UTF-16 code units. */
const HTML_CHARS_MAX = 2_000_000;
const CHUNK_CHARS = 16_384;
/** Browsers flatten what is nested deeper. */
const DEPTH_MAX = 512;
const TABLES_MAX = 12;
const ROWS_MAX = 500;

interface Element {
  readonly name: string;
  readonly look: Look;
  readonly shows: boolean;
  readonly quote: boolean;
  /** A cell or table that is collected, not only passed through. */
  readonly collects: boolean;
}

interface Table {
  readonly rows: string[][];
  /** What was written before the current cell began. */
  readonly outer: Written[];
}

interface Written {
  text: string;
  atLineStart: boolean;
  afterSpace: boolean;
}

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));
const VOID = words('br img hr meta link input area base col wbr source embed param track');
const UNSEEN = words('script head title template noscript object svg select textarea datalist audio video');
const BLOCK = words(
  'p div section article header footer main h1 h2 h3 h4 h5 h6 ul ol li pre table tr blockquote address dl dt dd form fieldset center',
);
const SPACED = words('p h1 h2 h3 h4 ul ol blockquote');
/** A program's own mark around the line that introduces a quote. */
const INTRODUCTION = /(?:^|\s)(?:gmail_attr|moz-cite-prefix|yahoo_quoted)(?:\s|$)/;
const SIGNATURE =
  /(?:^|\s)(?:gmail_signature|moz-signature|protonmail_signature_block(?:-user)?|ms-outlook-mobile-signature)(?:\s|$)/;
/** What Outlook puts before a quoted or forwarded mail, in whatever language its header lines are. */
const OUTLOOK_QUOTES = words(
  'divrplyfwdmsg mail-editor-reference-message-container ms-outlook-mobile-reference-message',
);
const OUTLOOK_RULE = /border-top:\s*solid #(?:e1e1e1|b5c4df) 1\.0pt;\s*padding:\s*3\.0pt/i;

/** Collects text while the tags go by. State: the open elements, the open tables, and the text of the current cell. */
class TextWriter {
  hasFields = false;
  isTooDeep = false;
  #out: Written = { text: '', atLineStart: true, afterSpace: false };
  readonly #stack: Element[] = [];
  readonly #tables: Table[] = [];
  readonly #counters: number[] = [];
  readonly #sheet: StyleSheet = new Map();
  readonly #plainTables: boolean;
  #look = PAGE;
  #shows = true;
  #prefix = '';
  #quotes = 0;
  #pre = 0;
  #unseen = 0;
  #css: string | null = null;
  /** The depth of an introduction whose first words decide whether it opens a forward or a quote. */
  #introduction = -1;
  #decided = false;
  #introduced = false;

  constructor(plainTables: boolean) {
    this.#plainTables = plainTables;
  }

  open(name: string, attributes: Record<string, string>): void {
    if (VOID.has(name)) {
      if (name === 'br') this.#newLine();
      else if (name === 'hr') this.#blankLine();
      return;
    }
    if (this.#stack.length >= DEPTH_MAX) {
      this.isTooDeep = true;
      return;
    }
    if (name === 'style') this.#css = '';
    const unseen = UNSEEN.has(name) || name === 'style';
    if (unseen) this.#unseen += 1;
    const look = lookOf(this.#look, name, attributes, this.#sheet);
    const quote = name === 'blockquote' && !isIndent(attributes, this.#quotes);
    const collects = this.#collects(name);
    this.#stack.push({ name, look: this.#look, shows: this.#shows, quote, collects });
    if (look !== this.#look) {
      this.#look = look;
      this.#shows = showsText(look);
    }
    if (BLOCK.has(name)) {
      if (SPACED.has(name) && attributes.class !== 'MsoNormal') this.#blankLine();
      else this.#breakLine();
    }
    if (quote) this.#quote(1);
    if (name === 'pre') this.#pre += 1;
    else if (name === 'ol') this.#counters.push(1);
    else if (name === 'ul') this.#counters.push(0);
    else if (name === 'li') this.#bullet();
    else if (name === 'table' && collects) this.#tables.push({ rows: [], outer: [] });
    else if (name === 'tr') this.#tables.at(-1)?.rows.push([]);
    else if ((name === 'td' || name === 'th') && collects) this.#openCell();
    if (attributes.class !== undefined || attributes.id !== undefined || attributes.style !== undefined)
      this.#mark(attributes);
  }

  close(name: string): void {
    if (VOID.has(name)) return;
    if (this.isTooDeep) return;
    const element = this.#stack.pop();
    if (element === undefined) return;
    if (element.collects) {
      if (name === 'table') this.#closeTable();
      else this.#closeCell();
    } else if (name === 'td' || name === 'th') this.#breakLine();
    if (name === 'ol' || name === 'ul') this.#counters.pop();
    if (name === 'pre') this.#pre -= 1;
    if (this.#introduction === this.#stack.length) this.#endIntroduction();
    if (BLOCK.has(name)) this.#breakLine();
    if (element.quote) this.#quote(-1);
    if (SPACED.has(name)) this.#blankLine();
    if (name === 'style' && this.#css !== null) {
      addStyleSheet(this.#sheet, this.#css);
      this.#css = null;
    }
    if (UNSEEN.has(name) || name === 'style') this.#unseen -= 1;
    this.#look = element.look;
    this.#shows = element.shows;
  }

  text(text: string): void {
    if (this.#css !== null) {
      this.#css += text;
      return;
    }
    if (!this.#shows || this.#unseen > 0) return;
    if (this.#introduction >= 0 && !this.#decided && text.trim() !== '') this.#decideIntroduction(text);
    if (this.#pre > 0) {
      const [first = '', ...rest] = text.replace(/\r\n?/g, '\n').split('\n');
      this.#write(first);
      for (const line of rest) {
        this.#newLine();
        this.#write(line);
      }
      return;
    }
    let flat = BREAKS.test(text) ? text.replace(/[ \t\r\n\f]+/g, ' ') : text;
    if (flat.startsWith(' ') && (this.#out.atLineStart || this.#out.afterSpace)) flat = flat.slice(1);
    this.#write(flat);
  }

  finish(): string {
    while (this.#stack.length > 0) {
      const element = this.#stack.pop();
      if (element?.collects === true) {
        if (element.name === 'table') this.#closeTable();
        else this.#closeCell();
      }
    }
    return this.#out.text
      .replace(/[ \t]+\n/g, '\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim();
  }

  /** An introduction is a quoted line in any language, unless it opens a forwarded mail between dashes. */
  #decideIntroduction(text: string): void {
    this.#decided = true;
    if (text.trimStart().startsWith('--')) return;
    this.#introduced = true;
    this.#breakLine();
    this.#quote(1);
  }

  #endIntroduction(): void {
    if (this.#introduced) {
      this.#breakLine();
      this.#quote(-1);
    }
    this.#introduction = -1;
    this.#decided = false;
    this.#introduced = false;
  }

  /** Classes and ids by which programs tell their own additions. */
  #mark(attributes: Record<string, string>): void {
    const { class: kind, id, style } = attributes;
    if (kind !== undefined) {
      if (this.#introduction === -1 && INTRODUCTION.test(kind)) this.#introduction = this.#stack.length - 1;
      if (SIGNATURE.test(kind)) this.#line('-- ');
    }
    if (id !== undefined && (id === 'Signature' || SIGNATURE.test(id))) this.#line('-- ');
    if (
      (id !== undefined && OUTLOOK_QUOTES.has(id.toLowerCase())) ||
      (kind !== undefined && OUTLOOK_QUOTES.has(kind.toLowerCase())) ||
      (style !== undefined && style.length < 200 && OUTLOOK_RULE.test(style))
    )
      this.#line('-----Original Message-----');
  }

  #line(text: string): void {
    this.#breakLine();
    this.#write(text);
    this.#newLine();
  }

  #quote(change: 1 | -1): void {
    this.#quotes += change;
    this.#prefix = '> '.repeat(Math.min(this.#quotes, 3));
  }

  #write(text: string): void {
    if (text === '' || this.#unseen > 0) return;
    const out = this.#out;
    out.text += out.atLineStart ? this.#prefix + text : text;
    out.atLineStart = false;
    out.afterSpace = text.endsWith(' ');
  }

  #newLine(): void {
    if (this.#unseen > 0 || !this.#shows) return;
    this.#out.text += this.#out.atLineStart ? `${this.#prefix}\n` : '\n';
    this.#out.atLineStart = true;
    this.#out.afterSpace = false;
  }

  #breakLine(): void {
    if (!this.#out.atLineStart) {
      this.#out.text += '\n';
      this.#out.atLineStart = true;
      this.#out.afterSpace = false;
    }
  }

  #blankLine(): void {
    this.#breakLine();
    this.#out.text += `${this.#prefix}\n`;
  }

  #bullet(): void {
    const count = this.#counters.at(-1) ?? 0;
    if (count > 0) this.#counters[this.#counters.length - 1] = count + 1;
    if (this.#shows) this.#write(count > 0 ? `${count}. ` : '- ');
  }

  #collects(name: string): boolean {
    if (this.#plainTables) return false;
    if (name === 'table') return this.#tables.length < TABLES_MAX;
    if (name !== 'td' && name !== 'th') return false;
    const at = this.#stack.findLastIndex((each) => each.name === 'table');
    return this.#stack[at]?.collects === true;
  }

  #openCell(): void {
    const table = this.#tables.at(-1);
    if (table === undefined) return;
    table.outer.push(this.#out);
    this.#out = { text: '', atLineStart: true, afterSpace: false };
  }

  #closeCell(): void {
    const table = this.#tables.at(-1);
    const outer = table?.outer.pop();
    if (table === undefined || outer === undefined) return;
    const row = table.rows.at(-1);
    if (row !== undefined && table.rows.length <= ROWS_MAX) row.push(this.#out.text.trim());
    this.#out = outer;
  }

  #closeTable(): void {
    const table = this.#tables.pop();
    if (table === undefined) return;
    this.#breakLine();
    const { lines, fields } = linesOf(table.rows);
    this.hasFields ||= fields;
    // Cells were written with their quote marks: only a table inside a quote has them, on every line.
    if (lines.length > 0) this.#out.text += `${lines.join('\n')}\n`;
  }
}

const BREAKS = /[\t\r\n\f]| {2}/;

/** An indented paragraph is the writer's; it has no bar at its side and no mark of a program. */
function isIndent(attributes: Readonly<Record<string, string>>, quotes: number): boolean {
  const style = (attributes.style ?? '').toLowerCase();
  return (
    quotes === 0 &&
    attributes.type === undefined &&
    attributes.cite === undefined &&
    !/quote(?!-)/.test((attributes.class ?? '').replace('webkit-indent-blockquote', '')) &&
    /border(?:-width)?:\s*(?:none|0|medium)/.test(style) &&
    !/border-left:|border-left-width/.test(style)
  );
}

/** Two short cells are a field and its value; a first row of short names above longer rows is a header. */
function linesOf(rows: readonly (readonly string[])[]): {
  readonly lines: readonly string[];
  readonly fields: boolean;
} {
  const [head] = rows;
  if (head !== undefined && rows.length > 1 && head.length >= 3 && head.every(isName)) {
    const lines = rows
      .slice(1)
      .flatMap((row) => [...row.map((cell, index) => field(head[index] ?? '', cell)), '']);
    return { lines, fields: true };
  }
  let fields = false;
  const lines = rows.map((cells) => {
    const [name = '', value = ''] = cells;
    if (cells.length !== 2 || !isName(name)) return cells.join('\n');
    fields = true;
    return field(name, value);
  });
  return { lines, fields };
}

/** Inside a quote every cell begins with its marks: one set of them stays in front. */
function field(name: string, value: string): string {
  const marks = /^(?:> ?)+/.exec(name)?.[0] ?? '';
  const clean = marks === '' ? value : value.replace(/^(?:> ?)+/, '');
  return `${name.replace(/\s*[:：]$/, '')}: ${clean}`;
}

const isName = (cell: string): boolean => cell.length > 0 && cell.length <= 40 && !cell.includes('\n');
