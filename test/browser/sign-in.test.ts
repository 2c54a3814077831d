import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { Secret } from '../../src/config.ts';
import { addAgent } from '../../src/console/access/agents.ts';
import { codeAt } from '../../src/console/access/totp.ts';
import { CLIENT, startProvider } from '../console/provider.ts';
import { openBrowserDesk, seriousFaults } from './browser.ts';

const COMMAND = { id: null, name: 'the command line' };
const PASSWORD = 'otter lamp gravel';

/** What a phone shows that was given the secret of the page. */
async function codeFor(page: Page): Promise<Uint8Array> {
  const secret = (await page.locator('.secret').textContent()) ?? '';
  const bits = [...secret.replaceAll(' ', '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

test('W07 from an admin’s link to the queue, out, in again, and by a link from elsewhere, without scripts', async () => {
  const scripts = false;

  await using desk = await openBrowserDesk();
  const admin = await desk.open('admin', { scripts });
  await admin.page.goto(`${desk.url}/agents`);
  await admin.page.getByLabel('Name').fill('Grace Hopper');
  await admin.page.getByRole('button', { name: 'Add and show the link' }).click();
  const link = (await admin.page.locator('pre').textContent()) ?? '';

  const { page, complaints } = await desk.visit({ scripts, size: 'phone' });
  await page.goto(link);
  const secret = await codeFor(page);
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByLabel('The six digits').fill(codeAt(secret, Date.now() - 30_000));
  await page.getByRole('button', { name: 'Set up my access' }).click();
  expect(await page.locator('.codes li').count()).toBe(10);
  await page.getByRole('link', { name: 'I have kept them' }).click();
  await page.waitForURL(`${desk.url}/queue`);
  await page.getByRole('button', { name: 'Sign out' }).click();

  await page.goto(`${desk.url}/account`);
  await page.getByLabel('Name').fill('grace hopper');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByLabel('Code').fill('000000');
  await page.getByRole('button', { name: 'Sign in' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('do not belong together');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByLabel('Code').fill(codeAt(secret, Date.now()));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${desk.url}/account`);

  // The chat or webmail of the agent: another site.
  const elsewhere = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end(`<a href="${desk.url}/account">look</a>`);
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  try {
    await page.goto(`http://localhost:${(elsewhere.address() as AddressInfo).port}/`);
    await page.getByRole('link', { name: 'look' }).click();
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
  } finally {
    elsewhere.close();
  }
  expect(complaints.filter((line) => /policy/i.test(line))).toEqual([]);
});

test('the pages at the door and of agents have no serious fault', async () => {
  await using desk = await openBrowserDesk({ isAllSandbox: true });
  const change = await addAgent(desk.desk.db, COMMAND, { name: 'Grace', email: null, role: 'agent' });
  const link = change.kind === 'done' ? change.link : '';
  const { page } = await desk.visit();
  await page.goto(`${desk.url}/sign-in`);
  expect(await seriousFaults(page)).toEqual([]);
  await page.goto(`${desk.url}/set-up/${link}`);
  expect(await seriousFaults(page)).toEqual([]);
  await page.goto(`${desk.url}/sign-in`);
  await page.getByRole('button', { name: 'Continue as Adele' }).click();
  await page.waitForURL(`${desk.url}/queue`);
  for (const path of ['/account', '/agents', '/agents/1']) {
    await page.goto(`${desk.url}${path}`);
    expect([path, await seriousFaults(page)]).toEqual([path, []]);
  }
});

test('W07 an agent comes in by a provider of another site, without scripts', async () => {
  await using provider = await startProvider('localhost');
  const { issuer } = provider;
  const { clientId, clientSecret } = CLIENT;
  await using desk = await openBrowserDesk({
    environment: { provider: { issuer, clientId, clientSecret: new Secret(clientSecret) } },
  });
  await provider.serve(`${desk.url}/sign-in/callback`);
  await addAgent(desk.desk.db, COMMAND, { name: 'Grace', email: 'grace@example.org', role: 'agent' });
  const { page } = await desk.visit({ scripts: false });
  await page.goto(`${desk.url}/account`);
  await page.getByRole('link', { name: 'Sign in with localhost' }).click();
  await page.getByPlaceholder('Enter any login').fill('grace');
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  // The cookie is kept from what begins elsewhere: our own page asks once more, and has it.
  await page.getByRole('heading', { name: 'Your account' }).waitFor();
  expect(page.url()).toBe(`${desk.url}/account`);
});
