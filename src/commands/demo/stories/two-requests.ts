import { referenceOf } from '../../../domain/ids.ts';
import { mailOf } from '../customer.ts';
import { confirm, type Story, waitAndPurge } from '../story.ts';
import { DemoStuck } from '../wait.ts';

const ROWS = { workspaceId: 'h4NzR8sYp6' };

/** Each request is judged alone: what is not allowed stops nothing that is. */
export const twoRequests: Story = {
  title: 'Two wishes in one mail',
  intro: 'Luis is an admin of globex-labs. He has nothing to say in acme-inc, which he names as well.',
  deletes: [ROWS],
  async play(stage) {
    const { luis, priya } = stage.people;
    const { checks } = stage;
    const before = await stage.countRows('rows of the workspace globex-labs', ROWS);
    const asked = await stage.write({ from: 'luis', subject: 'Two things', text: REQUEST });
    const [own, foreign] = asked.opened;
    if (own === undefined || foreign === undefined)
      throw new DemoStuck('two requests did not open two tickets');
    const states = [(await stage.standing(own)).state, (await stage.standing(foreign)).state];
    checks.equals(
      'Luis: one request goes on, the other is rejected',
      states.join(', '),
      'verifying, rejected',
    );
    checks.equals('Luis: one mail answers both', asked.caused.length, 1);
    const request = mailOf(asked, 'verify_request', luis.address);
    checks.holds(
      'Luis: the answer does not tell whether acme-inc exists',
      !/acme/i.test(request.text),
      'the answer names the workspace that he is not in charge of',
    );
    const verified = await confirm(stage, 'luis', request);
    checks.holds(
      'Luis: Priya, who owns globex-labs, hears of it at once',
      verified.mails.some((mail) => mail.template === 'owner_notice' && mail.address === priya.address),
      'the owner got no notice',
    );
    await waitAndPurge(stage, own, { name: 'Luis', rows: ROWS, before });
    const { state } = await stage.standing(foreign);
    checks.equals(`Luis: ${referenceOf(foreign)} stays rejected`, state, 'rejected');
  },
};

const REQUEST = [
  'Hello,',
  '',
  'two things please:',
  '',
  '1. Delete the workspace globex-labs.',
  '2. Delete the workspace acme-inc as well.',
  '',
  'Luis',
].join('\n');
