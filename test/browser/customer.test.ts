import { afterAll, beforeAll, expect, test } from 'vitest';
import { statusTokenOf } from '../../src/tickets/status-links.ts';
import { bob } from '../tickets/desk.ts';
import { type BrowserDesk, openBrowserDesk, seriousFaults } from './browser.ts';

let desk: BrowserDesk;
beforeAll(async () => {
  desk = await openBrowserDesk();
});
afterAll(() => desk[Symbol.asyncDispose]());

test.each([
  { scripts: false, theme: 'light', language: 'en' },
  { scripts: true, theme: 'dark', language: 'de' },
] as const)('a customer cancels on a phone, scripts: $scripts', async ({ scripts, theme, language }) => {
  const inner = desk.desk;
  await inner.pass(49);
  const asked = await inner.mail({
    from: 'ada@acme.example',
    intent: 'delete',
    requests: [REQUEST],
    language,
  });
  const { id } = await inner.ticket();
  await inner.mail({
    from: 'ada@acme.example',
    intent: 'verify',
    code: await inner.code(),
    ticket: `PD-${id}`,
  });
  expect(asked.mails).toHaveLength(1);
  const mail = (await inner.outbox()).findLast(({ recipient }) => recipient === bob)!;
  const link = `${desk.url}/s/${statusTokenOf(inner.deps.key, mail.facts.statusLink!.id)}`;
  const { page, complaints } = await desk.visit({ scripts, theme, size: 'phone' });
  const isAccessible = async () => {
    if (scripts) expect(await seriousFaults(page)).toEqual([]);
  };
  const fits = async () => {
    const { scrollWidth, clientWidth } = await page
      .locator('html')
      .evaluate(({ scrollWidth, clientWidth }: { scrollWidth: number; clientWidth: number }) => ({
        scrollWidth,
        clientWidth,
      }));
    expect(scrollWidth).toBe(clientWidth);
  };
  await page.goto(link);
  await isAccessible();
  if (scripts) await fits();
  await page.locator('.act').click();
  await isAccessible();
  await page.locator('#typed').fill('yes');
  await page.locator('button').click();
  await page.getByRole('alert').waitFor();
  await page.locator('#typed').fill(`pd ${id}`);
  await page.locator('button').click();
  await page.waitForURL(link);
  expect((await inner.ticket(id)).state).toBe('cancelled');
  expect(await page.locator('.act').count()).toBe(0);
  await isAccessible();
  // A form that is refused is answered with 422, which the browser writes to its console.
  expect(complaints.filter((complaint) => !complaint.includes('422'))).toEqual([]);
});

const REQUEST = {
  scope: 'workspace' as const,
  workspace: { slug: 'acme-inc' },
  source: null,
  space: null,
  users: [],
  events: [],
  properties: [],
  project: null,
  timeFrame: null,
};
