/** Mails for agents, as data and in words that no sign of the mail can steer a terminal with. */
import type { Standing } from '../domain/evidence.ts';
import { referenceOf, ticketId } from '../domain/ids.ts';
import type { MailRow } from '../ingest/agent-mails.ts';
import type { MailLook } from '../ingest/look-at-mail.ts';
import type { Unreadable } from '../ingest/parse-message.ts';
import { standingOf } from '../verify/judge.ts';
import { explainMail } from './explain-mail.ts';
import { table } from './table.ts';
import { escaped, shortened } from './terminal-text.ts';

export interface MailLine {
  readonly id: number;
  readonly arrivedAt: string;
  readonly author: string | null;
  /** `pending`: not decided yet. */
  readonly disposition: string;
  readonly reason: string;
  /** `null`: nobody could look. */
  readonly evidence: Standing | null;
  readonly needsAgent: boolean;
  readonly tickets: readonly string[];
  readonly erasedAt: string | null;
  readonly agent: { readonly by: string; readonly at: string; readonly reason: string | null } | null;
}

export const lineOf = (row: MailRow): MailLine => ({
  id: row.id,
  arrivedAt: row.arrived_at.toISOString(),
  author: row.author,
  disposition: row.disposition ?? 'pending',
  reason: row.disposition_reason ?? (row.retry_at === null ? '' : 'who sent it cannot be looked up now'),
  evidence: row.evidence === null ? null : standingOf(row.evidence),
  needsAgent: row.needs_agent,
  tickets: row.tickets.map((id) => referenceOf(ticketId(id))),
  erasedAt: row.erased_at?.toISOString() ?? null,
  agent:
    row.agent_by === null || row.agent_at === null
      ? null
      : { by: row.agent_by, at: row.agent_at.toISOString(), reason: row.agent_note },
});

const FROM_COLUMNS = 50;

export const listing = (lines: readonly MailLine[]): string =>
  table(
    ['mail', 'arrived (UTC)', 'from', 'disposition', 'evidence', 'tickets', 'reason'],
    lines.map((line) => [
      String(line.id),
      line.arrivedAt.slice(0, 16).replace('T', ' '),
      shortened(line.author ?? nobodyIn(line), FROM_COLUMNS),
      line.disposition,
      line.evidence ?? unseenIn(line),
      line.tickets.join(' '),
      escaped(line.reason),
    ]),
  );

const nobodyIn = ({ erasedAt }: MailLine): string => (erasedAt === null ? 'no plain author' : 'erased');
const unseenIn = ({ erasedAt }: MailLine): string => (erasedAt === null ? 'not looked at' : 'erased');

/** What is known of a mail, and its words with what was read in them. */
export function description(row: MailRow, look: MailLook | Unreadable): string {
  const line = lineOf(row);
  const facts: readonly (readonly [string, string])[] = [
    ['mail', `${line.id}, ${row.size_bytes} bytes, arrived ${line.arrivedAt}`],
    ['from', line.author ?? nobodyIn(line)],
    ['became', [line.disposition, line.reason].filter((word) => word !== '').join(': ')],
    ['tickets', line.tickets.join(' ')],
    ['agent', line.needsAgent ? 'waits for one' : agentWords(line)],
    ['evidence', line.evidence ?? unseenIn(line)],
    ...(row.evidence?.notes ?? []).map((note) => ['', note] as const),
    ...lookWords(look),
  ];
  const head = facts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name.padEnd(HEAD)}${escaped(value)}`);
  return 'unreadable' in look ? head.join('\n') : [...head, '', explainMail(look.explanation)].join('\n');
}
const HEAD = 12;

function agentWords({ agent }: MailLine): string {
  if (agent === null) return 'needs none';
  const reason = agent.reason === null ? '' : `: ${agent.reason}`;
  return `seen by ${agent.by} on ${agent.at}${reason}`;
}

function lookWords(look: MailLook | Unreadable): readonly (readonly [string, string])[] {
  if ('unreadable' in look) return [['content', look.unreadable]];
  return [
    ...(look.automatic
      ? ([['content', 'a machine or a list sent it; its words are read below as if a person had']] as const)
      : []),
    ...(look.sealed ? ([['content', 'its words are encrypted or packed']] as const) : []),
  ];
}
