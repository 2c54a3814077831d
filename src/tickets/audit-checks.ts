/** Checks of the audit chains that agents ask for. A check reads every chain, so a job does it; one at a time. */
import type { Knex } from 'knex';
import type { AuditReport } from './verify-audit.ts';

export interface AuditCheck {
  /** Desk time, ISO 8601. */
  readonly askedAt: string;
  readonly askedBy: string;
  readonly startedAt: string | null;
  /** `null` = it waits or is under way. */
  readonly finishedAt: string | null;
  readonly tickets: number | null;
  readonly events: number | null;
  readonly anchors: number | null;
  readonly ledgerEntries: number | null;
  /** How many chains, anchors and entries do not hold. */
  readonly problems: number | null;
  /** The first of them, a line each. */
  readonly examples: readonly string[];
  /** To be kept somewhere else, and compared. */
  readonly newestAnchor: string | null;
}

/** Kept of the problems of one check; how many there are is kept beside them. */
const EXAMPLES_MAX = 20;

/** @returns `false` = one is under way already, and nothing was changed */
export async function askAuditCheck(
  db: Knex,
  agent: string,
  enqueue: (trx: Knex.Transaction) => Promise<unknown>,
): Promise<boolean> {
  return db.transaction(async (trx) => {
    const added = await trx.raw<{ rowCount: number }>(ASK, [agent]);
    // Asked again, one whose job was given up begins anew.
    await enqueue(trx);
    return added.rowCount > 0;
  });
}

const ASK = `
  insert into audit_checks (asked_by) values (?) on conflict ((true)) where finished_at is null do nothing`;

/** Does what was asked for, if anything is. Started again after a crash, it begins anew. */
export async function runAuditCheck(
  db: Knex,
  verify: () => Promise<AuditReport & { readonly ledgerEntries: number }>,
): Promise<void> {
  const begun = await db.raw<{ rows: { id: number }[] }>(
    'update audit_checks set started_at = desk_now() where finished_at is null returning id',
  );
  const [check] = begun.rows;
  if (check === undefined) return;
  const report = await verify();
  await db.raw(FINISH, {
    ...report,
    id: check.id,
    problems: report.problems.length,
    examples: report.problems.slice(0, EXAMPLES_MAX),
  });
}

const FINISH = `
  update audit_checks set finished_at = desk_now(), tickets = :tickets, events = :events, anchors = :anchors,
    ledger_entries = :ledgerEntries, problems = :problems, examples = :examples, newest_anchor = :newestAnchor
  where id = :id and finished_at is null`;

/** Newest first. */
export async function listAuditChecks(db: Knex, limit: number): Promise<readonly AuditCheck[]> {
  const found = await db('audit_checks')
    .select<CheckRow[]>(
      'asked_at',
      'asked_by',
      'started_at',
      'finished_at',
      'tickets',
      'events',
      'anchors',
      'ledger_entries',
      'problems',
      'examples',
      'newest_anchor',
    )
    .orderBy('id', 'desc')
    .limit(limit);
  return found.map((row) => ({
    askedAt: row.asked_at.toISOString(),
    askedBy: row.asked_by,
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    tickets: row.tickets,
    events: row.events,
    anchors: row.anchors,
    ledgerEntries: row.ledger_entries,
    problems: row.problems,
    examples: row.examples,
    newestAnchor: row.newest_anchor,
  }));
}

interface CheckRow {
  readonly asked_at: Date;
  readonly asked_by: string;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly tickets: number | null;
  readonly events: number | null;
  readonly anchors: number | null;
  readonly ledger_entries: number | null;
  readonly problems: number | null;
  readonly examples: readonly string[];
  readonly newest_anchor: string | null;
}
