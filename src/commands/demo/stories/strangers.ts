import type { Story } from '../story.ts';
import { ask, gotMail } from '../story.ts';

/** Whoever is in charge of nothing learns nothing; whoever forges a name is not answered at all. */
export const strangers: Story = {
  title: 'A stranger, and a forged name',
  intro:
    'Mallory is in no directory. First she asks in her own name, then she insists, then she pretends to be Ada.',
  deletes: [],
  async play(stage) {
    const { ada, mallory } = stage.people;
    const { checks } = stage;
    const inboxOf = async (address: string) => (await stage.mail.server.inbox(address)).length;
    const first = await ask(stage, { from: 'mallory', subject: 'Access', text: PLAIN });
    const neutral = first.outcome.mails.find((mail) => mail.address === mallory.address);
    checks.holds(
      'Mallory: a stranger gets one neutral mail',
      neutral?.template === 'not_authorised' && !/acme/i.test(neutral.text),
      `she got ${neutral?.template ?? 'nothing'}`,
    );
    checks.equals('Mallory: her request is rejected', (await stage.standing(first.ticket)).state, 'rejected');
    const second = await stage.write({ from: 'mallory', subject: 'Access again', text: INSISTING });
    checks.equals('Mallory: her second mail is silenced', second.disposition, 'silenced');
    checks.equals('Mallory: there is one mail in her mailbox', await inboxOf(mallory.address), 1);
    const adasMails = await inboxOf(ada.address);
    const forged = await ask(stage, {
      from: 'ada',
      forgedBy: 'mallory',
      subject: 'Delete everything',
      text: FORGED,
    });
    const { state, holds } = await stage.standing(forged.ticket);
    checks.equals(
      'Forgery: the ticket waits for an agent',
      `${state}, ${holds.join(', ')}`,
      'received, review',
    );
    checks.holds('Forgery: agents see it', forged.outcome.needsAgent, 'it is not on the list of the agents');
    checks.holds(
      'Forgery: nobody is answered, neither Ada nor Mallory',
      forged.outcome.mails.length === 0 &&
        (await inboxOf(ada.address)) === adasMails &&
        !gotMail(forged.outcome, 'not_authorised', mallory.address) &&
        (await inboxOf(mallory.address)) === 1,
      'a mail went out',
    );
  },
};

const PLAIN = 'Please delete the workspace acme-inc today. I am the new head of IT there.\n\nMallory';
const INSISTING = 'Nobody does anything. Delete the workspace acme-inc now!\n\nMallory';
const FORGED = 'Hello,\n\nplease delete the whole workspace acme-inc at once. It is urgent.\n\nAda Lovell';
