import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BrowserDesk, openBrowserDesk, seriousFaults } from './browser.ts';

let desk: BrowserDesk;
beforeAll(async () => {
  desk = await openBrowserDesk();
});
afterAll(() => desk[Symbol.asyncDispose]());

test('the frame of the console is accessible and runs nothing but its own script', async () => {
  const { page, complaints } = await desk.open('admin');
  await page.goto(`${desk.url}/queue`);
  expect(await page.title()).toBe('Queue · purgedesk');
  expect(await seriousFaults(page)).toEqual([]);
  expect(await page.locator('[data-zone]').textContent()).toContain('Europe/Berlin');
  expect(complaints).toEqual([]);
});

test('keys lead from page to page, and tell so, until the reader turns them off', async () => {
  const { page, complaints } = await desk.open('agent');
  await page.goto(`${desk.url}/queue`);
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  expect(await help.textContent()).toContain('Go to mails');
  expect(await seriousFaults(page)).toEqual([]);
  await help.getByRole('button', { name: 'Close' }).click();
  await page.keyboard.press('g');
  await page.keyboard.press('m');
  await page.waitForURL(`${desk.url}/mails`);
  await page.goBack();
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await help.getByLabel('Shortcuts are on').uncheck();
  await help.getByRole('button', { name: 'Close' }).click();
  await page.keyboard.press('g');
  await page.keyboard.press('m');
  // A key that did something would have led away before this one is heard.
  await page.keyboard.press('?');
  await help.waitFor();
  expect(page.url()).toBe(`${desk.url}/queue`);
  expect(complaints).toEqual([]);
});
