import { expect, test } from 'vitest';
import { openBrowserDesk, seriousFaults } from './browser.ts';

test('the frame of the console is accessible and runs nothing but its own script', async () => {
  await using desk = await openBrowserDesk();
  const { page, complaints } = await desk.open('admin');
  await page.goto(`${desk.url}/queue`);
  expect(await page.title()).toBe('Queue · purgedesk');
  expect(await seriousFaults(page)).toEqual([]);
  expect(complaints).toEqual([]);
});
