import { expect, test } from 'vitest';

import { isDaemon, isUnattended } from '../../../../src/ingest/understand/intent/unattended.ts';

test.each([
  'noreply',
  'No-Reply',
  'do_not_reply',
  'jira-noreply',
  'no.reply+x=y',
  'noreply-4711',
  'ne-pas-repondre',
])('T50 nobody reads at %s', (local) => {
  expect(isUnattended(`${local}@example.org`)).toBe(true);
});

test.each([
  'MAILER-DAEMON',
  'Mail_Daemon',
  'bounce-7-ada=example.org',
  'desk-bounces',
  'prvs=12=ada',
  'cron',
])('T53 a program writes from %s', (local) => {
  expect(isDaemon(`${local}@example.org`)).toBe(true);
});

test.each(['ada', 'bouncer', 'postmann', 'owner', 'reply', 'nora.reply', 'abuse.victim', 'cronin', 'info'])(
  'a person writes from %s',
  (local) => {
    expect(isDaemon(`${local}@example.org`)).toBe(false);
    expect(isUnattended(`${local}@example.org`)).toBe(false);
  },
);
