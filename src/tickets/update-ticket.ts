import type { Knex } from 'knex';
import { prepared } from '../db/prepared.ts';
import { asRows, groupBy } from '../db/rows.ts';
import { forMany } from '../db/together.ts';

/** The columns that anything may change once a ticket is there, as what they come in a row of JSON. */
const COLUMN_TYPES = {
  scope: 'text',
  request: 'text',
  target: 'text',
  digest: 'text',
  workspace_ids: 'text[]',
  requester: 'text',
  verdict: 'text',
  reasons: 'text[]',
  asks: 'text',
  state: 'text',
  state_since: 'timestamptz',
  verified_at: 'timestamptz',
  grace_started_at: 'timestamptz',
  grace_ends_at: 'timestamptz',
  not_before: 'timestamptz',
  plan: 'text',
  plan_hash: 'text',
  estimate: 'bigint',
  purge_started_at: 'timestamptz',
  closed_at: 'timestamptz',
  reminded_at: 'timestamptz',
  wake_at: 'timestamptz',
  vouched_by: 'text',
  approved_by: 'text[]',
  approvals_wanted: 'integer',
  corrected_by: 'text[]',
  lifted_by: 'text[]',
  residue_wake_at: 'timestamptz',
  residue_told_at: 'timestamptz',
  erased_at: 'timestamptz',
  keeps_addresses: 'boolean',
  audit_seq: 'integer',
  audit_head: 'text',
} as const;

type Column = keyof typeof COLUMN_TYPES;

/** Documents come as text that is JSON already. */
const DOCUMENTS: readonly Column[] = ['request', 'target', 'asks', 'plan'];

/** A ticket's number, and the columns to write. */
type TicketUpdate = { readonly id: number } & Readonly<Partial<Record<string, unknown>>>;

/** Writes columns of one ticket; those of many that write the same ones are one statement. */
export const updateTicket = forMany(async (trx: Knex.Transaction, updates: readonly TicketUpdate[]) => {
  const columnsOf = ({ id: _id, ...columns }: TicketUpdate) => Object.keys(columns).sort().join(' ');
  for (const [columns, rows] of groupBy(updates, columnsOf)) {
    await prepared(trx, statementFor(columns.split(' ')), [asRows(rows)]);
  }
  return updates.map(() => undefined);
});

function statementFor(columns: readonly string[]): string {
  for (const column of columns) {
    if (!isColumn(column)) throw new TypeError(`nothing writes the column ${column} of a ticket`);
  }
  const known = columns.filter(isColumn);
  const value = (column: Column) =>
    DOCUMENTS.includes(column) ? `cast(r.${column} as jsonb)` : `r.${column}`;
  return `
    update tickets t set ${known.map((column) => `${column} = ${value(column)}`).join(', ')}
    from jsonb_to_recordset(cast(? as jsonb)) as r (id bigint, ${known.map((column) => `${column} ${COLUMN_TYPES[column]}`).join(', ')})
    where t.id = r.id`;
}

const isColumn = (name: string): name is Column => name in COLUMN_TYPES;
