/** What no job looks after any more: a queue gives a job up after so many failures, and a purge must not end with it. */
import { ticketId } from '../domain/ids.ts';
import type { PurgePorts } from './ports.ts';
import { enqueueStep } from './step-run.ts';

/**
 * Of a purge that has no step left to do, any one: its job then finishes the purge. No lease is as long as an hour: such
 * a one was taken while the clock was ahead.
 */
const STRANDED_STEPS = `
  select due.ticket_id, due.no from (
    select distinct on (s.ticket_id) s.ticket_id, s.no, s.lease_until
    from purge_steps s join tickets t on t.id = s.ticket_id
    where t.state = 'purging'
      and not exists (select from holds h where h.ticket_id = t.id and h.lifted_at is null)
    order by s.ticket_id, s.status = 'done', s.no
  ) due
  where (due.lease_until is null or due.lease_until <= now() or due.lease_until > now() + interval '1 hour')
    and not exists (select from graphile_worker.jobs j
      where j.key like 'step:' || due.ticket_id || ':%' and j.attempts < j.max_attempts)
  order by due.ticket_id limit 1000`;

const STRANDED_REHEARSALS = `
  select id from tickets t
  where state in ('approval', 'grace') and plan_hash is null
    and not exists (select from holds h where h.ticket_id = t.id and h.lifted_at is null)
    and not exists (select from graphile_worker.jobs j
      where j.key = 'rehearse:' || t.id and j.attempts < j.max_attempts)
  order by id limit 1000`;

/**
 * Gives a new job to every purge and rehearsal that could go on and has none. A purge on hold, or halted, is woken by its
 * release; one whose step somebody runs needs none.
 * @returns how many there were
 */
export function wakeStranded(ports: Pick<PurgePorts, 'db' | 'enqueue' | 'log'>): Promise<number> {
  return ports.db.transaction(async (trx) => {
    const halted = await trx('purge_switch').whereNotNull('halted_at').first('halted_at');
    const steps =
      halted === undefined ? await trx.raw<Found<{ ticket_id: number; no: number }>>(STRANDED_STEPS) : NONE;
    for (const { ticket_id, no } of steps.rows) await enqueueStep(ports, trx, ticketId(ticket_id), no);
    const rehearsals = await trx.raw<Found<{ id: number }>>(STRANDED_REHEARSALS);
    for (const { id } of rehearsals.rows) {
      await ports.enqueue(trx, 'purge.rehearse', { ticketId: id }, `rehearse:${id}`);
    }
    const count = steps.rows.length + rehearsals.rows.length;
    if (count > 0) ports.log('warn', 'purges had lost their jobs and go on', { purges: count });
    return count;
  });
}

interface Found<Row> {
  readonly rows: readonly Row[];
}

const NONE = { rows: [] } as const;
