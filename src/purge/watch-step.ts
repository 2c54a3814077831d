import type { PurgePorts } from './ports.ts';

/** Why a running step was broken off from outside of its job. */
export type BrokenOff = 'halted' | 'braked' | 'taken_over' | 'unseen';

/** Looks after a running step until it is disposed of. */
export interface Watch extends Disposable {
  readonly signal: AbortSignal;
  /** `null` = nothing broke the step off. */
  because(): BrokenOff | null;
}

/** Which step, and who runs it. */
export interface Watched {
  readonly ticketId: number;
  readonly no: number;
  readonly run: string;
}

/**
 * Renews the lease of a step and looks at the switch and at brakes set by hand, every second and on each notification,
 * also while one long call is under way. When it sees one of them, or cannot look, it aborts its signal: a run that no
 * switch can reach must not go on.
 */
export function watchStep(ports: PurgePorts, watched: Watched): Watch {
  const controller = new AbortController();
  let because: BrokenOff | null = null;
  let renewedAt = performance.now();
  let seenAt = renewedAt;
  let looking = false;
  const breakOff = (why: BrokenOff) => {
    because ??= why;
    controller.abort(new Error(`a step was broken off: ${why}`));
  };
  const look = async () => {
    if (looking || controller.signal.aborted) return;
    looking = true;
    const unseen = setTimeout(() => breakOff('unseen'), ports.pace.lookMsMax);
    const renews = performance.now() - renewedAt >= ports.pace.heartbeatMs;
    try {
      const seen = await lookOnce(ports, watched, renews);
      seenAt = performance.now();
      if (renews) renewedAt = seenAt;
      if (seen !== null) breakOff(seen);
    } catch {
      // A connection that was lost is opened again by the next look.
      if (performance.now() - seenAt >= ports.pace.lookMsMax) breakOff('unseen');
    } finally {
      clearTimeout(unseen);
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), ports.pace.lookMs);
  const stopListening = ports.onSwitch?.(() => void look());
  return {
    signal: controller.signal,
    because: () => because,
    [Symbol.dispose]: () => {
      clearInterval(timer);
      stopListening?.();
    },
  };
}

interface LookRow {
  readonly halted: boolean;
  readonly braked: boolean;
}

async function lookOnce(
  { db, pace }: PurgePorts,
  { ticketId, no, run }: Watched,
  renews: boolean,
): Promise<BrokenOff | null> {
  const step = { ticketId, no, run, lease: pace.leaseSeconds };
  const found = await db.raw<{ rows: LookRow[] }>(renews ? RENEW : LOOK, step);
  const [row] = found.rows;
  if (row === undefined) return 'taken_over';
  if (row.halted) return 'halted';
  return row.braked ? 'braked' : null;
}

const SEEN = `
  (select halted_at is not null from purge_switch) as halted,
  exists (select from store_brakes b where b.store = s.store and b.closed_at is null and b.set_by is not null) as braked`;
const OURS = `s.ticket_id = :ticketId and s.no = :no and s.status = 'running' and s.checkpoint ->> 'run' = :run`;

const LOOK = `select ${SEEN} from purge_steps s where ${OURS}`;

/** The lease of the step and, for a run that tries a braked store, its turn. */
const RENEW = `
  with probing as (
    update store_brakes set probe_at = now() + make_interval(secs => :lease) where prober = :run and closed_at is null
  )
  update purge_steps s set lease_until = now() + make_interval(secs => :lease) where ${OURS} returning ${SEEN}`;
