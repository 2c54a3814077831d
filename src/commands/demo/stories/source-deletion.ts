import { addDays, startOfDay } from '../../../domain/calendar.ts';
import { mailOf } from '../customer.ts';
import { ask, confirm, gotMail, type Story, waitAndPurge } from '../story.ts';

/** The whole journey: a form, a code, the grace with a question in the middle, the purge. */
export function sourceDeletion(today: string): Story {
  const [from, to] = [addDays(today, -150), addDays(today, -61)];
  const rows = {
    workspaceId: '9f8KqLw2Zr',
    sourceId: 'src_4hTz81',
    receivedFrom: startOfDay(from),
    receivedBefore: startOfDay(addDays(to, 1)),
  };
  return {
    title: 'One source, ninety days',
    intro:
      'Ada owns the workspace acme-inc. Her consent banner was broken for ninety days, and what it collected has to go.',
    deletes: [rows],
    async play(stage) {
      const { ada, tom } = stage.people;
      const before = await stage.countRows('rows of Website Prod in these ninety days', rows);
      const { outcome, ticket } = await ask(stage, {
        from: 'ada',
        subject: 'Data deletion request',
        text: formMail(from, to),
      });
      const verified = await confirm(stage, 'ada', mailOf(outcome, 'verify_request', ada.address));
      const notice = mailOf(verified, 'owner_notice', tom.address);
      await stage.moveClock('two days pass', { byMs: 2 * 86_400_000 });
      const status = await stage.write({ from: 'tom', answers: notice, text: QUESTION });
      const { state } = await stage.standing(ticket);
      stage.checks.holds(
        'Ada: Tom, an admin, asks in the middle of the grace and is told how it stands',
        gotMail(status, 'status', tom.address) && state === 'grace',
        `the ticket is ${state} and Tom got ${status.caused.map((mail) => mail.template).join(', ') || 'nothing'}`,
      );
      stage.checks.equals(
        'Ada: in the middle of the grace every row is still there',
        await stage.countRows('meanwhile', rows),
        before,
      );
      await waitAndPurge(stage, ticket, { name: 'Ada', rows, before, telling: { inFull: ['completed'] } });
    },
  };
}

const formMail = (from: string, to: string): string =>
  [
    'Hello,',
    '',
    'our consent banner was broken for three months, so we must not keep what it collected. Please delete:',
    '',
    'Workspace slug: acme-inc',
    'Source: Website Prod',
    `Time frame: ${from} to ${to}`,
    '',
    'Thank you',
    'Ada Lovell',
  ].join('\n');

const QUESTION = 'Hello,\n\nI am an admin here: how far is this? Has anything been deleted yet?\n\nTom';
