/** A real browser on a real desk. Chromium comes from the distribution; CHROMIUM names another one. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { SESSION_COOKIE } from '../../src/console/access/guard.ts';
import type { AgentRole } from '../../src/domain/agents.ts';
import { openWholeDesk, signedIn, type WholeDesk, type WholeDeskOptions } from '../console/whole-desk.ts';

export interface Visit {
  /** `false`: as in a browser whose scripts are turned off. */
  readonly scripts?: boolean;
  readonly theme?: 'light' | 'dark';
  readonly size?: keyof typeof SIZES;
  readonly timezone?: string;
}

const SIZES = { wide: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;

export interface BrowserDesk extends WholeDesk {
  readonly url: string;
  /** A window of somebody with this role, signed in. */
  open(role: AgentRole, visit?: Visit & { readonly name?: string }): Promise<Window>;
  /** A window of somebody who is no agent. */
  visit(visit?: Visit): Promise<Window>;
}

export interface Window {
  readonly page: Page;
  readonly name: string;
  /** What the page complained of: errors of scripts, breaches of the content policy, resources that failed. */
  readonly complaints: string[];
}

export async function openBrowserDesk(options: WholeDeskOptions = {}): Promise<BrowserDesk> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const whole = await openWholeDesk({ ...options, publicUrl: url });
  await whole.app.listen({ host: '127.0.0.1', port });
  const browser = await launch();
  const visit = async (how: Visit, cookie: string | null, name: string): Promise<Window> => {
    const context = await contextFor(browser, how);
    if (cookie !== null) {
      await context.addCookies([
        { name: SESSION_COOKIE, value: cookie, url, httpOnly: true, sameSite: 'Strict' },
      ]);
    }
    const page = await context.newPage();
    return { page, name, complaints: await watch(page, how) };
  };
  return {
    ...whole,
    url,
    open: async (role, { name, ...how } = {}) => {
      const person = await signedIn(whole.desk, role, name);
      return visit(how, person.token, person.name);
    },
    visit: (how = {}) => visit(how, null, 'nobody'),
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      await whole[Symbol.asyncDispose]();
    },
  };
}

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

const contextFor = (
  browser: Browser,
  { scripts = true, theme = 'light', size = 'wide', timezone = 'Europe/Berlin' }: Visit,
): Promise<BrowserContext> =>
  browser.newContext({
    javaScriptEnabled: scripts,
    colorScheme: theme,
    viewport: SIZES[size],
    timezoneId: timezone,
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });

async function watch(page: Page, { scripts = true }: Visit): Promise<string[]> {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  // A page that is left, or hidden, breaks off what it listens to and still loads.
  page.on('requestfailed', (request) => {
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()}`);
  });
  if (scripts) {
    await page.exposeFunction('reportBreach', (breach: string) => complaints.push(`policy: ${breach}`));
    await page.addInitScript(BREACHES);
  }
  return complaints;
}

/** Runs in the page. */
const BREACHES = `document.addEventListener('securitypolicyviolation', (event) =>
  globalThis.reportBreach(event.violatedDirective + ' ' + event.blockedURI));`;

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe-core calls serious or critical on the page that is shown, one line each. Needs scripts.
 * @param rules - only these; all, if none
 */
export async function seriousFaults(page: Page, rules: readonly string[] = []): Promise<readonly string[]> {
  // Through the debugger, which the page's content policy does not bind.
  await page.evaluate(AXE);
  const found = await page.evaluate(async (only) => {
    const { axe } = globalThis as unknown as { axe: Axe };
    return (await axe.run(only.length === 0 ? {} : { runOnly: only })).violations;
  }, rules);
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

interface Axe {
  run(options: { readonly runOnly?: readonly string[] }): Promise<{ violations: Violation[] }>;
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string }[];
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
