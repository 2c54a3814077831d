/** From facts to alarms: what a person must look at. Pure. docs/operations.md has a runbook for each code. */
import type { WatchFacts } from './facts.ts';

/** `problem`: customers wait, or may come to. `warning`: something is held back on purpose, or fails and is tried again. */
export type Severity = 'problem' | 'warning';

export const ALARMS = {
  no_ingest: 'problem',
  no_work: 'problem',
  mailbox_silent: 'problem',
  mails_waiting: 'problem',
  tickets_waiting: 'problem',
  replies_waiting: 'problem',
  jobs_waiting: 'problem',
  jobs_failed: 'warning',
  deliveries_waiting: 'warning',
  duty_late: 'problem',
  deadline_near: 'warning',
  audit_broken: 'problem',
  purges_quarantined: 'problem',
  store_braked: 'warning',
  purges_halted: 'warning',
  replies_silenced: 'warning',
} as const satisfies Record<string, Severity>;

export type AlarmCode = keyof typeof ALARMS;
export const ALARM_CODES = Object.keys(ALARMS) as readonly AlarmCode[];

export interface StandingAlarm {
  readonly code: AlarmCode;
  readonly severity: Severity;
  /** Which one, where there are several: the name of a mailbox, a store or a duty. */
  readonly subject: string | null;
  /** For agents and operators; names no person. */
  readonly sentence: string;
}

/** What recurs, and within how many seconds of the last time it counts as late. */
export const DUTIES = {
  tick: 300,
  'replies.breakers': 300,
  'replies.forget': 900,
  'insight.count': 900,
  'drafts.forget': 900,
  'deadlines.remind': 900,
  'deliveries.forget': 900,
  'answers.forget': 900,
  'tries.forget': 900,
  'processes.forget': 900,
  'ledger.adopt': 900,
  'purges.wake': 900,
  'context.due': 900,
  'deliveries.due': 900,
  'context.erase': 26 * 3_600,
} as const satisfies Record<string, number>;

export type Duty = keyof typeof DUTIES;

/** In seconds: for how long each may be so before a person has to know. */
export const LIMITS = {
  mailboxSilent: 15 * 60,
  mails: 5 * 60,
  tickets: 15 * 60,
  replies: 15 * 60,
  jobs: 10 * 60,
  deliveries: 60 * 60,
  /** A desk that has just started is given so long before it misses anybody. */
  start: 120,
} as const;

export interface Watched {
  /** Account and folder of each mailbox of the configuration. */
  readonly mailboxes: readonly { readonly account: string; readonly folder: string }[];
  /** Seconds since this process began to watch. */
  readonly sinceStart: number;
}

/** Every alarm that stands; none = all is well. */
export function standingAlarms(facts: WatchFacts, watched: Watched): readonly StandingAlarm[] {
  const { sinceStart } = watched;
  const started = sinceStart > LIMITS.start;
  const nobody = (role: string) => started && (facts.roles[role] ?? 0) === 0;
  const found: (StandingAlarm | null)[] = [
    nobody('ingest') && watched.mailboxes.length > 0
      ? alarm('no_ingest', null, 'No process that reads mail is running.')
      : null,
    nobody('work') ? alarm('no_work', null, 'No process that handles mails and jobs is running.') : null,
    ...watched.mailboxes.map((box) => silence(facts, box, sinceStart)),
    older(
      facts.oldestPendingSeconds,
      LIMITS.mails,
      'mails_waiting',
      'The oldest mail that is not handled yet waits',
    ),
    older(
      facts.oldestTicketSeconds,
      LIMITS.tickets,
      'tickets_waiting',
      'The oldest ticket whose time has come waits',
    ),
    older(
      facts.oldestOutboxSeconds,
      LIMITS.replies,
      'replies_waiting',
      'The oldest mail that could go out waits',
    ),
    older(facts.oldestJobSeconds, LIMITS.jobs, 'jobs_waiting', 'The oldest job that could run waits'),
    facts.jobsFailed > 0
      ? alarm(
          'jobs_failed',
          null,
          `${count(facts.jobsFailed, 'job')} failed for good and ${is(facts.jobsFailed)} not tried again.`,
        )
      : null,
    older(
      facts.oldestDeliverySeconds,
      LIMITS.deliveries,
      'deliveries_waiting',
      'The oldest news for another system that could go out waits',
    ),
    ...(Object.keys(DUTIES) as Duty[]).map((duty) => lateness(facts, duty, sinceStart)),
    facts.nearDeadline > 0
      ? alarm(
          'deadline_near',
          null,
          `${count(facts.nearDeadline, 'open ticket')} ${is(facts.nearDeadline)} near or past the deadline.`,
        )
      : null,
    facts.brokenChains > 0
      ? alarm(
          'audit_broken',
          null,
          `The last check of the audit chains found ${count(facts.brokenChains, 'problem')}.`,
        )
      : null,
    ...facts.quarantines.map((kind) => alarm('purges_quarantined', kind, QUARANTINES[kind])),
    ...facts.brakedStores.map((store) => alarm('store_braked', store, `The store ${store} is braked.`)),
    facts.isHalted ? alarm('purges_halted', null, 'All purges are halted.') : null,
    facts.isSilenced
      ? alarm('replies_silenced', null, 'The desk is silent to people who are not verified.')
      : null,
  ];
  return found.filter((one) => one !== null);
}

const QUARANTINES = {
  clock_jump: 'The clock of the database jumped, so the desk itself halted all purges.',
  restored: 'The database was restored or moved, so the desk itself halted all purges.',
} as const;

const alarm = (code: AlarmCode, subject: string | null, sentence: string): StandingAlarm => ({
  code,
  severity: ALARMS[code],
  subject,
  sentence,
});

/** Also of a mailbox that nobody has ever read: then since the watch began. */
function silence(
  facts: WatchFacts,
  { account, folder }: Watched['mailboxes'][number],
  sinceStart: number,
): StandingAlarm | null {
  const box = facts.mailboxes.find((one) => one.account === account && one.folder === folder);
  const seconds = box?.silentSeconds ?? sinceStart;
  if (seconds <= LIMITS.mailboxSilent) return null;
  const why = box?.lastError == null ? '' : `; the last fault was ${box.lastError}`;
  const name = box?.name ?? 'new';
  return alarm(
    'mailbox_silent',
    name,
    `Mailbox ${name} was not read through for ${duration(seconds)}${why}.`,
  );
}

function lateness(facts: WatchFacts, duty: Duty, sinceStart: number): StandingAlarm | null {
  const known = facts.duties.find(({ name }) => name === duty);
  const seconds = known?.seconds ?? sinceStart;
  if (seconds <= DUTIES[duty] || sinceStart <= LIMITS.start) return null;
  const why = known?.lastError == null ? '' : `; the last fault was ${known.lastError}`;
  const sentence = `The duty ${duty} was not done for ${duration(seconds)}${why}.`;
  return alarm('duty_late', duty, sentence);
}

const older = (
  seconds: number | null,
  limit: number,
  code: AlarmCode,
  begin: string,
): StandingAlarm | null =>
  seconds === null || seconds <= limit ? null : alarm(code, null, `${begin} for ${duration(seconds)}.`);

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
const is = (n: number): string => (n === 1 ? 'is' : 'are');

function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return count(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? count(hours, 'hour') : count(Math.floor(hours / 24), 'day');
}

/** `store_braked(archive) no_work`: short, for the log. */
export const inShort = (alarms: readonly StandingAlarm[]): string =>
  alarms.map(({ code, subject }) => (subject === null ? code : `${code}(${subject})`)).join(' ');
