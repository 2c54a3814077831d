/** A newcomer plays the whole journey in the browser: a real desk on samples, from the request to the receipt. */
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { consoleAreas } from '../../src/commands/console/areas.ts';
import { consolePorts } from '../../src/commands/console-ports.ts';
import { makeLogger } from '../../src/commands/log.ts';
import { openWholeDesk } from '../../src/commands/open-desk.ts';
import { runDesk } from '../../src/commands/run-desk.ts';
import { openAccess } from '../../src/console/access/sessions.ts';
import { startConsole } from '../../src/console/server.ts';
import { launch, seriousFaults } from './browser.ts';

test('the whole journey is played in the browser', async () => {
  await using sandbox = await openSandbox();
  const browser = await launch();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(60_000);
    const reached = (step: string) => page.locator('.guide li.done', { hasText: step }).waitFor();
    await page.goto(`${sandbox.url}/?live=off`);
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('link', { name: 'Open Ada Lovell’s mailbox' }).first().click();
    await page.getByRole('link', { name: 'Delete one source' }).click();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Send as Ada Lovell' }).click();
    await page.getByRole('button', { name: /Answer with the code/ }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.getByRole('button', { name: /Answer with the code/ }).click();
    await page.locator('#inbox + ol li').nth(1).waitFor();
    await page.getByRole('link', { name: 'The page that tells how far it is' }).click();
    await page.getByText('Waiting time (now)').waitFor();
    await page.goto(`${sandbox.url}/`);
    await reached('Confirm with the code');
    await page.getByRole('button', { name: '6 days' }).click();
    // Each answer of the page shows the desk a little later.
    await untilDone(page, sandbox.url);
    await page.getByRole('link', { name: 'Open Ada Lovell’s mailbox' }).last().click();
    await page.locator('.hint', { hasText: 'Attached: certificate-PD-' }).waitFor();
    await page.getByRole('link', { name: 'The page that tells how far it is' }).click();
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1280, height: 900 });
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: /Signed receipt/ }).click();
    expect((await download).suggestedFilename()).toMatch(/^receipt-PD-\d+\.json$/);
  } finally {
    await browser.close();
  }
}, 240_000);

async function untilDone(page: Page, url: string): Promise<void> {
  for (let look = 0; look < 60; look += 1) {
    await page.goto(`${url}/?live=off`);
    if ((await page.locator('.guide li.done').count()) === 5) return;
    await page.waitForTimeout(500);
  }
  throw new Error('the deletion did not come to its end');
}

async function openSandbox() {
  const folder = await mkdtemp(join(tmpdir(), 'purgedesk-play-'));
  await chmod(folder, 0o711); // as root the database runs under another account
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const opened = await openWholeDesk({
    migrate: true,
    log: makeLogger('silent'),
    dataDir: folder,
    env: { PUBLIC_URL: url, PURGEDESK_CONFIG: '' },
  });
  const { desk } = opened;
  const running = await runDesk(desk, (error) => {
    throw error;
  });
  const web = await startConsole({
    host: '127.0.0.1',
    port,
    ports: consolePorts(desk),
    access: openAccess(desk.db, { hasSamples: true }),
    areas: consoleAreas(desk),
    publicUrl: url,
    log: () => undefined,
  });
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      await web.close();
      await running.stop();
      await opened.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  await new Promise((resolve) => holder.close(resolve));
  return port;
}
