import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { consoleHome } from '../../src/console/assets.ts';
import { startConsole } from '../../src/console/server.ts';
import { PurgedeskError } from '../../src/domain/errors.ts';
import { CODE, challenge, consoleFor, fakeDesk, faultsOf, form, overview, TOKEN } from './desk.ts';

const PATHS = [
  '/',
  '/?live=off',
  '/healthz',
  '/readyz',
  `/c/${TOKEN}`,
  '/assets/style.css',
  '/assets/desk.css',
  '/assets/morph.js',
  '/assets/icon.svg',
  '/callbacks/http-store/crm',
  '/receipt-key',
  '/.well-known/purgedesk-receipt-key',
  '/nowhere',
];

describe('every route', () => {
  test.each(PATHS.flatMap((url) => (['GET', 'HEAD', 'OPTIONS'] as const).map((method) => ({ method, url }))))(
    '$method $url changes nothing and carries the headers',
    async ({ method, url }) => {
      const desk = fakeDesk({ overview: overview() });
      const app = await consoleFor(desk);
      const answer = await app.inject({ method, url });
      expect(desk.answers).toEqual([]);
      const { 'content-security-policy': policy, ...headers } = answer.headers;
      expect(policy).toBe(
        "default-src 'none';style-src 'self';img-src 'self';form-action 'self';frame-ancestors 'none';base-uri 'none';" +
          "require-trusted-types-for 'script';trusted-types 'none';report-uri /csp-reports",
      );
      expect(headers).toMatchObject({
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'x-robots-tag': 'noindex, nofollow',
        'cache-control':
          url.startsWith('/assets/') && method !== 'OPTIONS' ? 'public, max-age=86400' : 'no-store',
      });
      expect(headers).not.toHaveProperty('set-cookie');
      expect(headers).not.toHaveProperty('server');
    },
  );

  test('is in the table above', async () => {
    const app = await consoleFor(fakeDesk());
    const known = new Set(
      PATHS.map((path) => path.split('?', 1)[0]?.replace(TOKEN, ':token').replace('crm', ':store')),
    );
    const tree = app.printRoutes({ commonPrefix: false });
    const routes = [...tree.matchAll(/─ (\S+) \(/g)].map((match) => match[1]);
    expect(routes.length).toBeGreaterThan(3);
    for (const route of routes) {
      const path = route?.startsWith('/') ? route : `/${route}`;
      // Its version, which changes with every file, stands in the path of a module.
      if (!/^\/assets\/js-[0-9a-f]{12}\/[a-z-]+\.js$/.test(path)) expect([...known]).toContain(path);
    }
  });

  test('asks browsers for TLS from now on only where the desk is published with it', async () => {
    const secure = await consoleFor(fakeDesk(), 'https://privacy.example.org');
    expect((await secure.inject('/')).headers['strict-transport-security']).toBe('max-age=31536000');
    const plain = await consoleFor(fakeDesk());
    expect((await plain.inject('/')).headers).not.toHaveProperty('strict-transport-security');
  });

  test('links below the path under which the desk is published, whatever the Host header says', async () => {
    const app = await consoleFor(fakeDesk(), 'https://example.org/privacy/');
    const page = await app.inject({ url: `/c/${TOKEN}`, headers: { host: 'mallory.example.org' } });
    expect(page.body).toContain(`action="/privacy/c/${TOKEN}"`);
    expect(page.body).toContain('href="/privacy/assets/style.css?v=');
    expect(page.body).not.toContain('mallory');
    expect((await app.inject(form({ code: CODE }))).headers.location).toBe(`/privacy/c/${TOKEN}`);
  });
});

describe('W03 what is not there', () => {
  test('looks the same whether it is a link, a path or a method, and is not looked up when it is no link', async () => {
    const desk = fakeDesk();
    const app = await consoleFor(desk);
    const unknown = `${TOKEN.slice(0, -1)}B`;
    const first = await app.inject(`/c/${unknown}`);
    expect(first.statusCode).toBe(404);
    expect(faultsOf(first.body)).toEqual([]);
    for (const url of [
      `/c/${TOKEN.slice(0, -1)}`,
      '/c/',
      '/c/short',
      `/c/${TOKEN}/`,
      `/c/${'a'.repeat(129)}`,
      `/c/${'a'.repeat(5_000)}`,
      '/c/%E0%A4%A',
      `/c/${encodeURIComponent('<script>alert(1)</script>-----')}`,
      '/c/..%2f..%2fetc%2fpasswd-------------',
      '/assets/../package.json',
      '/admin',
      '/%00',
    ]) {
      const answer = await app.inject(url);
      expect([url, answer.statusCode, answer.body]).toEqual([url, 404, first.body]);
      expect(answer.headers['content-security-policy']).toBe(first.headers['content-security-policy']);
    }
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
      const answer = await app.inject({ method, url: `/c/${TOKEN}` });
      expect([answer.statusCode, answer.body]).toEqual([404, first.body]);
    }
    const posted = await app.inject({ ...form({ code: CODE }), url: `/c/${unknown}` });
    expect([posted.statusCode, posted.body]).toEqual([404, first.body]);
    expect(desk.lookups).toEqual([unknown, TOKEN.slice(0, -1), unknown]);
    expect(desk.answers).toEqual([]);
  });
});

describe('a fault', () => {
  test.each(['GET', 'POST'] as const)(
    'of a port gives %s a kind page and the log no secret',
    async (method) => {
      const desk = fakeDesk({
        ports: {
          findChallenge: async () => {
            throw new Error(`no link ${TOKEN} in the table`);
          },
        },
      });
      const app = await consoleFor(desk);
      const page = await app.inject(method === 'GET' ? `/c/${TOKEN}` : form({ code: CODE }));
      expect(page.statusCode).toBe(500);
      expect(page.body).toContain('Something went wrong on our side');
      expect(faultsOf(page.body)).toEqual([]);
      expect(page.body).not.toContain('in the table');
      expect(desk.logged()).toContain('"route":"/c/:token"');
      expect(desk.logged()).not.toMatch(new RegExp(`${TOKEN}|${CODE}|in the table`));
    },
  );
});

describe('the health', () => {
  test.each([
    { title: 'is 200 while all is well', ok: true, status: 200 },
    { title: 'is 503 while something is down', ok: false, status: 503 },
  ])('$title', async ({ ok, status }) => {
    const health = { ok, checks: { database: ok ? 'ok' : 'down' } };
    const app = await consoleFor(fakeDesk({ ports: { health: async () => health } }));
    const answer = await app.inject('/healthz');
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.json()).toEqual(health);
  });

  test('is 503 when it cannot be told', async () => {
    const fails = async () => {
      throw new Error('ada@example.org');
    };
    const desk = fakeDesk({ ports: { health: fails } });
    const answer = await (await consoleFor(desk)).inject('/healthz');
    expect([answer.statusCode, answer.json()]).toEqual([503, { ok: false, checks: { health: 'failed' } }]);
    expect(desk.logged()).not.toContain('ada@');
  });
});

describe('the templates', () => {
  test('never write a value without escaping it', () => {
    const files = readdirSync(consoleHome()).filter((file) => file.endsWith('.hbs'));
    expect(files.length).toBeGreaterThan(4);
    for (const file of files) {
      const source = readFileSync(join(consoleHome(), file), 'utf8');
      expect([file, source.match(/\{\{\{|\{\{&|\s[\w-]+=\{\{/)]).toEqual([file, null]);
    }
  });

  test('fetch nothing from anywhere else', () => {
    const style = readFileSync(join(consoleHome(), 'assets/style.css'), 'utf8');
    expect(style).not.toMatch(/url\(|@import|https?:/);
  });
});

describe('a console that listens', () => {
  test('serves pages, style and icon, takes a form and closes at once though a browser keeps its connection', async () => {
    const desk = fakeDesk({ overview: overview() });
    const { url, close } = await startConsole({
      ...desk,
      host: '127.0.0.1',
      port: 0,
      publicUrl: 'http://127.0.0.1:1',
    });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const page = await fetch(url);
    const [, style = '', icon = ''] =
      /"stylesheet" href="([^"]+)"[\s\S]*<img src="([^"]+)"/.exec(await page.text()) ?? [];
    for (const [path, type] of [
      [style, 'text/css; charset=utf-8'],
      [icon, 'image/svg+xml; charset=utf-8'],
    ] as const) {
      const asset = await fetch(new URL(path, url));
      expect([asset.status, asset.headers.get('content-type')]).toEqual([200, type]);
      expect((await asset.text()).length).toBeGreaterThan(100);
    }
    const body = new URLSearchParams({ code: CODE });
    const posted = await fetch(`${url}/c/${TOKEN}`, { method: 'POST', body, redirect: 'manual' });
    expect([posted.status, posted.headers.get('location')]).toEqual([303, `/c/${TOKEN}`]);
    const startedAt = performance.now();
    await close();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    await expect(fetch(url)).rejects.toThrow();
    expect(desk.logged()).toBe('');
  });

  test('closes within seconds though a page hangs', async () => {
    let asked = () => {};
    const hanging = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const desk = fakeDesk({
      ports: {
        health: () => {
          asked();
          return new Promise<never>(() => {});
        },
      },
    });
    const { url, close } = await startConsole({
      ...desk,
      host: '127.0.0.1',
      port: 0,
      publicUrl: 'http://127.0.0.1:1',
    });
    const waiting = fetch(`${url}/healthz`).catch(() => 'cut off');
    await hanging;
    const startedAt = performance.now();
    await close();
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    expect(await waiting).toBe('cut off');
  });

  test('says what to set when its port is taken', async () => {
    await using taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const start = startConsole({ ...fakeDesk(), host: '127.0.0.1', port, publicUrl: 'http://127.0.0.1:1' });
    const error = await start.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PurgedeskError);
    expect(error).toMatchObject({ code: 'PD_CONFIG_INVALID', remedy: expect.stringContaining('HTTP_PORT') });
  });
});

test('an expired challenge that never was an instant is a fault and no half page', async () => {
  const app = await consoleFor(fakeDesk({ challenge: challenge({ expiresAt: 'soon' }) }));
  const page = await app.inject(`/c/${TOKEN}`);
  expect([page.statusCode, faultsOf(page.body)]).toEqual([500, []]);
});
