import { describe, expect, test } from 'vitest';
import { ALARM_CODES, DUTIES, inShort, LIMITS, standingAlarms } from '../../../src/commands/watch/alarms.ts';
import type { WatchFacts } from '../../../src/commands/watch/facts.ts';

const BOX = { account: 'imap.example:993/desk', folder: 'INBOX' };
const WATCHED = { mailboxes: [BOX], sinceStart: 3_600 };

const facts = (over: Partial<WatchFacts> = {}): WatchFacts => ({
  mailboxes: [{ name: 'main', ...BOX, silentSeconds: 4, lastError: null, isHeld: true }],
  oldestPendingSeconds: 1,
  oldestOutboxSeconds: null,
  oldestTicketSeconds: null,
  oldestJobSeconds: 2,
  jobsFailed: 0,
  oldestDeliverySeconds: null,
  duties: Object.keys(DUTIES).map((name) => ({ name, seconds: 40, failures: 0, lastError: null })),
  roles: { ingest: 1, work: 2, web: 1 },
  isHalted: false,
  brakedStores: [],
  isSilenced: false,
  nearDeadline: 0,
  quarantines: [],
  brokenChains: 0,
  ...over,
});

const said = (over: Partial<WatchFacts>, watched = WATCHED) =>
  standingAlarms(facts(over), watched).map(({ sentence }) => sentence);

test('nothing is said while all is well', () => {
  expect(standingAlarms(facts(), WATCHED)).toEqual([]);
});

describe('each fault has its alarm', () => {
  const late = { ...facts().duties[0]!, seconds: 301, failures: 4, lastError: '57014' };
  const cases: readonly (readonly [string, Partial<WatchFacts>, string])[] = [
    ['no_ingest', { roles: { work: 1 } }, 'No process that reads mail is running.'],
    ['no_work', { roles: { ingest: 1 } }, 'No process that handles mails and jobs is running.'],
    [
      'mailbox_silent',
      { mailboxes: [{ ...facts().mailboxes[0]!, silentSeconds: 61_200, lastError: 'PD_MAILBOX_LOGIN' }] },
      'Mailbox main was not read through for 17 hours; the last fault was PD_MAILBOX_LOGIN.',
    ],
    [
      'mails_waiting',
      { oldestPendingSeconds: 301 },
      'The oldest mail that is not handled yet waits for 5 minutes.',
    ],
    [
      'tickets_waiting',
      { oldestTicketSeconds: 1_000 },
      'The oldest ticket whose time has come waits for 17 minutes.',
    ],
    [
      'replies_waiting',
      { oldestOutboxSeconds: 1_000 },
      'The oldest mail that could go out waits for 17 minutes.',
    ],
    ['jobs_waiting', { oldestJobSeconds: 260_000 }, 'The oldest job that could run waits for 3 days.'],
    ['jobs_failed', { jobsFailed: 1 }, '1 job failed for good and is not tried again.'],
    [
      'deliveries_waiting',
      { oldestDeliverySeconds: 4_000 },
      'The oldest news for another system that could go out waits for 67 minutes.',
    ],
    [
      'duty_late',
      { duties: [late, ...facts().duties.slice(1)] },
      'The duty tick was not done for 5 minutes; the last fault was 57014.',
    ],
    ['deadline_near', { nearDeadline: 2 }, '2 open tickets are near or past the deadline.'],
    ['audit_broken', { brokenChains: 1 }, 'The last check of the audit chains found 1 problem.'],
    [
      'purges_quarantined',
      { quarantines: ['clock_jump'] },
      'The clock of the database jumped, so the desk itself halted all purges.',
    ],
    ['store_braked', { brakedStores: ['archive'] }, 'The store archive is braked.'],
    ['purges_halted', { isHalted: true }, 'All purges are halted.'],
    ['replies_silenced', { isSilenced: true }, 'The desk is silent to people who are not verified.'],
  ];

  test.each(cases)('%s', (code, over, sentence) => {
    const alarms = standingAlarms(facts(over), WATCHED);
    expect(alarms.map((alarm) => [alarm.code, alarm.sentence])).toEqual([[code, sentence]]);
  });

  test('and there is no other', () => {
    expect(cases.map(([code]) => code).sort()).toEqual([...ALARM_CODES].sort());
  });
});

test('a mailbox that nobody has ever read is silent from the start, and one of a former configuration is nobody’s', () => {
  const other = { ...facts().mailboxes[0]!, folder: 'Former', silentSeconds: 9e6 };
  expect(said({ mailboxes: [other] }, { ...WATCHED, sinceStart: 100 })).toEqual([]);
  expect(said({ mailboxes: [other] })).toEqual(['Mailbox new was not read through for 60 minutes.']);
  const unread = { ...facts().mailboxes[0]!, silentSeconds: null };
  expect(said({ mailboxes: [unread] })).toEqual(['Mailbox main was not read through for 60 minutes.']);
});

test('whoever has just started misses nobody yet', () => {
  const start = { ...WATCHED, sinceStart: LIMITS.start };
  expect(said({ roles: {}, duties: [] }, start)).toEqual([]);
  expect(said({ roles: {}, duties: [] }).length).toBeGreaterThan(2);
});

test('the log names them in short', () => {
  const alarms = standingAlarms(facts({ brakedStores: ['archive', 'crm'], isHalted: true }), WATCHED);
  expect(inShort(alarms)).toBe('store_braked(archive) store_braked(crm) purges_halted');
});
