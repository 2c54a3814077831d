/** What will be deleted where, or was: counts, what is left alone, what stays, and how far a purge is. */
import { dayOf } from '../../domain/calendar.ts';
import { type Residue, residueEnd } from '../../domain/policy.ts';
import { plain } from '../../domain/words.ts';
import type { Caps, Progress } from './ports.ts';
import type { StepRow, TicketRecord } from './read-ticket.ts';
import { counted, number } from './what-is-asked.ts';

export interface PlanPanel {
  /** `null` = there is a plan. */
  readonly none: string | null;
  readonly lead: string;
  readonly warning: string | null;
  readonly steps: readonly StepView[];
  readonly moreSteps: string | null;
  readonly exclusions: readonly string[];
  readonly stays: readonly string[];
  readonly progress: ProgressView | null;
  readonly isDone: boolean;
}

interface ProgressView {
  readonly percent: number;
  readonly words: string;
  readonly label: string;
  readonly isRunning: boolean;
}

interface StepView {
  readonly no: number;
  readonly store: string;
  readonly target: string;
  readonly action: string;
  readonly estimate: string;
  readonly deleted: string;
  readonly remaining: string;
  readonly status: { readonly label: string; readonly tone: string };
  readonly trouble: string | null;
  /** Of a step that runs. */
  readonly percent: number | null;
}

const STEPS_SHOWN = 60;
const LINES_SHOWN = 40;

export function planPanel(record: TicketRecord, caps: Caps, progress: Progress | null): PlanPanel {
  const { ticket, steps, stepCount } = record;
  const total = ticket.estimate ?? steps.reduce((sum, { estimate }) => sum + estimate, 0);
  const hasPlan = ticket.plan_hash !== null || steps.length > 0;
  const isDone = ticket.state === 'completed';
  return {
    none: hasPlan ? null : (NO_PLAN[ticket.state] ?? 'There is no plan.'),
    lead: isDone
      ? `${number(steps.reduce((sum, { deleted }) => sum + deleted, 0))} records were deleted, in ${counted(stepCount, 'step')}.`
      : `About ${number(total)} records in ${counted(stepCount, 'step')}, as the rehearsal counted. One ticket may delete ${number(caps.ticket)} without a review, all together ${number(caps.day)} a day.`,
    warning: ticket.over_cap && !isDone ? 'It deletes more than the cap allows without a review.' : null,
    steps: steps.slice(0, STEPS_SHOWN).map((step) => stepView(step, progress)),
    moreSteps: stepCount > STEPS_SHOWN ? number(stepCount - STEPS_SHOWN) : null,
    exclusions: (ticket.exclusions ?? []).slice(0, LINES_SHOWN).map(plain),
    stays: (ticket.residue ?? [])
      .slice(0, LINES_SHOWN)
      .map((residue) => staysInWords(residue, ticket.closed_at)),
    progress:
      progress === null
        ? null
        : {
            percent: progress.percent,
            words: progress.words,
            label: 'How far it is',
            isRunning: progress.isRunning,
          },
    isDone,
  };
}

const NO_PLAN: Readonly<Record<string, string>> = {
  received: 'Nothing is planned yet: the request was not taken so far.',
  needs_details: 'Nothing is planned yet: details are missing.',
  verifying: 'Nothing is planned yet: the plan is rehearsed once the code is answered.',
  approval: 'The rehearsal is under way.',
  grace: 'The rehearsal is under way.',
  cancelled: 'It was cancelled before anything was planned.',
  rejected: 'It was rejected before anything was planned.',
  expired: 'It expired before anything was planned.',
};

const ACTIONS: Readonly<Record<string, string>> = { delete: 'delete', clear: 'clear properties' };
const STATUS: Readonly<Record<string, { readonly label: string; readonly tone: string }>> = {
  waiting: { label: 'Waits', tone: 'quiet' },
  running: { label: 'Runs', tone: 'info' },
  done: { label: 'Done', tone: 'good' },
  failed: { label: 'Failed', tone: 'risk' },
};

function stepView(step: StepRow, progress: Progress | null): StepView {
  const { status, attempts, last_error: error, accepted_count: accepted } = step;
  const isDue = progress?.step === step.no;
  const trouble = [
    error === null || status === 'done' ? null : `${plain(error)}`,
    attempts > 1 && status !== 'done' ? `${attempts} attempts` : null,
    accepted === null ? null : `${number(accepted)} left there, as an agent accepted`,
  ].filter((part) => part !== null);
  return {
    no: step.no,
    store: plain(step.store),
    target: plain(step.target),
    action: step.action === null ? '' : (ACTIONS[step.action] ?? step.action),
    estimate: number(step.estimate),
    deleted: number(step.deleted),
    remaining: step.remaining === null ? '' : number(step.remaining),
    status: STATUS[status] ?? { label: status, tone: 'quiet' },
    trouble: trouble.length === 0 ? null : trouble.join(', '),
    percent: isDue && status === 'running' ? (progress?.percent ?? null) : null,
  };
}

/** "Backup copies: they let us restore the service after a failure; until 2026-12-31 at the latest" */
function staysInWords(residue: Residue, closedAt: Date | null): string {
  const { what, why, legalBasis, retentionDays, rollingDays } = residue;
  const basis = legalBasis === null ? '' : ` (${plain(legalBasis)})`;
  const last = closedAt === null ? null : residueEnd(residue, closedAt);
  const days = retentionDays ?? rollingDays;
  const end =
    last !== null
      ? `until ${dayOf(new Date(last))} at the latest`
      : days !== null
        ? `for ${counted(days, 'day')} after the deletion at the most`
        : 'on a rolling schedule without a date';
  return `${plain(what)}: ${plain(why)}${basis}; ${end}`;
}
