import { addDays, startOfDay } from '../../../domain/calendar.ts';
import { codeIn, fillIn, mailOf, otherCode } from '../customer.ts';
import { ask, confirm, gotMail, type Story, waitAndPurge } from '../story.ts';

/** Asked back, answered with the form, a slip with the code, and then the whole way. */
export function incompleteRequest(today: string): Story {
  const [from, to] = [addDays(today, -40), addDays(today, -11)];
  const rows = {
    workspaceId: 'b2XcF9tHv7',
    sourceId: 'src_9hTv12',
    receivedFrom: startOfDay(from),
    receivedBefore: startOfDay(addDays(to, 1)),
  };
  return {
    title: 'Something is missing',
    intro:
      'Hana owns two workspaces and says neither which one she means nor which days. The desk does not guess.',
    deletes: [rows],
    async play(stage) {
      const { hana } = stage.people;
      const { checks } = stage;
      const before = await stage.countRows('rows of TV App in the thirty days that she means', rows);
      const { outcome, ticket } = await ask(stage, { from: 'hana', subject: 'Old data', text: REQUEST });
      checks.equals(
        'Hana: the incomplete request is asked back',
        (await stage.standing(ticket)).state,
        'needs_details',
      );
      const asked = mailOf(outcome, 'needs_details', hana.address);
      const form = fillIn(asked, {
        'Workspace slug or ID': 'hooli',
        Source: 'TV App',
        'First day (UTC)': from,
        'Last day (UTC)': to,
      });
      const answered = await stage.write({ from: 'hana', answers: asked, text: form });
      checks.equals(
        'Hana: the form that she filled in completes it',
        (await stage.standing(ticket)).state,
        'verifying',
      );
      const request = mailOf(answered, 'verify_request', hana.address);
      const slip = await stage.write({
        from: 'hana',
        answers: request,
        text: `${otherCode(codeIn(request))}\n\nHana`,
      });
      checks.holds(
        'Hana: a wrong code confirms nothing',
        gotMail(slip, 'verify_failed', hana.address) && (await stage.standing(ticket)).state === 'verifying',
        'the wrong code was not answered as one',
      );
      await confirm(stage, 'hana', request);
      await waitAndPurge(stage, ticket, { name: 'Hana', rows, before });
    },
  };
}

const REQUEST = 'Good morning,\n\nplease delete the data of our source TV App.\n\nHana';
