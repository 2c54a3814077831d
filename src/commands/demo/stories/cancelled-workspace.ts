import { referenceOf } from '../../../domain/ids.ts';
import { codeIn, linkIn, mailOf } from '../customer.ts';
import type { ReceivedMail } from '../news.ts';
import type { Stage } from '../stage.ts';
import { ask, gotMail, remind, type Story } from '../story.ts';

const ROWS = { workspaceId: 'T3mVx7Bc1Q' };

/** Confirmed on the page behind the link, and stopped by somebody else who is in charge. */
export const cancelledWorkspace: Story = {
  title: 'A workspace, and somebody who says no',
  intro:
    'Priya owns globex and wants all of it gone. Dana is an admin there, hears of it, and still needs the figures.',
  deletes: [],
  async play(stage) {
    const { priya, dana } = stage.people;
    const { checks } = stage;
    const before = await stage.countRows('rows of the workspace globex', ROWS);
    const { outcome, ticket } = await ask(stage, { from: 'priya', subject: 'Goodbye', text: REQUEST });
    await confirmOnPage(stage, mailOf(outcome, 'verify_request', priya.address));
    const verified = await stage.settle();
    checks.equals(
      'Priya: the page behind the link confirms her request',
      (await stage.standing(ticket)).state,
      'grace',
    );
    await remind(stage, ticket);
    const stopped = await stage.write({
      from: 'dana',
      answers: mailOf(verified, 'owner_notice', dana.address),
      text: 'Cancel this, please! We still need these figures for the audit.\n\nDana',
    });
    const reference = referenceOf(ticket);
    checks.equals(
      `Priya: ${reference} is cancelled by Dana`,
      (await stage.standing(ticket)).state,
      'cancelled',
    );
    checks.holds(
      'Priya: both are told that it is cancelled',
      gotMail(stopped, 'cancelled', priya.address) && gotMail(stopped, 'cancelled', dana.address),
      `told: ${stopped.mails.map((mail) => `${mail.template} to ${mail.address}`).join(', ')}`,
    );
    await stage.moveClock('the day on which it would have been deleted comes and goes', {
      byMs: 2 * 86_400_000,
    });
    const left = await stage.countRows('and nothing is gone', ROWS);
    checks.equals('Priya: the cancelled workspace still has all its rows', left, before);
  },
};

const REQUEST =
  'Hi,\n\nwe are closing the shop. Please delete our workspace globex with all its data.\n\nPriya';

/** Looking at the page does nothing, as programs that follow links do; the code and the button confirm. */
async function confirmOnPage(stage: Stage, mail: ReceivedMail): Promise<void> {
  const link = linkIn(mail);
  const [ticket] = mail.ticketIds;
  const looked = await fetch(link, { signal: stage.signal });
  const stateOf = async () =>
    (
      await stage.desk
        .db('tickets')
        .select<{ state: string }[]>('state')
        .where({ id: ticket ?? 0 })
        .first()
    )?.state;
  const state = await stateOf();
  stage.checks.holds(
    'Priya: opening the link alone confirms nothing',
    looked.status === 200 && state === 'verifying',
    `the page answered ${looked.status} and the ticket is ${state}`,
  );
  await stage.note('Priya opens the link of the mail: the page asks for the code. Looking changes nothing.');
  const pressed = await fetch(link, {
    method: 'POST',
    body: new URLSearchParams({ code: codeIn(mail) }),
    signal: stage.signal,
  });
  await pressed.text();
  stage.checks.equals('Priya: the page takes the code of the mail', pressed.status, 200);
  await stage.note('She types the six digits and presses the button.');
}
