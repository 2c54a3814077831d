/** Mails as other people's programs sign them, and what is left of them behind a mailing list. */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { sealMessage } from 'mailauth';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ticketId } from '../../src/domain/ids.ts';
import { isUnreadable, parseMessage } from '../../src/ingest/parse-message.ts';
import { explain, mailToRead } from '../../src/ingest/understand/understand.ts';
import { type DnsServer, startDnsServer } from '../../src/sandbox/dns-server.ts';
import { rejudge } from '../../src/tickets/rejudge.ts';
import { authenticateMessage } from '../../src/verify/authentication.ts';
import { standingOf } from '../../src/verify/judge.ts';
import { makeResolver, type Resolve } from '../../src/verify/resolver.ts';
import { grace } from '../tickets/cast.ts';
import { ada, openTestDesk, told, workspaceRequest } from '../tickets/desk.ts';
import { byMailingList, byRelay, delivered, edited, LIST_IP } from './forward.ts';

const DESK = 'support@purgedesk.example';
const MX = 'in.purgedesk.example';
const folder = new URL('./opendkim/', import.meta.url);
const fixture = (name: string): Buffer => readFileSync(new URL(`${name}.eml`, folder));
const zone = JSON.parse(readFileSync(new URL('zone.json', folder), 'utf8')) as Record<string, string>;

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const nodemailerKey = `v=DKIM1; p=${pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;

type Policy = 'none' | 'quarantine' | 'reject';
const servers: DnsServer[] = [];
const resolvers = new Map<Policy, Resolve>();
beforeAll(async () => {
  for (const policy of ['none', 'quarantine', 'reject'] as const) {
    const server = await startDnsServer({
      records: {
        ...Object.fromEntries(Object.entries(zone).map(([name, key]) => [name, { TXT: [key] }])),
        'nm._domainkey.acme.example': { TXT: [nodemailerKey] },
        'arc._domainkey.lists.example': { TXT: [nodemailerKey] },
        '_dmarc.acme.example': { TXT: [`v=DMARC1; p=${policy}`] },
        'lists.example': { TXT: [`v=spf1 ip4:${LIST_IP} -all`] },
      },
    });
    servers.push(server);
    resolvers.set(policy, makeResolver([server.address]));
  }
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

async function judged(raw: Buffer, policy: Policy = 'reject') {
  const date = /^Date: (.*)\r$/m.exec(raw.toString('latin1'))?.[1];
  const evidence = await authenticateMessage(raw, 'ada@acme.example', {
    resolver: resolvers.get(policy)!,
    trustedReceivedBy: [MX],
    trustedAuthservId: null,
    now: new Date(new Date(date ?? '').getTime() + 60_000),
    deskAddresses: [DESK],
    trustedSealers: ['lists.example'],
  });
  return { evidence, standing: standingOf(evidence) };
}

const CANONICALIZATIONS = ['simple-simple', 'simple-relaxed', 'relaxed-simple', 'relaxed-relaxed'];
const SIGNED = ['plain', 'parts'].flatMap((mail) => CANONICALIZATIONS.map((how) => `${mail}-${how}`));

describe("mails signed by Debian's opendkim", () => {
  test.each(SIGNED)('%s is authenticated', async (name) => {
    const { evidence, standing } = await judged(fixture(name));
    expect(evidence).toMatchObject({
      dkim: { result: 'pass', domains: ['acme.example'], aligned: true },
      dmarc: { result: 'pass', policy: 'reject' },
      notes: ['no trusted record of the path: SPF not checked'],
    });
    expect(standing).toBe('authenticated');
  });

  test.each(SIGNED)('%s with another word in it is a forgery', async (name) => {
    const { standing } = await judged(edited(fixture(name), 'acme-inc', 'acme-two'));
    expect(standing).toBe('failed');
  });

  // Its SignHeaders unless told otherwise are the SHOULD list of RFC 6376 section 5.4.1, without Content-Type.
  test.each(['plain-default', 'parts-default'])(
    'T18 %s, which leaves Content-Type open, proves nobody and is no forgery either',
    async (name) => {
      const { evidence, standing } = await judged(fixture(name));
      expect(evidence.dkim).toEqual({ result: 'none', domains: [], aligned: false });
      expect(evidence.notes).toContain(
        'the signature of acme.example does not count: it does not cover content-type',
      );
      expect(standing).toBe('unproven');
    },
  );
});

describe("mails signed by nodemailer's own DKIM", () => {
  const send = async (extra: object = {}) => {
    const transport = createTransport({
      streamTransport: true,
      buffer: true,
      newline: 'windows',
      dkim: {
        domainName: 'acme.example',
        keySelector: 'nm',
        privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      },
    });
    const sent = await transport.sendMail({
      from: 'Adé <ada@acme.example>',
      to: { name: 'Löschung, bitte', address: DESK },
      subject: 'Bitte löschen: alles, was wir jemals an Sie gesendet haben, und zwar möglichst bald',
      text: 'Bitte löschen Sie den Arbeitsbereich acme-inc.\n\n\n',
      ...extra,
    });
    return sent.message as Buffer;
  };

  test.each([
    { title: 'plain text', extra: {} },
    { title: 'text and HTML', extra: { html: '<p>Bitte löschen Sie <b>acme-inc</b>.</p>' } },
    {
      title: 'an attachment',
      extra: { attachments: [{ filename: 'a.pdf', content: Buffer.alloc(3000, 7) }] },
    },
    {
      title: 'an answer',
      extra: { inReplyTo: '<a@purgedesk.example>', references: '<a@purgedesk.example>' },
    },
  ])('$title is authenticated', async ({ extra }) => {
    const { evidence, standing } = await judged(await send(extra));
    expect(evidence).toMatchObject({ dkim: { aligned: true }, dmarc: { result: 'pass' } });
    expect(standing).toBe('authenticated');
  });
});

describe('forwarded', () => {
  const mails = ['plain-relaxed-relaxed', 'plain-simple-simple', 'parts-relaxed-simple'];

  test.each(mails)('%s by an alias, which changes nothing, is as good as sent directly', async (name) => {
    const { standing } = await judged(delivered(fixture(name), 'ada-away@lists.example'));
    expect(standing).toBe('authenticated');
  });

  test.each(mails)(
    'T02 %s by a mailing list proves nobody, though its own path is in order',
    async (name) => {
      const { evidence } = await judged(byMailingList(fixture(name)), 'none');
      expect(evidence).toMatchObject({
        spf: { result: 'pass', domain: 'lists.example', aligned: false },
        dkim: { result: 'fail', aligned: false },
        dmarc: { result: 'fail', policy: 'none' },
      });
    },
  );

  test.each(mails)(
    'T03 %s with its text changed is for the challenge to decide under p=none',
    async (name) => {
      for (const forward of [byRelay, byMailingList])
        expect((await judged(forward(fixture(name)), 'none')).standing).toBe('unproven');
    },
  );

  test.each(mails)('T01 %s with its text changed is for an agent under an enforcing policy', async (name) => {
    for (const policy of ['quarantine', 'reject'] as const)
      for (const forward of [byRelay, byMailingList])
        expect((await judged(forward(fixture(name)), policy)).standing).toBe('failed');
  });

  test('T24 the seal of a trusted list tells agents why, and changes nothing', async () => {
    for (const policy of ['none', 'reject'] as const) {
      const mail = byMailingList(fixture('plain-relaxed-relaxed'));
      const seal = await sealMessage(mail, {
        signingDomain: 'lists.example',
        selector: 'arc',
        privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        i: 1,
        cv: 'none',
        authResults: 'lists.example; dkim=pass header.d=acme.example; dmarc=pass header.from=acme.example',
      });
      const { evidence, standing } = await judged(Buffer.concat([seal, mail]), policy);
      expect(evidence.arc).toEqual({ result: 'pass', sealer: 'lists.example', trusted: true });
      expect(evidence.notes).toContain(
        'the mail was handed on under the seal of lists.example, a trusted forwarder',
      );
      expect(standing).toBe(policy === 'none' ? 'unproven' : 'failed');
    }
  });

  test('T50 by a mailing list is never answered, but an agent learns that a person asks', async () => {
    const read = async (raw: Buffer) => {
      const parsed = await parseMessage(raw);
      if (isUnreadable(parsed)) throw new Error(parsed.unreadable);
      return explain(mailToRead(parsed, false));
    };
    const plain = fixture('plain-relaxed-relaxed');
    expect(await read(byMailingList(plain))).toMatchObject({
      understanding: { autoReply: true },
      asksAnyway: true,
    });
    expect((await read(byRelay(plain))).understanding).toMatchObject({ autoReply: false, intent: 'delete' });
  });

  test('T03 by a relay: the code goes to the directory, either at once or when an agent lets the mail pass', async () => {
    const mail = byRelay(fixture('plain-relaxed-relaxed'));
    const ask = { from: ada, intent: 'delete', requests: [workspaceRequest()] } as const;
    await using open = await openTestDesk();
    await open.mail({ ...ask, standing: (await judged(mail, 'none')).standing });
    expect(told(await open.outbox())).toEqual([`verify_request > ${ada}`]);

    await using strict = await openTestDesk();
    await strict.mail({ ...ask, standing: (await judged(mail, 'reject')).standing });
    expect(await strict.outbox()).toEqual([]);
    const { id, holds } = await strict.ticket();
    expect(holds).toEqual(['review']);
    await strict.act({ id, event: { type: 'released', reason: 'review', by: grace, note: 'our list' } });
    await strict.db.transaction((trx) => rejudge(trx, strict.deps, ticketId(id)));
    expect(told(await strict.outbox())).toEqual([`verify_request > ${ada}`]);
    expect(await strict.ticket(id)).toMatchObject({ state: 'verifying', verified_at: null });
  });
});
