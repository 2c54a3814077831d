import { expect, test } from 'vitest';
import { ada, spaceRequest, workspaceRequest, zoe } from '../tickets/desk.ts';
import { openBrowserDesk, seriousFaults } from './browser.ts';

test('a ticket that comes in shows by itself, and what the reader was at stays', async () => {
  await using whole = await openBrowserDesk();
  const { desk, url } = whole;
  await desk.inGrace();
  const { page, complaints } = await whole.open('agent');
  await page.goto(`${url}/queue?tab=all`);
  await page.locator('#filter-workspace').fill('half a wor');
  await page
    .locator('#filter-workspace')
    .evaluate((field) =>
      (field as unknown as { setSelectionRange(a: number, b: number): void }).setSelectionRange(2, 4),
    );
  await desk.mail({ from: ada, intent: 'delete', requests: [spaceRequest()] });
  await page.locator('tbody tr').nth(1).waitFor();
  expect(await page.locator('#filter-workspace').inputValue()).toBe('half a wor');
  expect(await page.evaluate('[document.activeElement.id, document.activeElement.selectionStart]')).toEqual([
    'filter-workspace',
    2,
  ]);
  expect(await page.locator('tbody time.instant').first().getAttribute('data-local')).toBe('');
  await page.screenshot({ path: '/tmp/h6/shots/queue-first.png' });
  expect(await seriousFaults(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await page.close();
});
