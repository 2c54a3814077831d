/** What holds of every page for agents, whatever it shows. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedMail } from '../console/mails-seed.ts';
import { sourceRequest, spaceRequest, workspaceRequest } from '../tickets/desk.ts';
import { agentPages } from './agent-pages.ts';
import { type BrowserDesk, openBrowserDesk, seriousFaults, type Window } from './browser.ts';

const WEIGHT_MAX = 150_000;
const PHONE = { width: 390, height: 844 };
const WIDE = { width: 1280, height: 900 };

const PAGES = agentPages();

let desk: BrowserDesk;
let window: Window;
let weight = 0;

beforeAll(async () => {
  desk = await openBrowserDesk({ isAllSandbox: true });
  await fill(desk);
  window = await desk.open('admin');
  window.page.on('response', async (answer) => {
    weight += (await answer.body().catch(() => Buffer.alloc(0))).length;
  });
});
afterAll(() => desk[Symbol.asyncDispose]());

/** PD-1001 in its grace, others in their states, and a name that is too long for any column. */
async function fill({ desk: { inGrace, mail, db } }: BrowserDesk): Promise<void> {
  await inGrace(sourceRequest());
  await mail({ from: 'ada@acme.example', intent: 'delete', requests: [spaceRequest()] });
  await mail({ from: 'ada@acme.example', intent: 'delete', requests: [spaceRequest({ space: null })] });
  await mail({
    from: 'zoe@globex.example',
    intent: 'delete',
    requests: [workspaceRequest('globex')],
    standing: 'unproven',
  });
  await mail({
    from: 'ada@acme.example',
    intent: 'delete',
    requests: [spaceRequest({ workspace: { slug: 'a'.repeat(300) } })],
  });
  await seedMail(db, { subject: `Long ${'word'.repeat(80)}`, text: 'word'.repeat(500) });
}

/** A download is no answer of the page's. */
const isDownload = (error: Error): null => {
  if (!error.message.includes('Download is starting')) throw error;
  return null;
};

describe.each(PAGES)('%s', (path) => {
  test('is light, accessible in both themes and fits a phone', async () => {
    const { page, complaints } = window;
    complaints.length = 0;
    weight = 0;
    await page.setViewportSize(WIDE);
    await page.emulateMedia({ colorScheme: 'light' });
    const answer = await page.goto(`${desk.url}${path}`, { waitUntil: 'load' }).catch(isDownload);
    // What is downloaded is no page, and in the frame of a mail no script may run.
    if (answer === null || answer.headers()['content-security-policy']?.includes('sandbox') === true) return;
    // A page that this ticket has no use for says so.
    expect(answer.status()).toBeLessThan(500);
    if (!/^text\/html/.test(answer.headers()['content-type'] ?? '')) return;
    expect(await seriousFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await seriousFaults(page, ['color-contrast'])).toEqual([]);
    await page.setViewportSize(PHONE);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(PHONE.width);
    expect(complaints.filter((complaint) => !/status of (404|409|422)/.test(complaint))).toEqual([]);
    expect(weight).toBeLessThan(WEIGHT_MAX);
  });
});

test('there are pages', () => {
  expect(PAGES.length).toBeGreaterThan(20);
});
