/** What recurs: each duty by itself, so that one that fails starves none of the others, and each with a note of its last time. */
import type { Knex } from 'knex';
import { faultCode, firstFrame } from '../../domain/fault.ts';
import type { LogLine } from '../log.ts';
import type { Duty } from './alarms.ts';

export interface DutyRun {
  readonly name: Duty;
  run(): Promise<unknown>;
}

/** Runs them one after the other and notes how each went. @throws the first fault, once all had their turn */
export async function runDuties(db: Knex, log: LogLine, duties: readonly DutyRun[]): Promise<void> {
  const faults: unknown[] = [];
  const ends: { name: string; error: string | null }[] = [];
  for (const { name, run } of duties) {
    try {
      await run();
      ends.push({ name, error: null });
    } catch (error) {
      faults.push(error);
      ends.push({ name, error: faultCode(error) });
      log('error', 'a duty could not be done', { duty: name, code: faultCode(error), at: firstFrame(error) });
    }
  }
  await db.raw(NOTE, [ends.map(({ name }) => name), ends.map(({ error }) => error ?? '')]);
  if (faults.length > 0) throw faults[0];
}

const NOTE = `
  insert into duties as known (name, finished_at, failed_at, failures, last_error)
  select name, case when error is null then clock_timestamp() end,
    case when error is not null then clock_timestamp() end, case when error is null then 0 else 1 end, error
  from (select name, nullif(error, '') as error
    from unnest(cast(? as text[]), cast(? as text[])) as ends (name, error)) as done
  on conflict (name) do update set
    finished_at = coalesce(excluded.finished_at, known.finished_at),
    failed_at = coalesce(excluded.failed_at, known.failed_at),
    failures = case when excluded.failed_at is null then 0 else known.failures + 1 end, last_error = excluded.last_error`;

/** Processes that ended without a word, after a day. */
export const forgetProcesses = (db: Knex): Promise<unknown> =>
  db.raw("delete from processes where seen_at < clock_timestamp() - interval '1 day'");
