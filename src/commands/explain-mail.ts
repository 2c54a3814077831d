import type { TimeFrame } from '../domain/calendar.ts';
import type { DeletionRequest, Intent } from '../domain/request.ts';
import type { ExplainedStatement, Explanation, NotTaken, Words } from '../ingest/understand/explanation.ts';
import { type Cell, cellsOf, escaped, padded, rowsOf, shortened } from './terminal-text.ts';
import { LEFT_OUT_WORDS, WHY_WORDS } from './why-words.ts';

/** No line is wider. */
const COLUMNS_MAX = 100;
/** Of a line of the mail, behind its mark. */
const MARK = 2;
const BODY = COLUMNS_MAX - MARK;

/**
 * An explanation for a person, in plain text without colours. What was left out is marked by `|`, underlines by `:`.
 * No line is wider than 100 columns, and no sign of the mail that could steer a terminal is in it.
 */
export function explainMail(explanation: Explanation): string {
  return [
    ...headOf(explanation),
    '',
    ...mailLines(explanation),
    ...section('Sentences', explanation.statements.map(statementLine)),
    ...section('Not taken', explanation.notTaken.flatMap(notTakenLines)),
    ...section(
      'Missing',
      explanation.understanding.missing.flatMap((path) => wrapped('  ', labelOf(path), 2)),
    ),
  ].join('\n');
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines];

function headOf({
  understanding,
  language,
  rule,
  subject,
  ownText,
  disagrees,
}: Explanation): readonly string[] {
  const { intent, ticket, code, requests, problems, autoReply } = understanding;
  const facts: readonly (readonly [string, string | null])[] = [
    ['Subject', subject],
    ['Language', language],
    ['Intent', `${intent} (${rule})`],
    ['Automatic', autoReply ? 'yes' : null],
    ['Ticket', ticket],
    ['Code', code],
    ...requests.map((request, index) => [`#${index + 1}`, requestWords(request, intent)] as const),
    ['Problems', problems.length === 0 ? null : problems.map((problem) => WHY_WORDS[problem]).join('; ')],
    ['Forwarded', FORWARDS[ownText.forward]],
    ['Look at it', ownText.unsure ? 'what was left out may be the writer’s own' : null],
    ['Look at it', disagrees ? 'text and HTML ask for different things' : null],
    ['Only in text', ownText.disagreement?.onlyInText.join(', ') ?? null],
    ['Only in HTML', ownText.disagreement?.onlyInHtml.join(', ') ?? null],
  ];
  return facts.flatMap(([name, value]) =>
    value === null || value === '' ? [] : wrapped(name.padEnd(HEAD), value, HEAD),
  );
}
const HEAD = 14;

const FORWARDS = {
  none: null,
  handled: 'the writer asks to handle the mail that is passed on',
  unhandled: 'the writer does not ask to handle the mail that is passed on',
} as const;

export function requestWords(request: DeletionRequest, intent: Intent): string {
  const { scope, workspace, source, space, users, events, properties, project, timeFrame } = request;
  const ref = workspace === null ? null : 'slug' in workspace ? workspace.slug : `ID ${workspace.id}`;
  const named = properties.map(
    ({ name, kind, event }) => `${name} (${kind}${event === null ? '' : `, ${event}`})`,
  );
  const parts: readonly (readonly [string, string])[] = [
    ['workspace', ref ?? ''],
    ['source', source ?? ''],
    ['space', space ?? ''],
    ['users', users.join(', ')],
    ['project', project ?? ''],
    ['events', events.join(', ')],
    ['properties', named.join(', ')],
    ['days', timeFrame === null ? '' : frameWords(timeFrame)],
  ];
  const said = parts.filter(([, value]) => value !== '').map(([name, value]) => `${name} ${value}`);
  return [intent === 'delete' ? `delete ${scope}` : scope, ...said].join(' · ');
}

function frameWords({ from, to }: TimeFrame): string {
  if (from === null) return to === null ? 'all time' : `up to ${to}`;
  return to === null ? `from ${from} on` : `${from} to ${to}`;
}

/** The body line by line: own lines with their underlines, and what was left out with the reason. */
function mailLines({ source, ownText, leftOut, fields, subject }: Explanation): readonly string[] {
  const own = new Map<
    number,
    { readonly start: number; readonly length: number; readonly sourceStart: number }
  >();
  for (const line of ownText.lines) if (line.length > 0) own.set(lineStart(source, line.sourceStart), line);
  const inText = fields.filter(({ where }) => where === 'text');
  const inSubject = fields.filter(({ where }) => where === 'subject');
  const out = ['The mail'];
  if (inSubject.length > 0) out.push(...ownLine(subject, 0, inSubject));
  let run = 0;
  let start = 0;
  for (const line of source.split('\n')) {
    const mine = own.get(start);
    while (run < leftOut.length && (leftOut[run]?.end ?? 0) < start) run += 1;
    const left = leftOut[run];
    const plain = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (mine !== undefined) {
      const text = ownText.text.slice(mine.start, mine.start + mine.length);
      out.push(...ownLine(text, mine.start, inText));
    } else if (left !== undefined && left.start <= start && start <= left.end && plain !== '') {
      if (left.start === start) out.push(`|-- ${LEFT_OUT_WORDS[left.why]}`);
      out.push(...rowsOf(cellsOf(plain), BODY).map((row) => `| ${shownOf(row)}`.trimEnd()));
    } else if (out.length > 1 && out.at(-1) !== '') out.push('');
    start += line.length + 1;
  }
  if (out.at(-1) === '') out.pop();
  return out;
}

const lineStart = (source: string, at: number): number => source.lastIndexOf('\n', at - 1) + 1;
const shownOf = (row: readonly Cell[]): string => row.map(({ shown }) => shown).join('');

type Field = Words & { readonly field: string };

/** A line of the own text that begins at `offset`, in as many rows as it needs, each with its underlines. */
function ownLine(text: string, offset: number, fields: readonly Field[]): readonly string[] {
  const here = fields.filter(({ start, end }) => start < offset + text.length && end > offset);
  return rowsOf(cellsOf(text), BODY).flatMap((row) => [
    `  ${shownOf(row)}`.trimEnd(),
    ...underlines(row, offset, here).map((line) => `: ${line}`),
  ]);
}

interface Mark {
  readonly column: number;
  readonly columns: number;
  readonly label: string;
}

/** Fields that share their words share a mark; marks stand in one row as long as their names leave room. */
function underlines(row: readonly Cell[], offset: number, fields: readonly Field[]): readonly string[] {
  const rows: string[] = [];
  for (const { column, columns, label } of marksOf(row, offset, fields)) {
    const mark = '^'.repeat(columns);
    const behind = `${mark} ${label}`;
    const at = rows.findIndex((line) => line.length + 2 <= column);
    const fits = column + behind.length <= BODY;
    if (fits && at !== -1) rows[at] = `${(rows[at] ?? '').padEnd(column)}${behind}`;
    else if (fits) rows.push(`${' '.repeat(column)}${behind}`);
    else if (label.length + 1 <= column) rows.push(`${label} `.padStart(column) + mark);
    else rows.push(`${' '.repeat(column)}${mark}`, ...rowsOf(cellsOf(label), BODY).map(shownOf));
  }
  return rows;
}

function marksOf(row: readonly Cell[], offset: number, fields: readonly Field[]): readonly Mark[] {
  const marks = new Map<string, Mark>();
  for (const { start, end, field } of fields) {
    let column = 0;
    let from = -1;
    let columns = 0;
    for (const cell of row) {
      const place = offset + cell.at;
      if (place >= start && place < end) {
        if (from === -1) from = column;
        columns += cell.columns;
      }
      column += cell.columns;
    }
    if (from === -1 || columns === 0) continue;
    const key = `${from} ${columns}`;
    const known = marks.get(key);
    const label = known === undefined ? labelOf(field) : `${known.label}, ${labelOf(field)}`;
    marks.set(key, { column: from, columns, label });
  }
  return [...marks.values()].sort((a, b) => a.column - b.column);
}

/** `requests.0.users.1` is `#1 users.1`: the second of the users of the first request. */
const labelOf = (path: string): string =>
  escaped(path.replace(/^requests\.(\d+)\./, (_, index: string) => `#${Number(index) + 1} `));

/** Columns of a statement's role, of its words, and of the signals behind them. */
const ROLE = 11;
const SAID = 46;
const SIGNALS = COLUMNS_MAX - 2 - ROLE - SAID - 2;

function statementLine({ role, text, signals, field, where }: ExplainedStatement): string {
  const said = padded(shortened(`${where === 'subject' ? '(subject) ' : ''}${text.trim()}`, SAID), SAID);
  const why = [
    ...(field === null ? [] : [`field ${field}`]),
    ...signals.map((signal) => `${signal.name} "${signal.text}"`),
  ].join('; ');
  return `  ${role.padEnd(ROLE)}${said}  ${shortened(why, SIGNALS)}`.trimEnd();
}

const QUOTED = 60;

function notTakenLines({ text, kind, why, where }: NotTaken): readonly string[] {
  const what = [kind === null ? '' : ` (${kind})`, where === 'subject' ? ' in the subject' : ''].join('');
  const words = text.trim();
  const said = words.length > QUOTED ? `${words.slice(0, QUOTED)}…` : words;
  return wrapped('  ', `"${said}"${what}: ${WHY_WORDS[why]}`, 4);
}

/** Escaped, in rows of at most 100 columns; what stands in front of the first, and as much space as `indent` of the others. */
function wrapped(front: string, text: string, indent: number): readonly string[] {
  return rowsOf(cellsOf(text), COLUMNS_MAX - indent).map((row, index) =>
    `${index === 0 ? front : ' '.repeat(indent)}${shownOf(row)}`.trimEnd(),
  );
}
