import { expect, test } from 'vitest';
import { purgeTasks } from '../../src/purge/run-purge.ts';
import { customerDatabase } from '../purge/customer-database.ts';
import { ACME } from '../purge/fixtures.ts';
import { type Job, NEXT_JOB } from '../purge/real-desk.ts';
import { NEVER } from '../purge/store-contract.ts';
import { policy } from '../tickets/cast.ts';
import { workspaceRequest } from '../tickets/desk.ts';
import { type BrowserDesk, openBrowserDesk, seriousFaults } from './browser.ts';

/** The disk of the store is full once the events are gone and people are to follow. */
const FILL_DISK = `
  create function refuse() returns trigger language plpgsql as $$
    begin raise exception 'no space left' using errcode = '53100'; end $$;
  create trigger full_disk before delete on people for each statement execute function refuse()`;

/** Runs what is queued for purges and due now. */
async function work({ desk, joined }: BrowserDesk): Promise<void> {
  const tasks = purgeTasks(joined.purge);
  const next = NEXT_JOB.replace('order by', 'and j.run_at <= now() order by');
  for (;;) {
    const { rows } = await desk.db.raw<{ rows: readonly Job[] }>(next);
    const [job] = rows;
    if (job === undefined) return;
    await desk.db.raw('delete from graphile_worker._private_jobs where id = ?', [job.id]);
    await tasks[job.task](job.payload, NEVER);
  }
}

test.each([
  { how: 'with scripts', scripts: true },
  { how: 'without scripts, on a phone', scripts: false },
])(
  'a store fails in the middle of a purge, which is halted, let run again and ends with its receipt, $how',
  async ({ scripts }) => {
    await using customers = await customerDatabase();
    await using whole = await openBrowserDesk({
      policy: { ...policy, purgeEnabled: true },
      stores: [customers.store],
    });
    const { desk } = whole;
    const { page, complaints } = await whole.open('approver', { scripts, size: scripts ? 'wide' : 'phone' });
    const here = `${whole.url}/operations`;
    const ticket = await desk.inGrace(workspaceRequest(), false);
    await work(whole);
    await page.goto(here);
    expect(await page.getByText('No purge is under way.').count()).toBe(1);

    await customers.db.raw(FILL_DISK);
    await desk.outlast(await desk.ticket(ticket.id));
    await work(whole);
    expect(await customers.db('events').where({ workspace_id: ACME })).toEqual([]);
    // With scripts the page hears of it by itself.
    if (!scripts) await page.reload();
    await page.getByRole('link', { name: `PD-${ticket.id}` }).waitFor();
    const store = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'archive' }) });
    // It may hear of the purge before the store has failed.
    await store.filter({ hasText: 'failure' }).waitFor();
    expect(await store.innerText()).toMatch(/failing\s.*1 failure in a row \(PD_STORE_FAILED\)/s);

    await page.getByLabel('Why all purges must stop').fill('Its disk is full, I look first');
    await page.getByRole('button', { name: 'Halt all purges' }).click();
    await page.getByRole('status').getByText('All purges are halted').waitFor();
    if (scripts) expect(await seriousFaults(page)).toEqual([]);

    await customers.db.raw('drop trigger full_disk on people');
    await page.getByRole('link', { name: 'Release… archive' }).click();
    await page.getByLabel('Why').fill('There is space again');
    await page.getByLabel('To go on, type').fill('profiles');
    await page.getByRole('button', { name: 'Release the store' }).click();
    expect(await page.locator('#confirmation-error').innerText()).toBe('Type archive to go on.');
    await page.getByLabel('To go on, type').fill('archive');
    await page.getByRole('button', { name: 'Release the store' }).click();
    await page.waitForURL(`${here}#stores`);
    await work(whole);
    expect((await desk.ticket(ticket.id)).state).toBe('purging');
    expect(await customers.db('people').where({ workspace_id: ACME })).not.toEqual([]);

    await page.getByRole('link', { name: 'Let purges run again…' }).click();
    await page.getByLabel('Why').fill('The disk was enlarged');
    await page.getByLabel('To go on, type').fill('resume purges');
    await page.getByRole('button', { name: 'Let purges run again' }).click();
    await page.waitForURL(here);
    expect(await page.getByText('All purges are halted').count()).toBe(0);
    await work(whole);
    expect((await desk.ticket(ticket.id)).state).toBe('completed');
    expect(await desk.db('receipts').where({ ticket_id: ticket.id })).toHaveLength(1);
    expect(await customers.db('people').where({ workspace_id: ACME })).toEqual([]);
    if (!scripts) await page.reload();
    await page.getByText('No purge is under way.').waitFor();
    // Chromium reports the answer to a form that was refused.
    expect(complaints.filter((line) => !line.includes('status of 422'))).toEqual([]);
  },
);
