import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createToken } from '../../src/console/api/tokens.ts';
import { openBrowserDesk, seriousFaults } from './browser.ts';

test('shots', async () => {
  mkdirSync('/tmp/h6/shots', { recursive: true });
  const hook = { url: 'https://crm.example/hooks', secret: 'whsec_x', events: ['ticket.held', 'ticket.moved'] as const };
  await using desk = await openBrowserDesk({ environment: { webhooks: [{ ...hook, name: 'crm' }, { ...hook, name: 'status-board', url: 'https://board.example/x' }] } });
  const { db } = desk.desk;
  const id = (await desk.desk.inGrace()).id;
  const by = { kind: 'agent', name: 'ada' } as const;
  for (const type of ['held', 'released', 'held'] as const)
    await desk.joined.decide([{ ticketId: id, event: { type, reason: 'agent', by, note: 'x' } }]);
  const rows = await db('deliveries').select('id');
  await db('deliveries').where({ id: rows[0].id }).update({ status: 'failed', attempts: 10, last_result: 'ECONNREFUSED', finished_at: db.raw('now()') });
  await db('deliveries').where({ id: rows[1].id }).update({ status: 'delivered', attempts: 1, last_result: '204', finished_at: db.raw('now()') });
  await createToken(db, { name: 'Shop app', scopes: ['requests:write'], expiresAt: new Date(Date.now() + 86400000 * 90), by: 'grace' });
  await createToken(db, { name: 'Prometheus', scopes: ['metrics:read', 'tickets:read'], expiresAt: null, by: 'grace' });
  for (const [theme, size] of [['light', 'wide'], ['dark', 'wide'], ['light', 'phone'], ['dark', 'phone']] as const) {
    const { page, complaints } = await desk.open('admin', { theme, size });
    for (const path of ['webhooks', 'api-tokens', 'api/docs']) {
      await page.goto(`${desk.url}/${path}`);
      if (path === 'api-tokens' && theme === 'light' && size === 'wide') {
        await page.getByLabel('Name of the program').fill('CRM');
        await page.getByLabel(/read tickets/).check();
        await page.getByRole('button', { name: 'Make the token' }).click();
        await page.getByText('shown this once').waitFor();
      }
      await page.screenshot({ path: `/tmp/h6/shots/p8-${path.replace('/', '-')}-${theme}-${size}.png`, fullPage: path !== 'api/docs' });
      console.log(path, theme, size, await seriousFaults(page), complaints, await page.evaluate('document.documentElement.scrollWidth'));
    }
  }
  expect(1).toBe(1);
}, 120_000);
