import { Parser } from 'htmlparser2';

/**
 * The visible text of an HTML mail. Quotes become `> ` lines, so that one reader of quoted text serves both kinds of
 * mail; rows of two cells become `Field: value` lines; hidden text, scripts and marked signatures are left out.
 */
export function htmlToText(html: string): string {
  const writer = new TextWriter();
  const parser = new Parser(
    {
      onopentag: (name, attributes) => writer.open(name, attributes),
      onclosetag: (name) => writer.close(name),
      ontext: (text) => writer.text(text),
    },
    { decodeEntities: true },
  );
  parser.write(html.slice(0, HTML_CHARS_MAX));
  parser.end();
  return writer.finish();
}

/** No request is longer; what follows is history or styling. */
const HTML_CHARS_MAX = 2_000_000;
/** Deeper nesting is hostile, its text is dropped. */
const DEPTH_MAX = 400;
const ROWS_MAX = 500;

interface Element {
  readonly name: string;
  readonly hidden: boolean;
  readonly quote: boolean;
}

interface Row {
  readonly cells: string[];
}

interface Table {
  readonly rows: Row[];
  /** What was written before the current cell began. */
  readonly outer: string[][];
}

const VOID = new Set(['br', 'img', 'hr', 'meta', 'link', 'input', 'area', 'base', 'col', 'wbr', 'source']);
const HIDDEN = new Set([
  'script',
  'style',
  'head',
  'title',
  'template',
  'noscript',
  'object',
  'svg',
  'select',
]);
const BLOCK = new Set(
  'p div section article header footer main h1 h2 h3 h4 h5 h6 ul ol li pre table tr blockquote address dl dt dd form fieldset center'.split(
    ' ',
  ),
);
const SPACED = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'ul', 'ol', 'blockquote']);

/** Collects text while the tags go by. State: the open elements, the open tables, and the text of the current cell. */
class TextWriter {
  #out: string[] = [];
  readonly #stack: Element[] = [];
  readonly #tables: Table[] = [];
  readonly #counters: number[] = [];
  #hidden = 0;
  #quotes = 0;
  #pre = 0;
  #skipped = 0;

  open(name: string, attributes: Record<string, string>): void {
    if (name === 'br' || name === 'hr') this.#write(name === 'br' ? '\n' : '\n\n');
    if (VOID.has(name)) return;
    if (this.#stack.length >= DEPTH_MAX) {
      this.#skipped += 1;
      return;
    }
    const element = { name, hidden: isHidden(name, attributes), quote: name === 'blockquote' };
    this.#stack.push(element);
    if (element.hidden) this.#hidden += 1;
    if (BLOCK.has(name)) this.#write(SPACED.has(name) && attributes.class !== 'MsoNormal' ? '\n' : '');
    if (BLOCK.has(name)) this.#breakLine();
    if (element.quote) this.#quotes += 1;
    if (name === 'pre') this.#pre += 1;
    if (name === 'ol') this.#counters.push(1);
    if (name === 'ul') this.#counters.push(0);
    if (name === 'li') this.#bullet();
    if (name === 'table') this.#tables.push({ rows: [], outer: [] });
    if (name === 'tr') this.#tables.at(-1)?.rows.push({ cells: [] });
    if (name === 'td' || name === 'th') this.#openCell();
  }

  close(name: string): void {
    if (VOID.has(name)) return;
    if (this.#skipped > 0) {
      this.#skipped -= 1;
      return;
    }
    const element = this.#stack.pop();
    if (element === undefined) return;
    if (name === 'td' || name === 'th') this.#closeCell();
    if (name === 'table') this.#closeTable();
    if (name === 'ol' || name === 'ul') this.#counters.pop();
    if (name === 'pre') this.#pre -= 1;
    if (BLOCK.has(name)) this.#breakLine();
    if (element.quote) this.#quotes -= 1;
    if (SPACED.has(name)) this.#write('\n');
    if (element.hidden) this.#hidden -= 1;
  }

  text(text: string): void {
    if (this.#hidden > 0 || this.#skipped > 0) return;
    const flat = this.#pre > 0 ? text.replace(/\r\n?/g, '\n') : text.replace(/[ \t\r\n\f]+/g, ' ');
    this.#write(this.#pre === 0 && this.#atLineStart() ? flat.trimStart() : flat);
  }

  finish(): string {
    while (this.#tables.length > 0) this.#closeTable();
    return this.#out
      .join('')
      .replace(/[ \t]+\n/g, '\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim();
  }

  #write(text: string): void {
    if (this.#hidden > 0 || text === '') return;
    if (this.#quotes === 0) {
      this.#out.push(text);
      return;
    }
    const prefix = '> '.repeat(Math.min(this.#quotes, 3));
    if (this.#atLineStart()) this.#out.push(prefix);
    this.#out.push(text.replaceAll('\n', `\n${prefix}`).replace(new RegExp(`\n${prefix}$`), '\n'));
  }

  #breakLine(): void {
    if (!this.#atLineStart()) this.#write('\n');
  }

  #atLineStart(): boolean {
    const last = this.#out.at(-1);
    return last === undefined || last.endsWith('\n');
  }

  #bullet(): void {
    const count = this.#counters.at(-1) ?? 0;
    if (count > 0) this.#counters[this.#counters.length - 1] = count + 1;
    this.#write(count > 0 ? `${count}. ` : '- ');
  }

  #openCell(): void {
    const table = this.#tables.at(-1);
    if (table === undefined) return;
    table.outer.push(this.#out);
    this.#out = [];
  }

  #closeCell(): void {
    const table = this.#tables.at(-1);
    const outer = table?.outer.pop();
    if (table === undefined || outer === undefined) return;
    const row = table.rows.at(-1);
    if (row !== undefined && table.rows.length <= ROWS_MAX) row.cells.push(this.#out.join('').trim());
    this.#out = outer;
  }

  #closeTable(): void {
    const table = this.#tables.pop();
    if (table === undefined) return;
    for (let outer = table.outer.pop(); outer !== undefined; outer = table.outer.pop()) {
      this.#out = [...outer, ...this.#out];
    }
    this.#breakLine();
    for (const line of linesOf(table.rows)) this.#out.push(`${line}\n`);
  }
}

/** Text that the reader of the mail cannot see never counts as written. */
function isHidden(name: string, attributes: Record<string, string>): boolean {
  if (HIDDEN.has(name) || 'hidden' in attributes) return true;
  const kind = attributes.class ?? '';
  if (/\b(?:gmail_signature|moz-signature)\b/.test(kind)) return true;
  const style = (attributes.style ?? '').toLowerCase().replace(/\s/g, '');
  return /display:none|visibility:hidden|mso-hide:all|font-size:0(?![.\d]*[1-9])|max-height:0(?![.\d]*[1-9])|(?<![a-z-])opacity:0(?![.\d]*[1-9])|(?<![a-z-])color:(?:#fff(?:fff)?\b|white)/.test(
    style,
  );
}

/** Two short cells are a field and its value; a first row of short names above longer rows is a header. */
function linesOf(rows: readonly Row[]): readonly string[] {
  const [head] = rows;
  const wide = head !== undefined && head.cells.length >= 3 && head.cells.every(isName);
  if (head !== undefined && wide && rows.length > 1) {
    return rows
      .slice(1)
      .flatMap((row) => [...row.cells.map((cell, index) => `${head.cells[index] ?? ''}: ${cell}`), '']);
  }
  return rows.map(({ cells }) => {
    const [name = '', value = ''] = cells;
    if (cells.length !== 2 || !isName(name)) return cells.join('\n');
    return `${name.replace(/\s*[:：]$/, '')}: ${value}`;
  });
}

const isName = (cell: string): boolean => cell.length > 0 && cell.length <= 40 && !cell.includes('\n');
