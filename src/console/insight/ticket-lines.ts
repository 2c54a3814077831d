/** The list of tickets for a spreadsheet, a page of the queue at a time. Addresses of customers are not in it. */
import type { Knex } from 'knex';
import { csvLine } from '../../domain/csv.ts';
import { referenceOf, ticketId } from '../../domain/ids.ts';
import type { Cursor, QueueFilter } from '../queue/filter.ts';
import { readQueue, type TicketRow } from '../queue/read-queue.ts';

/** A file that people can still open. Whoever wants more narrows the list. */
const TICKETS_MAX = 10_000;

const HEAD = [
  'ticket',
  'state',
  'on hold because of',
  'scope',
  'workspaces',
  'assignee',
  'requested (UTC)',
  'due (UTC)',
  'grace ends (UTC)',
  'closed (UTC)',
  'overdue',
] as const;

/** Each with its line end. Ends with a line that says so when there are more. */
export async function* ticketLines(db: Knex, filter: QueueFilter, agentId: number): AsyncGenerator<string> {
  yield csvLine(HEAD);
  let after: Cursor | null = null;
  for (let count = 0; count < TICKETS_MAX; ) {
    const { rows, after: next } = await readQueue(db, filter, after, agentId);
    yield rows.map((row) => csvLine(cellsOf(row))).join('');
    count += rows.length;
    if (next === null || rows.length === 0) return;
    after = next;
  }
  yield csvLine([`There are more than ${TICKETS_MAX} tickets: narrow the list.`]);
}

const cellsOf = (row: TicketRow): readonly string[] => [
  referenceOf(ticketId(row.id)),
  row.state,
  row.holds.join(' '),
  row.scope,
  // Of an erased ticket only its number and its dates are left.
  row.erased_at === null ? (row.target?.workspaces.map(({ slug }) => slug).join(' ') ?? '') : '',
  row.assignee ?? '',
  minute(row.requested_at),
  minute(row.due_at),
  minute(row.grace_ends_at),
  minute(row.closed_at),
  row.overdue ? 'yes' : 'no',
];

const minute = (at: Date | null): string => at?.toISOString().slice(0, 16).replace('T', ' ') ?? '';
