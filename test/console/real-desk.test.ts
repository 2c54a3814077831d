import { describe, expect, test } from 'vitest';
import { ada, bob, sourceRequest, spaceRequest, workspaceRequest } from '../tickets/desk.ts';
import { faultsOf } from './desk.ts';
import { doubt, fingerprint, type Link, openRealConsole, post } from './real-desk.ts';

const SCANNERS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36',
  'Mozilla/5.0 (compatible; BingPreview/1.0b)',
  'Mozilla/4.0 (compatible; ms-office; MSOffice 16)',
  'Mozilla/5.0 (compatible; Proofpoint URL Defense)',
  'Mozilla/5.0 (compatible; Mimecast-URL-Scanner)',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'GoogleImageProxy',
  'Slackbot-LinkExpanding 1.0',
  'curl/8.5.0',
  '',
];

const LOOKING = ['GET', 'HEAD', 'OPTIONS'] as const;
const OTHER = ['TRACE', 'PUT', 'DELETE', 'PATCH'] as const;

/** Both kinds of link, open. */
async function twoLinks() {
  const real = await openRealConsole();
  const paused = await real.desk.inGrace();
  await doubt(real.desk, paused, bob);
  const cancel = await real.linkFor(bob);
  await real.desk.mail({ from: ada, intent: 'delete', requests: [spaceRequest()] });
  const verify = await real.linkFor(ada);
  return { ...real, paused, cancel, verify };
}

/** Every path that the server itself says it has, with each of these links in it. */
function pathsOf(routes: string, links: readonly Link[]): readonly string[] {
  const found = [...routes.matchAll(/─ (\S+) \(/g)].map((match) => match[1] ?? '');
  return found
    .map((path) => (path.startsWith('/') ? path : `/${path}`))
    .map((path) => path.replace(':workspace', 'ws_acme').replace(':store', 'archive'))
    .flatMap((path) =>
      path.includes(':token') ? links.map(({ token }) => path.replace(':token', token)) : [path],
    );
}

describe('W01 D07 every route that the server has', () => {
  test('W01 D07 changes nothing in any table when it is looked at, by whom and how often ever', async () => {
    await using real = await twoLinks();
    const { app, desk, cancel, verify } = real;
    const paths = pathsOf(app.printRoutes({ commonPrefix: false }), [cancel, verify]);
    expect(paths.length).toBeGreaterThan(5);
    expect(paths).toContain(`/c/${cancel.token}`);
    expect(paths.join()).not.toContain(':');
    const before = await fingerprint(desk);
    expect(Object.keys(before)).toContain('public.challenges');
    for (const path of paths) {
      for (const agent of SCANNERS) {
        for (const method of LOOKING) {
          const { code } = path.includes(verify.token) ? verify : cancel;
          const url = `${path}?code=${code}&choice=cancel`;
          const answer = await app.inject({ method, url, headers: { 'user-agent': agent } });
          // Services call back by POST; looked at, there is nothing.
          if (!path.startsWith('/callbacks/'))
            expect([path, method, answer.statusCode]).not.toEqual([path, 'GET', 404]);
          expect(answer.statusCode).toBeLessThan(500);
        }
      }
    }
    expect(await fingerprint(desk)).toEqual(before);
  });

  test('D07 takes no method that it does not have, even with link and code', async () => {
    await using real = await twoLinks();
    const { app, desk, cancel, verify } = real;
    const before = await fingerprint(desk);
    for (const path of pathsOf(app.printRoutes({ commonPrefix: false }), [cancel, verify])) {
      const { code } = path.includes(verify.token) ? verify : cancel;
      const form = post('', { code, choice: 'cancel' });
      for (const method of OTHER) {
        const answer = await app.inject({ ...form, method: method as 'PUT', url: path });
        expect([404, 405]).toContain(answer.statusCode);
      }
      if (!path.startsWith('/c/')) {
        expect((await app.inject({ ...form, url: path })).statusCode).toBe(404);
      }
    }
    expect(await fingerprint(desk)).toEqual(before);
  });
});

describe('W02 a link', () => {
  test('W02 with any byte changed is no link', async () => {
    await using real = await twoLinks();
    const { app, desk, cancel, verify } = real;
    const before = await fingerprint(desk);
    for (const { token, code } of [cancel, verify]) {
      for (let place = 0; place < token.length; place += 1) {
        const other = token[place] === 'A' ? 'B' : 'A';
        const flipped = `${token.slice(0, place)}${other}${token.slice(place + 1)}`;
        expect((await app.inject(`/c/${flipped}`)).statusCode).toBe(404);
        const posted = post(flipped, { code, choice: 'cancel' });
        // Each from elsewhere, so that the limit of tries is not what refuses it.
        const remoteAddress = `192.0.2.${place}`;
        expect((await app.inject({ ...posted, remoteAddress })).statusCode).toBe(404);
      }
    }
    expect(await fingerprint(desk)).toEqual(before);
  });

  test('W02 counts once, and says what came of it', async () => {
    await using real = await twoLinks();
    const { app, desk, cancel, paused } = real;
    const page = await app.inject(`/c/${cancel.token}`);
    expect(page.headers['referrer-policy']).toBe('no-referrer');
    expect(page.body).toContain('Website Prod');
    expect((await app.inject(post(cancel.token, { code: cancel.code, choice: 'go_on' }))).statusCode).toBe(
      303,
    );
    expect(await desk.ticket(paused.id)).toMatchObject({ state: 'grace', holds: [] });
    expect((await app.inject(`/c/${cancel.token}`)).body).toContain('The deletion goes on');
    const before = await fingerprint(desk);
    for (const choice of ['cancel', 'go_on']) {
      expect((await app.inject(post(cancel.token, { code: cancel.code, choice }))).statusCode).toBe(303);
    }
    expect(await fingerprint(desk)).toEqual(before);
  });

  test('W02 to confirm counts once as well', async () => {
    await using real = await twoLinks();
    const { app, desk, verify } = real;
    await app.inject(post(verify.token, { code: verify.code }));
    expect((await desk.ticket()).verified_at).toBeInstanceOf(Date);
    const before = await fingerprint(desk);
    await app.inject(post(verify.token, { code: verify.code }));
    expect(await fingerprint(desk)).toEqual(before);
  });

  test.each(['cancel', 'go_on'])('W02 after a cancel by mail the choice %s does nothing', async (choice) => {
    await using real = await twoLinks();
    const { app, desk, cancel, paused } = real;
    await desk.mail({ from: ada, intent: 'cancel', ticket: `PD-${paused.id}` });
    const before = await fingerprint(desk);
    expect((await app.inject(`/c/${cancel.token}`)).body).toContain('The deletion is cancelled');
    await app.inject(post(cancel.token, { code: cancel.code, choice }));
    expect(await fingerprint(desk)).toEqual(before);
  });

  test('W02 to confirm does nothing after a cancel', async () => {
    await using real = await twoLinks();
    const { app, desk, verify } = real;
    const { id } = await desk.ticket();
    await desk.mail({ from: ada, intent: 'cancel', ticket: `PD-${id}` });
    await app.inject(post(verify.token, { code: verify.code }));
    expect(await desk.ticket(id)).toMatchObject({ state: 'cancelled', verified_at: null });
  });

  test('W02 after 72 hours tells nothing and does nothing', async () => {
    await using real = await twoLinks();
    const { app, desk, cancel, verify } = real;
    await desk.pass(72);
    const before = await fingerprint(desk);
    for (const { token, code } of [cancel, verify]) {
      const page = await app.inject(`/c/${token}`);
      expect(page.statusCode).toBe(410);
      expect(page.body).not.toMatch(/acme|Website Prod|PD-/i);
      await app.inject(post(token, { code, choice: 'cancel' }));
    }
    expect(await fingerprint(desk)).toEqual(before);
  });

  test('W02 of one purpose takes no answer for the other', async () => {
    await using real = await twoLinks();
    const { app, desk, cancel, verify } = real;
    const confirming = await desk.ticket();
    await app.inject(post(verify.token, { code: verify.code, choice: 'cancel' }));
    expect((await desk.ticket(confirming.id)).verified_at).toBeInstanceOf(Date);
    const before = await fingerprint(desk);
    await app.inject(post(cancel.token, { code: cancel.code }));
    await app.inject(post(cancel.token, { code: verify.code }));
    expect(await fingerprint(desk)).toEqual(before);
  });

  test('W02 and its code stand in no log and nowhere in the database, even when the database fails', async () => {
    await using real = await twoLinks();
    const { app, desk, cancel } = real;
    const wrong = cancel.code === '000000' ? '000001' : '000000';
    await app.inject(`/c/${cancel.token}`);
    await app.inject(post(cancel.token, { code: wrong, choice: 'go_on' }));
    const { rows } = await desk.db.raw<{ rows: { text: string }[] }>(
      `select cast(c as text) as text from challenges c
       union all select cast(o as text) from outbox o union all select cast(e as text) from ticket_events e`,
    );
    const stored = rows.map(({ text }) => text).join('\n');
    expect(stored).not.toContain(cancel.token);
    expect(stored).not.toMatch(new RegExp(`\\b${cancel.code}\\b`));
    await desk.db.raw('alter table challenges rename to challenges_away');
    expect((await app.inject(`/c/${cancel.token}`)).statusCode).toBe(500);
    const posted = post(cancel.token, { code: cancel.code, choice: 'go_on' });
    expect((await app.inject(posted)).statusCode).toBe(500);
    expect(real.logged()).toContain('/c/:token');
    expect(real.logged()).not.toContain(cancel.token);
    expect(real.logged()).not.toContain(cancel.code);
  });

  test('W02 is 192 bits of its own, of which only a hash is kept', async () => {
    await using real = await twoLinks();
    const { desk, cancel, verify } = real;
    expect(cancel.token).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(cancel.token).not.toBe(verify.token);
    const rows = await desk.db('challenges').pluck('link_hash');
    expect(rows).not.toContain(cancel.token);
    expect(rows.every((hash: string) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
  });
});

describe('W05 a form', () => {
  test.each([
    { title: 'from another site', headers: { 'sec-fetch-site': 'cross-site' } },
    { title: 'from another host of this site', headers: { 'sec-fetch-site': 'same-site' } },
    { title: 'with a foreign origin', headers: { origin: 'https://evil.example' } },
    { title: 'with our host on another port', headers: { origin: 'https://desk.example:8443' } },
    { title: 'with our host without TLS', headers: { origin: 'http://desk.example' } },
  ])('W05 $title is refused, with link and code right', async ({ headers }) => {
    await using real = await twoLinks();
    const { app, desk, cancel, verify } = real;
    const before = await fingerprint(desk);
    for (const { token, code } of [cancel, verify]) {
      const answer = await app.inject(
        post(token, { code, choice: 'cancel' }, headers as Record<string, string>),
      );
      expect(answer.statusCode).toBe(403);
      expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    }
    expect(await fingerprint(desk)).toEqual(before);
  });

  test.each(['null', 'https://desk.example'])('W05 of our own is taken: origin %s', async (origin) => {
    await using real = await twoLinks();
    const { app, desk, cancel, paused } = real;
    await app.inject(post(cancel.token, { code: cancel.code, choice: 'cancel' }, { origin }));
    expect(await desk.ticket(paused.id)).toMatchObject({ state: 'cancelled' });
  });
});

describe('the page of a doubtful cancel', () => {
  test('tells a party of an account’s workspaces only of their own', async () => {
    await using real = await openRealConsole();
    const { desk, app } = real;
    await desk.db('members').insert({ workspace_id: 'ws_globex', address: ada, role: 'owner' });
    await desk.asked({ ...workspaceRequest(), scope: 'account', workspace: null });
    const ticket = await desk.ticket();
    expect(ticket).toMatchObject({ state: 'verifying' });
    await doubt(desk, ticket, bob);
    const { body } = await app.inject(`/c/${(await real.linkFor(bob)).token}`);
    expect(faultsOf(body)).toEqual([]);
    expect(body).toContain('acme-inc');
    expect(body).not.toMatch(/globex/i);
    await doubt(desk, ticket, ada);
    expect((await app.inject(`/c/${(await real.linkFor(ada)).token}`)).body).toMatch(/globex/i);
  });

  test('W04 shows a hostile workspace name as text', async () => {
    await using real = await openRealConsole();
    const { desk, app } = real;
    const name = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
    await desk.db('workspaces').where({ id: 'ws_acme' }).update({ name });
    const ticket = await desk.asked(sourceRequest());
    await doubt(desk, ticket, bob);
    const { body } = await app.inject(`/c/${(await real.linkFor(bob)).token}`);
    expect(faultsOf(body)).toEqual([]);
    expect(body).toContain('&lt;script&gt;');
    expect(body).not.toMatch(/<script|<img src=x/);
  });

  test('F28 says truthfully that the deletion had started before the cancel', async () => {
    await using real = await openRealConsole();
    const { desk, app } = real;
    const ticket = await desk.inGrace();
    await desk.until(new Date(ticket.grace_ends_at!.getTime() - 3_600_000));
    await doubt(desk, ticket, bob);
    const { token, code } = await real.linkFor(bob);
    const by = { kind: 'agent', name: 'grace' } as const;
    await desk.act({ id: ticket.id, event: { type: 'released', reason: 'doubtful_cancel', by, note: '' } });
    await desk.until(ticket.grace_ends_at!);
    await desk.tick();
    const looked = await app.inject(`/c/${token}`);
    expect(looked.body).toContain('The deletion has started');
    expect(looked.body).not.toContain('<form');
    await app.inject(post(token, { code, choice: 'cancel' }));
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'purging' });
    expect((await app.inject(`/c/${token}`)).body).toBe(looked.body);
  });

  test('says that the link no longer counts when the request has changed', async () => {
    await using real = await openRealConsole();
    const { desk, app } = real;
    const ticket = await desk.asked();
    await doubt(desk, ticket, bob);
    const { token } = await real.linkFor(bob);
    await desk.mail({
      from: ada,
      intent: 'delete',
      ticket: `PD-${ticket.id}`,
      requests: [sourceRequest({ source: 'iOS App' })],
      closer: { corrects: () => true },
    });
    const page = await app.inject(`/c/${token}`);
    expect([page.statusCode, faultsOf(page.body)]).toEqual([410, []]);
    expect(page.body).not.toMatch(/acme|iOS App/i);
  });
});

test('F29 the same form sent six times at once counts once', async () => {
  await using real = await twoLinks();
  const { app, desk, cancel, paused } = real;
  const before = (await desk.outbox()).length;
  await Promise.all(
    Array.from({ length: 6 }, () => app.inject(post(cancel.token, { code: cancel.code, choice: 'cancel' }))),
  );
  expect(await desk.ticket(paused.id)).toMatchObject({ state: 'cancelled' });
  expect((await desk.outbox()).length - before).toBe(2);
});

test('five tries: the sixth is not looked at, though it be right', async () => {
  await using real = await twoLinks();
  const { app, desk, cancel, paused } = real;
  const wrong = cancel.code === '000000' ? '000001' : '000000';
  for (let time = 0; time < 5; time += 1)
    await app.inject(post(cancel.token, { code: wrong, choice: 'cancel' }));
  await app.inject(post(cancel.token, { code: cancel.code, choice: 'cancel' }));
  expect(await desk.ticket(paused.id)).toMatchObject({ state: 'grace', holds: ['doubtful_cancel'] });
  expect((await app.inject(`/c/${cancel.token}`)).body).toContain('Too many wrong codes');
});
