import { styleText } from 'node:util';
import { printable } from '../table.ts';
import type { Check } from './checks.ts';
import { COLUMNS, rowsInWords, running, stamp, wrap } from './layout.ts';
import type { Step, TicketEnd } from './steps.ts';

type Style = Parameters<typeof styleText>[0];
/** Colours a text, or leaves it as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

export interface Narrator {
  readonly steps: readonly Step[];
  tell(step: Step): void;
  /** A passing line on a terminal that the next step replaces; nothing elsewhere. */
  progress(text: string): void;
  /** Lines that are no part of the story. */
  say(lines: readonly string[]): void;
  readonly paint: Paint;
}

/** NO_COLOR, FORCE_COLOR and a stream that is no terminal are honoured by styleText itself. */
export function makeNarrator(stream: NodeJS.WriteStream): Narrator {
  const paint: Paint = (style, text) => styleText(style, text, { stream });
  const steps: Step[] = [];
  let passing = '';
  const clear = (): void => {
    if (passing !== '') stream.write(`\r${' '.repeat(passing.length)}\r`);
    passing = '';
  };
  const say = (lines: readonly string[]): void => {
    clear();
    stream.write(`${lines.join('\n')}\n`);
  };
  return {
    steps,
    paint,
    say,
    tell(step) {
      const before = steps.at(-1);
      steps.push(step);
      say(linesOf(step, before, paint));
    },
    progress(text) {
      if (!stream.isTTY) return;
      const line = `${MARGIN}… ${text}`.slice(0, COLUMNS - 1);
      if (line === passing) return;
      clear();
      stream.write(paint('dim', line));
      passing = line;
    },
  };
}

/** The checks and the tickets, printed last. */
export function closingLines(
  checks: readonly Check[],
  tickets: readonly TicketEnd[],
  paint: Paint,
): string[] {
  return [
    '',
    paint('bold', ' What became of each ticket'),
    rule(paint),
    ...tickets.map((ticket) => ticketLine(ticket, paint)),
    '',
    paint('bold', ' What should hold'),
    rule(paint),
    ...checks.flatMap((check) =>
      check.ok
        ? [`  ${paint('green', '✓')} ${check.name}`]
        : [
            `  ${paint('red', '✗')} ${paint('bold', check.name)}`,
            ...wrap(printable(check.why), COLUMNS - 6).map((line) => `      ${paint('red', line)}`),
          ],
    ),
  ];
}

const MARGIN = ' '.repeat(19);
const TEXT_WIDTH = COLUMNS - MARGIN.length - 2;
const MAIL_IN_LINES = 4;
const MAIL_OUT_LINES = 2;

const rule = (paint: Paint): string => paint('dim', ` ${'─'.repeat(COLUMNS - 2)}`);

function linesOf(step: Step, before: Step | undefined, paint: Paint): readonly string[] {
  if (step.kind === 'chapter') return chapterLines(step, paint);
  const isFirst = before === undefined || before.kind === 'chapter';
  const time = !isFirst && stamp(before.at) === stamp(step.at) ? MARGIN : `  ${stamp(step.at)} `;
  const [first = '', ...rest] = bodyOf(step, before, paint);
  const opensBeat = !isFirst && (step.kind === 'mail_in' || step.kind === 'clock');
  return [
    ...(opensBeat ? [''] : []),
    `${paint('dim', time)}${first}`,
    ...rest.map((line) => `${MARGIN}  ${line}`),
    ...(step.kind === 'mail_out' && step.inFull ? wholeMail(step.text, paint) : []),
  ];
}

function chapterLines(step: Extract<Step, { kind: 'chapter' }>, paint: Paint): readonly string[] {
  const count = `${step.no} of ${step.of}`;
  const gap = ' '.repeat(Math.max(1, COLUMNS - 2 - step.text.length - count.length));
  return [
    '',
    ` ${paint(['bold', 'cyan'], step.text)}${gap}${paint('dim', count)}`,
    rule(paint),
    ...wrap(step.intro, COLUMNS - 4).map((line) => `  ${paint('italic', line)}`),
    '',
  ];
}

/** The first line follows the time; the others stand below it. */
function bodyOf(
  step: Exclude<Step, { kind: 'chapter' }>,
  before: Step | undefined,
  paint: Paint,
): readonly string[] {
  switch (step.kind) {
    case 'mail_in': {
      const who = paint('bold', printable(step.who));
      const forged = step.forgedBy === null ? '' : paint('red', ` (really ${step.forgedBy})`);
      return [
        `${paint('yellow', '→')} ${who}${forged} writes: ${printable(step.subject)}`,
        ...wrap(printable(running(step.text)), TEXT_WIDTH, MAIL_IN_LINES).map((line) =>
          paint('yellow', line),
        ),
      ];
    }
    case 'mail_out':
      return mailOut(step, before, paint);
    case 'decision':
      return decision(step, paint);
    case 'silence':
      return [`${paint('magenta', '◇')} No answer goes out.`, ...wrap(printable(step.text), TEXT_WIDTH)];
    case 'clock':
      return [paint('blue', `◷ ${step.text}`)];
    case 'rows':
      return [`${paint('cyan', '▤')} ${step.text}: ${paint('bold', rowsInWords(step.rows))}`];
    case 'note':
      return wrap(`· ${step.text}`, TEXT_WIDTH);
  }
}

function decision(step: Extract<Step, { kind: 'decision' }>, paint: Paint): readonly string[] {
  const head = `${paint('magenta', '◆')} ${paint('bold', step.ticket)}`;
  const held = step.holds.length === 0 ? '' : paint('magenta', ` on hold: ${step.holds.join(', ')}`);
  const text = printable(step.text);
  if (step.was !== step.became) {
    return [`${head} ${step.was} → ${paint('bold', step.became)}${held}`, ...wrap(text, TEXT_WIDTH)];
  }
  if (held !== '') return [`${head} ${step.became}${held}`, ...wrap(text, TEXT_WIDTH)];
  const [first = '', ...rest] = wrap(text, TEXT_WIDTH - step.ticket.length - 1);
  return [`${head} ${first}`, ...rest];
}

/** The same mail to several people is told in a line for each and quoted once. */
function mailOut(step: MailOut, before: Step | undefined, paint: Paint): readonly string[] {
  const subject = printable(step.subject);
  const head = `${paint('green', '←')} to ${paint('bold', printable(step.who))}: ${subject}`;
  const isSame =
    before?.kind === 'mail_out' && before.template === step.template && before.subject === step.subject;
  if (step.inFull || isSame) return [head];
  const gist = wrap(printable(gistOf(step.text)), TEXT_WIDTH, MAIL_OUT_LINES);
  return [head, ...gist.map((line) => paint('green', line))];
}

type MailOut = Extract<Step, { kind: 'mail_out' }>;

/** What the mail says first: its first two paragraphs below the line above which one answers. */
const gistOf = (text: string): string =>
  text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s+/g, ' ').trim())
    .filter((paragraph) => paragraph !== '' && !paragraph.startsWith('-- '))
    .slice(0, 2)
    .join(' · ');

function wholeMail(text: string, paint: Paint): readonly string[] {
  const lines = text
    .trim()
    .split('\n')
    .flatMap((line) => (line.trim() === '' ? [''] : wrapKept(printable(line))));
  return ['', ...lines.map((line) => `     ${paint('green', '│')} ${line}`.trimEnd()), ''];
}

/** Keeps the indentation that lists and codes have. */
function wrapKept(line: string): readonly string[] {
  const indent = /^\s*(?:- )?/.exec(line)?.[0] ?? '';
  return wrap(line.slice(indent.length), COLUMNS - 8 - indent.length).map(
    (part, index) => `${index === 0 ? indent : ' '.repeat(indent.length)}${part}`,
  );
}

const END_STYLES: Readonly<Record<string, Style>> = {
  completed: 'green',
  cancelled: 'yellow',
  rejected: 'red',
};

function ticketLine(ticket: TicketEnd, paint: Paint): string {
  const state = ticket.holds.length === 0 ? ticket.state : `${ticket.state} (${ticket.holds.join(', ')})`;
  const rows = ticket.deleted === null ? 'nothing deleted' : `${rowsInWords(ticket.deleted)} deleted`;
  const cells = [
    `  ${ticket.ticket}  ${printable(ticket.who).padEnd(14)} ${printable(ticket.what).padEnd(35)}`,
    paint(END_STYLES[ticket.state] ?? 'magenta', state.padEnd(18)),
    paint('dim', rows),
  ];
  return cells.join(' ');
}
