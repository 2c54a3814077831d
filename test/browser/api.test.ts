/** Looking after programs in a real browser. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BrowserDesk, openBrowserDesk, seriousFaults } from './browser.ts';

let desk: BrowserDesk;

beforeAll(async () => {
  const webhook = { name: 'crm', url: 'https://crm.example/hooks', secret: 'whsec_x' } as const;
  desk = await openBrowserDesk({ environment: { webhooks: [{ ...webhook, events: ['ticket.moved'] }] } });
});

afterAll(() => desk[Symbol.asyncDispose]());

test('an admin makes a token on a phone without scripts, uses it and revokes it', async () => {
  const { page } = await desk.open('admin', { scripts: false, size: 'phone' });
  await page.goto(`${desk.url}/api-tokens`);
  await page.getByLabel('Name of the program').fill('CRM');
  await page.getByLabel('read tickets').check();
  await page.getByRole('button', { name: 'Make the token' }).click();
  const token = (await page.locator('.token').textContent()) ?? '';
  const headers = { authorization: `Bearer ${token}` };
  const ask = async () => (await fetch(`${desk.url}/api/v1/tickets`, { headers })).status;
  expect(await ask()).toBe(200);
  await page.getByText('Revoke CRM').click();
  await page.getByLabel('To revoke it, type its name').fill('CRM');
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('Revoked by').waitFor();
  expect(await ask()).toBe(401);
});

test('the pages have no serious fault and ask for nothing that they may not', async () => {
  const { id } = await desk.desk.inGrace();
  const by = { kind: 'agent', name: 'ada' } as const;
  await desk.joined.decide([{ ticketId: id, event: { type: 'cancelled_by_agent', by, note: 'no' } }]);
  await desk.desk.db('deliveries').update({ status: 'failed', finished_at: new Date(), attempts: 10 });
  const { page, complaints } = await desk.open('admin', { size: 'phone' });
  for (const path of ['webhooks', 'api-tokens', 'api/docs']) {
    await page.goto(`${desk.url}/${path}`);
    expect([path, await seriousFaults(page)]).toEqual([path, []]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  }
  await page.goto(`${desk.url}/webhooks`);
  await page.getByRole('button', { name: /^Send again/ }).click();
  await page.locator('.badge', { hasText: 'Waits' }).waitFor();
  expect(complaints).toEqual([]);
});
