/** A request that the desk could not read in full: corrected by one person, confirmed by the customer, approved by two others. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Desk } from '../../src/commands/desk.ts';
import { PurgedeskError } from '../../src/domain/errors.ts';
import { purgeTasks } from '../../src/purge/run-purge.ts';
import { linkTokenOf } from '../../src/verify/challenge.ts';
import { fillCustomers } from '../purge/customer-database.ts';
import { type Job, openRealDesk } from '../purge/real-desk.ts';
import { NEVER } from '../purge/store-contract.ts';
import { policy } from '../tickets/cast.ts';
import { ada, sourceRequest } from '../tickets/desk.ts';
import { type BrowserDesk, openBrowserDesk, seriousFaults, type Window } from './browser.ts';

const twoPeople = { ...policy, review: 'all', approvals: 2 } as const;
let desk: BrowserDesk;
/** The process that carries out purges, beside the one of the pages. */
let worker: Desk;
/** What the customers' database answers instead of deleting. */
let fault: PurgedeskError | null = null;

beforeAll(async () => {
  desk = await openBrowserDesk({ policy: twoPeople });
  const { db, url: databaseUrl, deps } = desk.desk;
  const { store } = await fillCustomers(db, databaseUrl);
  const key = Buffer.from(deps.key);
  worker = openRealDesk({ databaseUrl, key, policy: twoPeople, stores: [store], crashAt: null });
}, 60_000);
afterAll(async () => {
  await worker.close();
  await desk[Symbol.asyncDispose]();
});

/** Runs what is queued for purges and due, until nothing is. */
async function work(): Promise<void> {
  const stores: Desk['purge']['stores'] = {
    ...worker.purge.stores,
    get: (name) => {
      const store = worker.purge.stores.get(name);
      return fault === null ? store : { ...store, erase: () => Promise.reject(fault) };
    },
  };
  const tasks = purgeTasks({ ...worker.purge, stores });
  const { db } = desk.desk;
  for (let jobs = 0; jobs < 50; jobs++) {
    const { rows } = await db.raw<{ rows: readonly Job[] }>(DUE_JOB);
    const [job] = rows;
    if (job === undefined) return;
    await db.raw('delete from graphile_worker._private_jobs where id = ?', [job.id]);
    await tasks[job.task](job.payload, NEVER);
  }
}

const DUE_JOB = `
  select j.id, t.identifier as task, j.payload
  from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
  where t.identifier like 'purge.%' and j.run_at <= now() order by j.id limit 1`;

/** The customer opens the link of the newest mail and types its code. */
async function confirmAs(customer: Window): Promise<void> {
  const asked = (await desk.desk.outbox()).findLast((mail) => mail.facts.challenge !== null);
  const token = linkTokenOf(Buffer.from(desk.desk.deps.key), asked!.facts.challenge!.id);
  await customer.page.goto(`${desk.url}/c/${token}`);
  await customer.page
    .getByLabel(/code/i)
    .first()
    .fill(await desk.desk.code());
  await customer.page.locator('form button').click();
}

/** A browser also tells of forms that were refused, and of what it broke off because its reader went on. */
const isFault = (complaint: string): boolean =>
  !complaint.includes('status of 422') && !complaint.startsWith('failed: ');

test.each([{ scripts: true }, { scripts: false }])(
  'an incomplete request is fixed by one person and approved by two, scripts: $scripts',
  async ({ scripts }) => {
    await desk.desk.pass(25);
    await desk.desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest({ source: null })] });
    const { id } = await desk.desk.ticket();
    const reference = `PD-${id}`;
    const ticket = `${desk.url}/tickets/${reference}`;
    const windows: Window[] = [];
    const sit = async (name: string) => {
      const window = await desk.open('approver', { scripts, name: `${name} ${scripts}` });
      windows.push(window);
      await window.page.goto(ticket);
      return window.page;
    };
    const isSound = async ({ page }: Window) => {
      if (scripts) expect(await seriousFaults(page)).toEqual([]);
    };

    const sam = await sit('Sam');
    await sam.getByRole('link', { name: 'Correct the request' }).click();
    await isSound(windows[0]!);
    await sam.getByLabel('Why').fill('the table in the mail names it');
    await sam.getByLabel('Source').selectOption('iOS App, in Acme Inc (acme-inc)');
    await sam.getByRole('button', { name: 'Save the correction' }).click();
    await sam.waitForURL(ticket);
    expect(await sam.locator('.act-now').textContent()).toContain('Waits for the customer’s code');

    const customer = await desk.visit({ scripts, size: 'phone' });
    await confirmAs(customer);
    await work();

    await sam.goto(`${ticket}/approve`);
    expect(await sam.locator('main').textContent()).toContain('You corrected this request');
    expect(await sam.locator('main form').count()).toBe(0);

    const approve = async (name: string, slip: string) => {
      const page = await sit(name);
      await page.getByRole('link', { name: 'Look at the plan' }).click();
      expect(await page.locator('main').textContent()).toMatch(/About [1-9]\d* records/);
      await page.getByLabel('Why').fill('looked at every step');
      await page.getByLabel(`Type ${reference} to confirm`).fill(slip);
      await page.getByRole('button', { name: 'Approve this plan' }).click();
      return page;
    };
    const ida = await approve('Ida', 'PD-1');
    expect(await ida.locator('.error').textContent()).toBe(`Please type ${reference} to confirm.`);
    expect(await ida.getByLabel('Why').inputValue()).toBe('looked at every step');
    await isSound(windows[1]!);
    await ida.getByLabel(`Type ${reference} to confirm`).fill(reference);
    await ida.getByRole('button', { name: 'Approve this plan' }).click();
    await ida.waitForURL(ticket);
    expect((await desk.desk.ticket(id)).state).toBe('approval');

    const lena = await approve('Lena', reference);
    await lena.waitForURL(ticket);
    expect(await lena.locator('.act-now').textContent()).toContain('It is deleted from');
    expect((await desk.desk.ticket(id)).state).toBe('grace');

    await lena.getByRole('link', { name: 'Cancel the request' }).click();
    await lena.getByLabel('Why').fill('only a test');
    await lena.getByLabel(`Type ${reference} to confirm`).fill(reference.toLowerCase());
    await isSound(windows[2]!);
    await lena.getByRole('button', { name: 'Cancel the request' }).click();
    await lena.waitForURL(ticket);
    expect(windows.flatMap(({ complaints }) => complaints).filter(isFault)).toEqual([]);
    expect((await desk.desk.ticket(id)).state).toBe('cancelled');
    for (const { page } of [...windows, customer]) await page.context().close();
  },
  60_000,
);

test('a store that fails is braked and tried again, and a step that failed for good is resumed', async () => {
  await desk.desk.pass(25);
  await desk.desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest()] });
  const { id } = await desk.desk.ticket();
  await desk.desk.mail({ from: ada, intent: 'verify', ticket: `PD-${id}`, code: await desk.desk.code() });
  await work();
  const { plan_hash: plan } = await desk.desk.ticket(id);
  for (const name of ['Ida', 'Lena']) {
    const by = { kind: 'agent', name } as const;
    await desk.desk.act({ id, event: { type: 'approved', by, planHash: plan ?? '' } });
  }
  await desk.desk.outlast(await desk.desk.ticket(id));
  fault = new PurgedeskError('PD_STORE_FAILED', 'the store is down', { details: { store: 'archive' } });
  await work();

  const { page, complaints } = await desk.open('agent');
  const ticket = `${desk.url}/tickets/PD-${id}`;
  const now = async () => {
    await page.goto(ticket);
    return page.locator('.act').textContent();
  };
  const act = async (name: string, button: string) => {
    await page.getByRole('link', { name }).click();
    await page.getByLabel('Why').fill('the disk was full');
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: button }).click();
    await page.waitForURL(ticket);
  };
  expect(await now()).toMatch(/The store archive fails.*PD_STORE_FAILED, 1 in a row/s);
  fault = new PurgedeskError('PD_STORE_INVALID', 'a table is gone', { details: { store: 'archive' } });
  await act('Try it now', 'Try it now');
  await work();
  expect(await now()).toMatch(/A step failed.*PD_STORE_INVALID/s);
  fault = null;
  await act('Try the step again', 'Release it');
  await work();
  expect(await now()).toContain('What was asked for is deleted');
  expect((await desk.desk.ticket(id)).state).toBe('completed');
  expect(complaints.filter(isFault)).toEqual([]);
}, 60_000);
