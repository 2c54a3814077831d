import { importDirectory, readDirectory } from '../../../directory/import.ts';
import { importEntry } from '../../../directory/import-entry.ts';
import { listWorkspaces } from '../../../directory/list.ts';
import { referenceOf } from '../../../domain/ids.ts';
import { mailOf } from '../customer.ts';
import type { Stage } from '../stage.ts';
import { ask, confirm, gotMail, type Story, waitAndPurge } from '../story.ts';
import { DemoStuck } from '../wait.ts';

const ROWS = { workspaceId: 'Jw5dEu0GkM' };

/** Confirmed and held until the directory says that the invoice is settled; the grace then runs in full. */
export const openInvoice: Story = {
  title: 'An open invoice',
  intro: 'Jonas owns initech-eu and wants to leave. One invoice is open: first things first.',
  deletes: [ROWS],
  async play(stage) {
    const { jonas } = stage.people;
    const { checks } = stage;
    const before = await stage.countRows('rows of the workspace initech-eu', ROWS);
    const { outcome, ticket } = await ask(stage, { from: 'jonas', subject: 'Goodbye', text: REQUEST });
    const verified = await confirm(stage, 'jonas', mailOf(outcome, 'verify_request', jonas.address));
    const held = await stage.standing(ticket);
    checks.holds(
      'Jonas: the open invoice holds his confirmed request, and he is told what to settle',
      held.holds.join() === 'billing' &&
        held.graceEndsAt === null &&
        gotMail(verified, 'blocked', jonas.address),
      `${held.state}, on hold: ${held.holds.join(', ') || 'nothing'}`,
    );
    await stage.moveClock('three days pass; the request waits', { byMs: 3 * 86_400_000 });
    await settleInvoice(stage);
    await stage.moveClock('a minute later the desk looks again', { byMs: 60_000 });
    const released = await stage.standing(ticket);
    checks.equals(
      `Jonas: once it is paid, the grace of ${referenceOf(ticket)} starts by itself`,
      released.state,
      'grace',
    );
    await waitAndPurge(stage, ticket, { name: 'Jonas', rows: ROWS, before });
  },
};

const REQUEST = 'Hello,\n\nwe are leaving. Please delete our workspace initech-eu.\n\nJonas Keller';

/** The nightly export of the billing system, as `purgedesk directory import` takes it. */
async function settleInvoice(stage: Stage): Promise<void> {
  const all = await listWorkspaces(stage.desk.db, { limit: 100 });
  const entries = all
    .filter((workspace) => workspace.id === ROWS.workspaceId)
    .map((workspace) => importEntry({ ...workspace, blockers: [] }));
  const read = readDirectory(JSON.stringify({ workspaces: entries }), 'json');
  if ('problems' in read) throw new DemoStuck(`the directory file is refused: ${read.problems.join('; ')}`);
  const report = await importDirectory(stage.desk.db, read.workspaces, { dryRun: false });
  if (report.problems.length > 0) throw new DemoStuck(`the import is refused: ${report.problems.join('; ')}`);
  await stage.note(`The invoice is paid: an import of the directory changes ${report.changed} workspace.`);
}
