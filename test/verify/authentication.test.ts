import { generateKeyPairSync } from 'node:crypto';
import { dkimSign } from 'mailauth';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MailEvidence } from '../../src/domain/evidence.ts';
import { type DnsServer, startDnsServer } from '../../src/sandbox/dns-server.ts';
import { authenticateMessage, beginAuthentication } from '../../src/verify/authentication.ts';
import { standingOf } from '../../src/verify/judge.ts';
import { makeResolver, type Resolve } from '../../src/verify/resolver.ts';

const DESK = 'support@purgedesk.example';
const MX = 'in.purgedesk.example';
const now = new Date('2026-03-01T10:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);

const rsa = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits });
const pem = (key: { privateKey: { export(options: object): string | Buffer } }) =>
  key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const record = (pair: ReturnType<typeof rsa>, tags = '') => {
  const text = `v=DKIM1; k=rsa;${tags} p=${pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
  return { TXT: [text.match(/.{1,255}/g) ?? []] };
};
const key = rsa(2048);
const tiny = rsa(512);
const dmarcRecord = (text: string) => ({ TXT: [[`v=DMARC1; ${text}`]] });

let server: DnsServer;
let resolver: Resolve;
beforeAll(async () => {
  const keys = Object.fromEntries(
    ['acme', 'mail.acme', 'strict', 'news.strict', 'lists', 'bare', 'evil', 'broken'].map((name) => [
      `s1._domainkey.${name}.example`,
      record(key),
    ]),
  );
  server = await startDnsServer({
    records: {
      ...keys,
      'test._domainkey.acme.example': record(key, ' t=y;'),
      'tiny._domainkey.acme.example': record(tiny),
      'web._domainkey.acme.example': record(key, ' s=other;'),
      'gone._domainkey.acme.example': { TXT: [['v=DKIM1; p=']] },
      '_dmarc.acme.example': dmarcRecord('p=reject'),
      '_dmarc.strict.example': dmarcRecord('p=reject; adkim=s; aspf=s'),
      '_dmarc.lists.example': dmarcRecord('p=none'),
      '_dmarc.evil.example': dmarcRecord('p=reject'),
      'acme.example': { TXT: [['v=spf1 ip4:198.51.100.7 -all']] },
      'mail.strict.example': { TXT: [['v=spf1 ip4:198.51.100.7 -all']] },
      'bare.example': { TXT: [['v=spf1 ip4:198.51.100.7 ~all']] },
      'evil.example': { TXT: [['v=spf1 ip4:203.0.113.9 -all']] },
      'sink.example': { TXT: [['v=spf1 ip4:203.0.113.9 -all']] },
    },
    servfail: [
      'down._domainkey.acme.example',
      'down._domainkey.bare.example',
      'down._domainkey.evil.example',
      '_dmarc.broken.example',
    ],
  });
  resolver = makeResolver([server.address]);
});
afterAll(() => server.stop());

/** A mail as nodemailer builds and signs it. */
async function mailOf(
  options: {
    from?: string;
    domain?: string | null;
    date?: Date;
    to?: string;
    text?: string;
    selector?: string;
    covered?: string;
  } = {},
): Promise<Buffer> {
  const { from = 'Ada <ada@acme.example>', domain = 'acme.example', selector = 's1' } = options;
  const transport = createTransport({
    streamTransport: true,
    buffer: true,
    newline: 'windows',
    ...(domain === null
      ? {}
      : {
          dkim: {
            domainName: domain,
            keySelector: selector,
            privateKey: pem(key),
            ...(options.covered === undefined ? {} : { headerFieldNames: options.covered }),
          },
        }),
  });
  const sent = await transport.sendMail({
    from,
    to: options.to ?? DESK,
    subject: 'Delete our workspace',
    date: options.date ?? now,
    text: options.text ?? 'Please delete the workspace acme-inc.',
  });
  return sent.message as Buffer;
}

/** The same unsigned mail with a signature that has any tags one likes. */
async function signed(
  options: {
    signature?: object;
    headers?: string;
    from?: string;
    date?: Date;
    signTime?: Date;
    expires?: Date;
    domain?: string;
    selector?: string;
    privateKey?: string;
    algorithm?: string;
  } = {},
): Promise<Buffer> {
  const mail = await mailOf({
    domain: null,
    ...(options.from === undefined ? {} : { from: options.from }),
    ...(options.date === undefined ? {} : { date: options.date }),
  });
  const { signatures, errors } = await dkimSign(mail, {
    algorithm: options.algorithm ?? 'rsa-sha256',
    canonicalization: 'relaxed/relaxed',
    signTime: options.signTime ?? now,
    ...(options.expires === undefined ? {} : { expires: options.expires }),
    ...(options.headers === undefined ? {} : { headerList: options.headers }),
    signatureData: [
      {
        signingDomain: options.domain ?? 'acme.example',
        selector: options.selector ?? 's1',
        privateKey: options.privateKey ?? pem(key),
        ...options.signature,
      },
    ],
  } as Parameters<typeof dkimSign>[1]);
  if (signatures === '') throw new Error('the mail could not be signed', { cause: errors[0]?.err });
  return Buffer.concat([Buffer.from(signatures), mail]);
}

const prepend = (head: string, mail: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${head.replaceAll('\n', '\r\n')}\r\n`), mail]);
const edit = (mail: Buffer, from: string | RegExp, to: string): Buffer =>
  Buffer.from(mail.toString('latin1').replace(from, to), 'latin1');
const received = (ip = '198.51.100.7', by = MX) =>
  `Received: from mail.acme.example (mail.acme.example [${ip}])\n\tby ${by} (Postfix) with ESMTPS id 4XYZ\n\tfor <${DESK}>; Sun, 1 Mar 2026 10:00:00 +0000`;

const check = (
  raw: Buffer,
  from: string | null = 'ada@acme.example',
  options: Partial<Parameters<typeof authenticateMessage>[2]> = {},
): Promise<MailEvidence> => authenticateMessage(raw, from, optionsFor(options));

const optionsFor = (options: Partial<Parameters<typeof authenticateMessage>[2]>) => ({
  resolver,
  trustedReceivedBy: [MX],
  trustedAuthservId: null,
  now,
  deskAddresses: [DESK],
  ...options,
});

describe('signatures that count', () => {
  test('a signed mail of the owner is authenticated', async () => {
    const evidence = await check(await mailOf());
    expect(evidence).toMatchObject({
      source: 'own',
      dkim: { result: 'pass', domains: ['acme.example'], aligned: true },
      dmarc: { result: 'pass', policy: 'reject' },
    });
    expect(standingOf(evidence)).toBe('authenticated');
  });

  test('a subdomain aligns unless the policy is strict', async () => {
    expect(standingOf(await check(await mailOf({ domain: 'mail.acme.example' })))).toBe('authenticated');
    const strict = await check(
      await mailOf({ from: 'sue@strict.example', domain: 'news.strict.example' }),
      'sue@strict.example',
    );
    expect(strict).toMatchObject({ dkim: { aligned: false }, dmarc: { result: 'fail', policy: 'reject' } });
    const own = await check(
      await mailOf({ from: 'sue@strict.example', domain: 'strict.example' }),
      'sue@strict.example',
    );
    expect(standingOf(own)).toBe('authenticated');
  });

  test('without a DMARC record the signature of the very domain still authenticates', async () => {
    const evidence = await check(
      await mailOf({ from: 'ben@bare.example', domain: 'bare.example' }),
      'ben@bare.example',
    );
    expect(evidence).toMatchObject({ dkim: { aligned: true }, dmarc: { result: 'none', policy: null } });
    expect(standingOf(evidence)).toBe('authenticated');
  });

  test('a mail to a tagged address of the desk is addressed to us', async () => {
    const evidence = await check(await mailOf({ to: 'support+r.abc123@purgedesk.example' }));
    expect(standingOf(evidence)).toBe('authenticated');
  });

  test('a consistent file with bare line feeds verifies', async () => {
    const mail = await mailOf();
    expect(standingOf(await check(edit(mail, /\r\n/g, '\n')))).toBe('authenticated');
  });
});

describe('forgeries of a domain with p=reject', () => {
  test.each<{ title: string; mail: () => Promise<Buffer> }>([
    { title: 'T01 unsigned', mail: () => mailOf({ domain: null }) },
    { title: 'T02 signed by another domain', mail: () => mailOf({ domain: 'evil.example' }) },
    { title: 'a tampered body', mail: async () => edit(await mailOf(), 'acme-inc', 'acme-old') },
    { title: 'a tampered subject', mail: async () => edit(await mailOf(), 'Delete our', 'Remove all') },
    {
      title: 'T15 text appended behind l=',
      mail: async () =>
        Buffer.concat([await signed({ signature: { maxBodyLength: 10 } }), Buffer.from('more\r\n')]),
    },
    {
      title: 'T15 l= even when all is covered',
      mail: () => signed({ signature: { maxBodyLength: 10_000 } }),
    },
    {
      title: 'T16 a second Subject above the signed one',
      mail: async () => prepend('Subject: Delete acme', await mailOf()),
    },
    { title: 'T16 a second To', mail: async () => prepend('To: x@y.example', await mailOf()) },
    {
      title: 'T16 a Cc twice',
      mail: async () => prepend('Cc: a@b.example\nCc: c@d.example', await mailOf()),
    },
    {
      title: 'T16 a second Content-Type',
      mail: async () => prepend('Content-Type: text/html', await mailOf()),
    },
    { title: 'T17 Subject not covered', mail: () => signed({ headers: 'from:to:date:content-type' }) },
    { title: 'T17 Date not covered', mail: () => signed({ headers: 'from:to:subject:content-type' }) },
    { title: 'T17 From not covered', mail: () => mailOf({ covered: 'to:subject:date:content-type' }) },
    { title: 'T19 a genuine mail to somebody else', mail: () => mailOf({ to: 'help@other.example' }) },
    {
      title: 'T19 our address only in a display name',
      mail: () => mailOf({ to: `"${DESK}" <help@other.example>` }),
    },
    { title: 'T20 eight days old by t=', mail: () => signed({ signTime: daysAgo(8), date: daysAgo(8) }) },
    { title: 'T20 eight days old by Date', mail: () => mailOf({ date: daysAgo(8) }) },
    { title: 'T20 from the future', mail: () => signed({ signTime: daysAgo(-1) }) },
    {
      title: 'T20 expired',
      mail: () => signed({ signTime: daysAgo(2), expires: daysAgo(1) }),
    },
    { title: 'T21 rsa-sha1', mail: () => signed({ algorithm: 'rsa-sha1' }) },
    { title: 'T21 a key in test mode', mail: () => signed({ selector: 'test' }) },
    { title: 'T21 a key not for mail', mail: () => signed({ selector: 'web' }) },
    { title: 'T21 a revoked key', mail: () => signed({ selector: 'gone' }) },
    { title: 'T21 a 512-bit key', mail: () => signed({ selector: 'tiny', privateKey: pem(tiny) }) },
    { title: 'a selector that does not exist', mail: () => signed({ selector: 'nope' }) },
    {
      title: 'a selector that is no name',
      mail: async () => edit(await mailOf(), 's=s1', `s=${'x'.repeat(80)}`),
    },
    {
      title: 'T78 a bare line feed among CRLF',
      mail: async () => edit(await mailOf(), 'acme-inc.\r\n', 'acme-inc.\n'),
    },
    {
      title: 'T04 a forged path above which ours never wrote',
      mail: async () =>
        prepend(
          `Return-Path: <ada@acme.example>\n${received('198.51.100.7', 'mx.evil.example')}`,
          await mailOf({ domain: null }),
        ),
    },
    {
      title: 'a failing key server of the forger’s own domain',
      mail: async () => signed({ selector: 'down', domain: 'evil.example' }),
    },
    {
      title: 'T22 a forged Authentication-Results',
      mail: async () =>
        prepend(
          `Authentication-Results: ${MX}; dkim=pass header.d=acme.example; dmarc=pass header.from=acme.example`,
          await mailOf({ domain: null }),
        ),
    },
    {
      title: 'more signatures than anybody honest makes',
      mail: async () =>
        prepend(
          Array.from(
            { length: 11 },
            (_, i) => `DKIM-Signature: v=1; a=rsa-sha256; d=d${i}.example; s=s; h=from; bh=x; b=y`,
          ).join('\n'),
          await mailOf(),
        ),
    },
  ])('$title: failed, so no mail goes out', async ({ mail }) => {
    const evidence = await check(await mail());
    expect(evidence.dkim.aligned).toBe(false);
    expect(evidence.spf.aligned).toBe(false);
    expect(standingOf(evidence)).toBe('failed');
  });
});

describe('authors', () => {
  test.each<{ title: string; mail: () => Promise<Buffer>; from: string | null }>([
    {
      title: 'T08 two From fields',
      mail: async () => prepend('From: mallory@evil.example', await mailOf()),
      from: 'ada@acme.example',
    },
    {
      title: 'T08 a second From with a space before the colon',
      mail: async () => prepend('From : mallory@evil.example', await mailOf()),
      from: 'ada@acme.example',
    },
    {
      title: 'T08 a second From whose colon is folded away',
      mail: async () => prepend('From\n : mallory@evil.example', await mailOf()),
      from: 'ada@acme.example',
    },
    {
      title: 'T08 two mailboxes in one From',
      mail: async () =>
        edit(
          await mailOf({ domain: null }),
          /From: .*\r\n/,
          'From: ada@acme.example, mallory@evil.example\r\n',
        ),
      from: 'ada@acme.example',
    },
    { title: 'T09 a parser that read another author', mail: () => mailOf(), from: 'bob@acme.example' },
    { title: 'no plain author', mail: () => mailOf(), from: null },
    { title: 'T10 an author with a non-ASCII domain', mail: () => mailOf(), from: 'ada@acm\u0435.example' },
    {
      title: 'an endless header',
      mail: async () => prepend(`X-Long: ${'a'.repeat(300_000)}`, await mailOf()),
      from: 'ada@acme.example',
    },
    {
      title: 'a header of a hundred thousand lines',
      mail: async () => prepend(`X-Fold: a${'\n b'.repeat(80_000)}`, await mailOf()),
      from: 'ada@acme.example',
    },
    { title: 'no header at all', mail: async () => Buffer.from('\r\nhello'), from: 'ada@acme.example' },
    { title: 'an empty mail', mail: async () => Buffer.alloc(0), from: null },
  ])('$title: failed', async ({ mail, from }) => {
    const evidence = await check(await mail(), from);
    expect(evidence.dmarc.result).toBe('permerror');
    expect(standingOf(evidence)).toBe('failed');
  });
});

describe('what the challenge must decide', () => {
  test.each<{ title: string; mail: () => Promise<Buffer>; from?: string; dmarc: object }>([
    {
      title: 'T03 p=none, unsigned',
      mail: () => mailOf({ from: 'lou@lists.example', domain: null }),
      from: 'lou@lists.example',
      dmarc: { result: 'fail', policy: 'none' },
    },
    {
      title: 'p=none, broken by a mailing list',
      mail: async () =>
        edit(
          await mailOf({ from: 'lou@lists.example', domain: 'lists.example' }),
          'Subject: ',
          'Subject: [list] ',
        ),
      from: 'lou@lists.example',
      dmarc: { result: 'fail', policy: 'none' },
    },
    {
      title: 'no record, unsigned',
      mail: () => mailOf({ from: 'ben@bare.example', domain: null }),
      from: 'ben@bare.example',
      dmarc: { result: 'none', policy: null },
    },
    {
      title: 'T18 Content-Type not covered, as Google signs',
      mail: () => signed({ headers: 'from:to:subject:date:message-id:mime-version' }),
      dmarc: { result: 'none', policy: 'reject' },
    },
    {
      title: 'To not covered, as Microsoft signs',
      mail: () => signed({ headers: 'from:date:subject:message-id:content-type:mime-version' }),
      dmarc: { result: 'none', policy: 'reject' },
    },
  ])('$title: unproven', async ({ mail, from, dmarc }) => {
    const evidence = await check(await mail(), from);
    expect(evidence.dmarc).toEqual(dmarc);
    expect(standingOf(evidence)).toBe('unproven');
  });

  test('no server answers: everything temporary, nothing thrown, in bounded time', async () => {
    const silent = makeResolver(['127.0.0.1:9'], { timeoutMs: 300 });
    const evidence = await check(await mailOf(), undefined, { resolver: silent });
    expect(evidence).toMatchObject({
      dkim: { aligned: false },
      dmarc: { result: 'temperror', policy: null },
    });
    expect(standingOf(evidence)).toBe('undetermined');
  });

  test('a library or resolver that breaks leaves everything unknown', async () => {
    const evidence = await check(await mailOf(), undefined, {
      resolver: () => {
        throw new TypeError('broken');
      },
    });
    expect(evidence.dmarc.result).toBe('temperror');
    expect(standingOf(evidence)).toBe('undetermined');
  });

  test('signatures that could not be checked leave everything unknown', async () => {
    const raw = await mailOf();
    const begun = await beginAuthentication(raw, 'ada@acme.example', optionsFor({}));
    expect(begun.job).not.toBeNull();
    expect(standingOf(await begun.conclude(null))).toBe('undetermined');
  });
});

describe('F34 T06 what DNS may still decide', () => {
  test.each<{ title: string; mail: () => Promise<Buffer>; from?: string; dmarc: object }>([
    {
      title: 'the key server fails',
      mail: () => signed({ selector: 'down' }),
      dmarc: { result: 'temperror', policy: 'reject' },
    },
    {
      title: 'the key server fails, and there is no policy',
      mail: () => mailOf({ from: 'ben@bare.example', domain: 'bare.example', selector: 'down' }),
      from: 'ben@bare.example',
      dmarc: { result: 'temperror', policy: null },
    },
    {
      title: 'the policy server fails',
      mail: () => mailOf({ from: 'bo@broken.example', domain: 'broken.example' }),
      from: 'bo@broken.example',
      dmarc: { result: 'temperror', policy: null },
    },
  ])('$title: undetermined', async ({ mail, from, dmarc }) => {
    const evidence = await check(await mail(), from);
    expect(evidence.dmarc).toEqual(dmarc);
    expect(standingOf(evidence)).toBe('undetermined');
  });

  test('trouble with the servers of somebody else decides nothing', async () => {
    const raw = await mailOf({ from: 'ben@bare.example', domain: 'acme.example', selector: 'down' });
    expect(standingOf(await check(raw, 'ben@bare.example'))).toBe('unproven');
  });
});

describe('the path', () => {
  const path =
    (returnPath: string, hop: string) =>
    async (from = 'Ada <ada@acme.example>') =>
      prepend(`Return-Path: <${returnPath}>\n${hop}`, await mailOf({ domain: null, from }));

  test('an aligned MAIL FROM from its own server authenticates', async () => {
    const evidence = await check(await path('ada@acme.example', received())());
    expect(evidence).toMatchObject({
      spf: { result: 'pass', domain: 'acme.example', aligned: true },
      dmarc: { result: 'pass' },
    });
    expect(standingOf(evidence)).toBe('authenticated');
  });

  test('so it does behind a hand-over by LMTP of the same server, and without DMARC', async () => {
    const lmtp = `Received: from ${MX}\n\tby ${MX} with LMTP id x; Sun, 1 Mar 2026 10:00:00 +0000\n${received()}`;
    expect(standingOf(await check(await path('ada@acme.example', lmtp)()))).toBe('authenticated');
    const bare = await check(
      await path('ben@bare.example', received())('ben@bare.example'),
      'ben@bare.example',
    );
    expect(standingOf(bare)).toBe('authenticated');
  });

  test.each<{ title: string; mail: () => Promise<Buffer>; spf: object }>([
    {
      title: 'T02 a pass for another domain',
      mail: path('bounce@sink.example', received('203.0.113.9')),
      spf: { result: 'pass', domain: 'sink.example' },
    },
    {
      title: 'a foreign server',
      mail: path('ada@acme.example', received('203.0.113.9')),
      spf: { result: 'fail', domain: 'acme.example' },
    },
    {
      title: 'T04 the null path, HELO of the owner',
      mail: path('', received()),
      spf: { result: 'none', domain: null },
    },
    {
      title: 'T23 a forged Received under ours',
      mail: path('ada@acme.example', `${received('203.0.113.9')}\n${received()}`),
      spf: { result: 'fail' },
    },
    {
      title: 'T23 ours is not on top',
      mail: path('ada@acme.example', `${received('203.0.113.9', 'relay.example')}\n${received()}`),
      spf: { result: 'none' },
    },
    {
      title: 'T23 a Return-Path below our Received',
      mail: async () =>
        prepend(`${received()}\nReturn-Path: <ada@acme.example>`, await mailOf({ domain: null })),
      spf: { result: 'none' },
    },
    {
      title: 'T23 an address in the HELO name',
      mail: path(
        'ada@acme.example',
        received('203.0.113.9').replace('from mail.acme.example', 'from x([198.51.100.7])'),
      ),
      spf: { result: 'none' },
    },
    {
      title: 'T23 a second "by" in the HELO name',
      mail: path(
        'ada@acme.example',
        received('203.0.113.9').replace('from mail.acme.example', `from x (y [198.51.100.7]) by ${MX}`),
      ),
      spf: { result: 'none' },
    },
    {
      title: 'strict alignment is for the very domain',
      mail: async () =>
        prepend(
          `Return-Path: <b@mail.strict.example>\n${received()}`,
          await mailOf({ domain: null, from: 'sue@strict.example' }),
        ),
      spf: { result: 'pass' },
    },
  ])('$title: does not authenticate', async ({ title, mail, spf }) => {
    const evidence = await check(await mail(), title.startsWith('strict') ? 'sue@strict.example' : undefined);
    expect(evidence.spf).toMatchObject({ ...spf, aligned: false });
    expect(standingOf(evidence)).toBe('failed');
  });

  test('without a configured server the path proves nothing', async () => {
    const evidence = await check(await path('ada@acme.example', received())(), undefined, {
      trustedReceivedBy: [],
    });
    expect(evidence.spf).toEqual({ result: 'none', domain: null, aligned: false });
  });
});

describe('a pinned Authentication-Results', () => {
  const pinned = { trustedAuthservId: MX };
  const field = (text: string, id = MX) => `Authentication-Results: ${id};\n\t${text}`;
  const good =
    'dkim=pass (2048-bit key) header.d=acme.example header.b="x"; spf=none smtp.mailfrom=ada@acme.example';

  test('above our Received it stands for our own check', async () => {
    const mail = await mailOf();
    const b = /b=([A-Za-z0-9+/]{4})/.exec(mail.toString('latin1').split('bh=')[1] ?? '')?.[1] ?? '';
    const evidence = await check(
      prepend(
        `${field(`dkim=pass header.d=acme.example header.b="${b}"; dmarc=pass header.from=acme.example`)}\n${received()}`,
        mail,
      ),
      undefined,
      pinned,
    );
    expect(evidence).toMatchObject({
      source: 'authserv',
      dkim: { result: 'pass', aligned: true },
      dmarc: { result: 'pass' },
    });
  });

  test.each(['From: mallory@evil.example', 'From\n : mallory@evil.example'])(
    'T08 a second author is seen here too: %j',
    async (second) => {
      const head = `${field('dkim=pass header.d=acme.example')}\n${received()}\n${second}`;
      const evidence = await check(prepend(head, await mailOf()), undefined, pinned);
      expect(standingOf(evidence)).toBe('failed');
      expect(evidence.dmarc.result).toBe('permerror');
    },
  );

  test.each<{ title: string; head: string; source: string; mail?: () => Promise<Buffer> }>([
    { title: 'T22 below our Received', head: `${received()}\n${field(good)}`, source: 'own' },
    {
      title: 'T22 of another server',
      head: `${field(good, 'mx.evil.example')}\n${received()}`,
      source: 'own',
    },
    { title: 'in a mail that our server never received', head: field(good), source: 'own' },
    {
      title: 'that names a signature the mail does not hold',
      head: `${field(good)}\n${received()}`,
      source: 'authserv',
    },
    {
      title: 'that speaks of its pass in a comment',
      head: `${field('dkim=fail (dkim=pass header.d=acme.example) header.d=acme.example')}\n${received()}`,
      source: 'authserv',
    },
    {
      title: 'whose topmost says fail, a lower one pass',
      head: `${field('dkim=fail header.d=acme.example')}\n${field(good)}\n${received()}`,
      source: 'authserv',
    },
    {
      title: 'that passes a signature which our rules void',
      head: `${field('dkim=pass header.d=acme.example')}\n${received()}`,
      source: 'authserv',
      mail: () => signed({ signature: { maxBodyLength: 10 } }),
    },
    {
      title: 'that passes an expired signature',
      head: `${field('dkim=pass header.d=acme.example')}\n${received()}`,
      source: 'authserv',
      mail: () => signed({ signTime: daysAgo(2), expires: daysAgo(1) }),
    },
    {
      title: 'T22 that says DMARC failed beside that it passed',
      head: `${field('dkim=pass header.d=acme.example; dmarc=pass header.from=acme.example; dmarc=fail header.from=acme.example')}\n${received()}`,
      source: 'authserv',
      mail: () => mailOf(),
    },
    {
      title: 'T22 that speaks of another author',
      head: `${field('dkim=pass header.d=acme.example; dmarc=pass header.from=evil.example')}\n${received()}`,
      source: 'authserv',
      mail: () => mailOf(),
    },
    {
      title: 'T22 of a version that nobody knows',
      head: `${field('dkim=pass header.d=acme.example', `${MX} 2`)}\n${received()}`,
      source: 'own',
    },
    {
      title: 'that says DMARC failed',
      head: `${field('dkim=pass header.d=acme.example; dmarc=fail header.from=acme.example')}\n${received()}`,
      source: 'authserv',
      mail: () => mailOf(),
    },
  ])('$title: does not authenticate', async ({ head, source, mail }) => {
    const body = await (mail ?? (() => mailOf({ domain: null })))();
    const evidence = await check(prepend(head, body), undefined, pinned);
    expect(evidence.source).toBe(source);
    expect(standingOf(evidence)).toBe('failed');
  });
});

test('T06 a pinned Authentication-Results that could not look something up is looked up here', async () => {
  const field = `Authentication-Results: ${MX}; dkim=temperror header.d=acme.example; dmarc=temperror`;
  const mail = prepend(`${field}\n${received()}`, await mailOf());
  const evidence = await check(mail, undefined, { trustedAuthservId: MX });
  expect(evidence.source).toBe('own');
  expect(standingOf(evidence)).toBe('authenticated');
});

test('notes never hold an address or a subject', async () => {
  const evidence = await check(await signed({ signature: { maxBodyLength: 10 } }));
  expect(evidence.notes.length).toBeGreaterThan(0);
  expect(evidence.notes.join(' ')).not.toMatch(/@|Delete our/);
});
