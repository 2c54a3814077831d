/** Whether what became of each mail lies within what the desk promises. */

import type { Outcome, TicketBounds } from './attacks/outcomes.ts';
import type { Group } from './attacks/world.ts';

/** What of a line of the harness is looked at; README.md says what each field means. */
export interface Line {
  /** `null` = what belongs to no single mail of a run together. */
  readonly file: string | null;
  readonly disposition: string | null;
  readonly needsAgent?: boolean;
  readonly tickets: readonly LineTicket[];
  readonly mails: readonly LineMail[];
  readonly parse: { readonly ms: number; readonly peakBytes: number | null } | null;
  readonly rowsDeleted: number;
  readonly problem?: string;
}

interface LineTicket {
  readonly reference: string;
  readonly existedBefore: boolean;
  readonly states: readonly string[];
  readonly holds: readonly string[];
  readonly verified: boolean;
}

interface LineMail {
  readonly to: string;
  readonly template: string;
}

export interface Expected {
  readonly file: string;
  /** Row of the threat list, or `OK`. */
  readonly id: string;
  readonly what: string;
  readonly group: Group;
  /** Not kept: made when the set is run. */
  readonly madeAtRun: boolean;
  readonly outcome: Outcome;
}

export interface Verdict {
  readonly file: string;
  readonly id: string;
  /** What is outside; empty = inside. */
  readonly outside: readonly string[];
}

/** A worker has 2 s of computing; beside other work on the same machine they may take several times as long. */
const PARSE_MS_MAX = 10_000;
const PARSE_BYTES_MAX = 200 * 1024 * 1024;

/** One verdict for each expectation, in their order. A mail without a line is outside. */
export function score(expected: readonly Expected[], lines: readonly Line[]): readonly Verdict[] {
  const byFile = new Map(lines.map((line) => [line.file, line]));
  return expected.map(({ file, id, outcome }) => {
    const line = byFile.get(file);
    return { file, id, outside: line === undefined ? ['nothing is told of it'] : breaches(outcome, line) };
  });
}

/** "T15 t15-….eml: mail to …" for each mail that is outside. */
export const outsideOf = (verdicts: readonly Verdict[]): readonly string[] =>
  verdicts
    .filter(({ outside }) => outside.length > 0)
    .map(({ id, file, outside }) => `${id} ${file}: ${outside.join('; ')}`);

/** "320 inside, 8 outside". */
export function totalsOf(verdicts: readonly Verdict[]): string {
  const outside = outsideOf(verdicts).length;
  return `${verdicts.length - outside} inside, ${outside} outside`;
}

function breaches(outcome: Outcome, line: Line): readonly string[] {
  return [
    ...(line.problem === undefined ? [] : [line.problem.split('\n', 1)[0] ?? '']),
    ...dispositionBreaches(outcome, line),
    ...openedBreaches(outcome, line),
    ...Object.entries(outcome.existing).flatMap(([reference, bounds]) => {
      const ticket = line.tickets.find((each) => each.existedBefore && each.reference === reference);
      if (ticket === undefined) return [`nothing is told of ${reference}`];
      return [...boundBreaches(bounds, ticket), ...reachBreaches(bounds, [ticket], reference)];
    }),
    ...mailBreaches(outcome, line),
    ...(outcome.rowsDeleted === 0 && line.rowsDeleted !== 0 ? [`${line.rowsDeleted} rows deleted`] : []),
    ...parseBreaches(line),
  ];
}

function dispositionBreaches({ dispositions, agent }: Outcome, line: Line): readonly string[] {
  const allowed = dispositions.some((disposition) => disposition === line.disposition);
  return [
    ...(allowed ? [] : [`disposition ${line.disposition}, not ${dispositions.join(' or ')}`]),
    ...(agent && line.needsAgent === false ? ['no agent is asked to look'] : []),
  ];
}

function openedBreaches({ opened }: Outcome, line: Line): readonly string[] {
  const tickets = line.tickets.filter((ticket) => !ticket.existedBefore);
  const count = tickets.length;
  return [
    ...(count > opened.max || count < opened.min
      ? [`${count} ticket(s) opened, not ${opened.min} to ${opened.max}`]
      : []),
    ...tickets.flatMap((ticket) => boundBreaches(opened, ticket)),
    ...(count === 0 ? [] : reachBreaches(opened, tickets, 'no ticket')),
  ];
}

function boundBreaches(bounds: TicketBounds, ticket: LineTicket): readonly string[] {
  const { reference, states, holds } = ticket;
  const allowed: readonly string[] = bounds.states;
  const beyond = states.filter((state) => !allowed.includes(state));
  return [
    ...(beyond.length > 0 ? [`${reference} reached ${beyond.join(', ')}`] : []),
    ...(ticket.verified && !bounds.verified ? [`${reference} was VERIFIED`] : []),
    ...(bounds.mustHold ?? [])
      .filter((hold) => !holds.includes(hold))
      .map((hold) => `${reference} was never held for ${hold}`),
    ...(bounds.mustNotHold ?? [])
      .filter((hold) => holds.includes(hold))
      .map((hold) => `${reference} was held for ${hold}`),
  ];
}

function reachBreaches(bounds: TicketBounds, tickets: readonly LineTicket[], who: string): readonly string[] {
  return (bounds.mustReach ?? [])
    .filter((state) => !tickets.some((ticket) => ticket.states.includes(state)))
    .map((state) => `${who} reached ${state}`.replace(/^(?!no )(\S+) reached/, '$1 never reached'));
}

/** Each mail takes up room of one allowance; one that finds none is outside. */
function mailBreaches({ mails: allowances }: Outcome, line: Line): readonly string[] {
  const room = allowances.map(({ max }) => max);
  const unallowed = line.mails.filter((mail) => {
    const index = allowances.findIndex(
      ({ to, templates }, at) =>
        (room[at] ?? 0) > 0 && to === mail.to && templates.some((template) => template === mail.template),
    );
    if (index >= 0) room[index] = (room[index] ?? 0) - 1;
    return index < 0;
  });
  const missing = allowances.filter(
    ({ to, must }) =>
      must !== undefined && !line.mails.some((mail) => mail.to === to && mail.template === must),
  );
  return [
    ...unallowed.map(({ to, template }) => `${template} to ${to} is not allowed`),
    ...missing.map(({ to, must }) => `no ${must} to ${to}`),
  ];
}

function parseBreaches({ parse }: Line): readonly string[] {
  if (parse === null) return [];
  const { ms, peakBytes } = parse;
  return [
    ...(ms > PARSE_MS_MAX ? [`read for ${Math.round(ms)} ms`] : []),
    ...((peakBytes ?? 0) > PARSE_BYTES_MAX
      ? [`${Math.round((peakBytes ?? 0) / 1_048_576)} MiB to read it`]
      : []),
  ];
}
