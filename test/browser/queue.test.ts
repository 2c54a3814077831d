import { expect, test } from 'vitest';
import { ada, spaceRequest } from '../tickets/desk.ts';
import { openBrowserDesk, seriousFaults } from './browser.ts';

test('a ticket that comes in shows by itself, and what the reader was at stays', async () => {
  await using whole = await openBrowserDesk();
  const { desk, url } = whole;
  await desk.inGrace();
  const { page, complaints, name } = await whole.open('agent');
  await page.goto(`${url}/queue?tab=all`);
  await page.locator('#filtering summary').click();
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

  // By keys: to the second ticket, tick it; what is ticked stays ticked when the page is brought up to date.
  await page.locator('h1').click();
  for (const key of ['j', 'j', 'x']) await page.keyboard.press(key);
  await page.getByText('1 ticked').waitFor();
  await desk.mail({
    from: ada,
    intent: 'delete',
    requests: [spaceRequest({ timeFrame: null, space: null })],
  });
  await page.locator('tbody tr').nth(2).waitFor();
  expect(await page.locator('input[name="ticket"]:checked').count()).toBe(1);
  expect(await page.locator('[data-ticked]').textContent()).toBe('1 ticked');
  await page.getByRole('button', { name: 'Assign' }).click();
  await page.getByText('1 ticket given to you.').waitFor();
  expect(await page.locator('tbody .assignee').allTextContents()).toContainEqual(
    expect.stringContaining(name),
  );
  expect(await seriousFaults(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await page.close();
});
