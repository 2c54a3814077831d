import { mailOf } from '../customer.ts';
import { ask, confirm, gotMail, type Story, waitAndPurge } from '../story.ts';

const ROWS = { workspaceId: 'm1PgS5rKz4' };

/** A tombstone is found by its ID, and its last owner may still ask. */
export const oldWorkspace: Story = {
  title: 'A workspace that was closed long ago',
  intro: 'Wera closed umbrella-old in 2021, but its data stayed. Only the ID says which one she means.',
  deletes: [ROWS],
  async play(stage) {
    const { wera } = stage.people;
    const before = await stage.countRows('rows of the closed workspace', ROWS);
    const { outcome, ticket } = await ask(stage, {
      from: 'wera',
      subject: 'An old workspace',
      text: REQUEST,
    });
    await confirm(stage, 'wera', mailOf(outcome, 'verify_request', wera.address));
    await waitAndPurge(stage, ticket, { name: 'Wera', rows: ROWS, before });
    const end = await stage.moveClock(
      'the last backup expires',
      { byMs: 36 * 86_400_000 },
      { inFull: ['residue_released'] },
    );
    stage.checks.holds(
      'Wera: once the last backup has expired, a mail says so',
      gotMail(end, 'residue_released', wera.address),
      'no such mail came',
    );
  },
};

const REQUEST = [
  'Hello,',
  '',
  'we closed this workspace years ago, and its data should go as well:',
  '',
  'Workspace ID: m1PgS5rKz4',
  '',
  'Please delete everything in it.',
  '',
  'Wera Novak',
].join('\n');
