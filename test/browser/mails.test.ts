import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedMail } from '../console/mails-seed.ts';
import { ada } from '../tickets/desk.ts';
import { type BrowserDesk, openBrowserDesk, seriousFaults } from './browser.ts';

let desk: BrowserDesk;
beforeAll(async () => {
  desk = await openBrowserDesk();
});
afterAll(() => desk[Symbol.asyncDispose]());

test('an agent opens a ticket from a mail and writes to its requester, with scripts', async () => {
  const text = 'Hello, we wonder about our data.\r\n\r\nPlease delete the workspace acme-inc.\r\n\r\nAda';
  const id = await seedMail(desk.desk.db, { subject: 'Our data <img src=x onerror=alert(1)>', text });
  const { page, complaints } = await desk.open('agent');
  await page.goto(`${desk.url}/mails`);
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByRole('link', { name: 'Our data' }).click();
  expect(await page.locator('mark').first().textContent()).toContain('acme-inc');
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByRole('link', { name: 'Open tickets from it…' }).click();
  await page.getByLabel('Why do you open it?').fill('She asks for it in the second paragraph.');
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Open tickets' }).click();
  await page.waitForURL(/\/tickets\/PD-\d+$/);
  const reference = page.url().split('/').at(-1);
  expect(await desk.desk.db('messages').where({ id }).first()).toMatchObject({ disposition: 'opened' });

  await page.getByRole('link', { name: 'Write to the requester' }).click();
  await page.getByLabel('Your words').fill('We look at it today.\n\n<b>Not bold</b>');
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Look at it first' }).click();
  const mail = page.frameLocator('iframe');
  await mail.getByText('We look at it today.').waitFor();
  expect(await mail.getByText('<b>Not bold</b>').count()).toBe(1);
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Send it' }).click();
  await page.waitForURL(`**/tickets/${reference}`);
  expect((await desk.desk.outbox()).at(-1)).toMatchObject({ template: 'agent_reply', recipient: ada });
  expect(complaints).toEqual([]);
});

test('an agent answers a mail and takes it off the list from a phone without scripts', async () => {
  const id = await seedMail(desk.desk.db, { author: 'dora@acme.example', subject: 'A question' });
  const { page } = await desk.open('agent', { scripts: false, size: 'phone', theme: 'dark' });
  await page.goto(`${desk.url}/mails/${id}`);
  await page.getByRole('link', { name: 'Answer it…' }).click();
  await page.getByRole('button', { name: 'Look at it first' }).click();
  expect(await page.getByText('Please write something.').isVisible()).toBe(true);
  await page.getByLabel('Your words').fill('Thank you, all is well.');
  await page.getByRole('button', { name: 'Look at it first' }).click();
  await page.getByRole('link', { name: 'Change it' }).click();
  await page.getByLabel('Your words').fill('Thank you, all is very well.');
  await page.getByRole('button', { name: 'Look at it first' }).click();
  await page.getByRole('button', { name: 'Send it' }).click();
  await page.waitForURL(`**/mails/${id}`);
  await page.getByRole('link', { name: 'Words of an agent' }).click();
  expect(await page.frameLocator('iframe').getByText('all is very well').count()).toBe(1);
  expect(await desk.desk.db('messages').where({ id }).first()).toMatchObject({ needs_agent: false });
});
