/**
 * Two tickets may be about the same data: a whole workspace, and one source or user of it. Their steps go one after the
 * other, for a step must explain by its own deletions what vanished since it counted. Where one was left half-way and
 * the other went on, what that one deleted explains it too; what nobody of ours deleted is explained by nothing.
 */
import type { Knex } from 'knex';
import type { PlanStep, Predicate } from '../domain/plan.ts';

/** When a step that waits for another one looks again. */
export const BESIDE_SECONDS = 5;

/** Whether two predicates of one workspace may match the same thing. `false` is certain. */
export function mayOverlap(one: Predicate, other: Predicate): boolean {
  if (one.workspaceId !== other.workspaceId) return false;
  if (areDifferent(one.sourceId, other.sourceId) || areDifferent(one.spaceId, other.spaceId)) return false;
  if (areDifferent(one.projectId, other.projectId) || areApart(one.events, other.events)) return false;
  return (
    !isBefore(one.receivedBefore, other.receivedFrom) && !isBefore(other.receivedBefore, one.receivedFrom)
  );
}

const areDifferent = (one: string | null, other: string | null): boolean =>
  one !== null && other !== null && one !== other;

// Not asked of users: a row may carry one person as its user and another as its anonymous id.
const areApart = (one: readonly string[], other: readonly string[]): boolean =>
  one.length > 0 && other.length > 0 && !one.some((name) => other.includes(name));

/** Both are half-open ranges: what ends where the other begins has nothing in common with it. */
const isBefore = (end: string | null, begin: string | null): boolean =>
  end !== null && begin !== null && Date.parse(end) <= Date.parse(begin);

interface Beside {
  readonly step: PlanStep | null;
  readonly deleted: number;
}

/** Whether another ticket's step that may match the same is being run. Nobody else begins one before the transaction ends. */
export async function isRunBeside(trx: Knex.Transaction, ticketId: number, step: PlanStep): Promise<boolean> {
  const { workspaceId } = step.predicate;
  await trx.raw(ONE_AT_A_TIME, { place: JSON.stringify([step.store, workspaceId]) });
  const { rows } = await trx.raw<{ rows: Beside[] }>(RUN_BESIDE, placeOf(ticketId, step));
  return rows.some((row) => row.step !== null && mayOverlap(step.predicate, row.step.predicate));
}

/** How many of the things that this step may match the steps of other tickets have deleted since it was begun. */
export async function deletedBeside(db: Knex, ticketId: number, step: PlanStep): Promise<number> {
  const { rows } = await db.raw<{ rows: Beside[] }>(DELETED_BESIDE, {
    ...placeOf(ticketId, step),
    no: step.no,
  });
  return rows
    .filter((row) => row.step !== null && takesFrom(row.step, step))
    .reduce((sum, { deleted }) => sum + deleted, 0);
}

/** What has a property cleared stays, and is still there for whoever deletes it. */
const takesFrom = (other: PlanStep, step: PlanStep): boolean =>
  mayOverlap(step.predicate, other.predicate) && (other.action === 'delete' || step.action === 'clear');

const placeOf = (ticketId: number, { store, target, predicate }: PlanStep) => ({
  ticketId,
  store,
  target,
  workspaceId: predicate.workspaceId,
});

const ONE_AT_A_TIME = 'select pg_advisory_xact_lock(hashtextextended(:place, 12))';

const SAME_PLACE = `
  s.ticket_id <> :ticketId and s.store = :store and s.target = :target
    and s.step -> 'predicate' ->> 'workspaceId' = :workspaceId`;

const RUN_BESIDE = `
  select s.step, s.deleted from purge_steps s
  where ${SAME_PLACE} and s.status = 'running' and s.lease_until > clock_timestamp()`;

// Of one that had begun before, nobody can say how much came later: it explains nothing.
const DELETED_BESIDE = `
  select s.step, s.deleted from purge_steps own
  join purge_steps s on s.first_batch_at >= own.started_at and s.last_batch_at >= own.started_at
  where own.ticket_id = :ticketId and own.no = :no and ${SAME_PLACE} and s.deleted > 0`;
