import { describe, expect, test } from 'vitest';
import { handlePending } from '../../src/ingest/message-queue.ts';
import type { IngestDeps } from '../../src/ingest/ports.ts';
import { composeMessage, type OutgoingMessage } from '../../src/reply/message.ts';
import { loadTemplates, render } from '../../src/reply/render.ts';
import { handleMail } from '../../src/tickets/handle-mail.ts';
import { showTicket } from '../../src/tickets/queries.ts';
import { passedBySpf, queueDeps, readHere, storeMail } from '../ingest/reader.ts';
import { ada, bob, type OutboxRow, openTestDesk, stranger, type TestDesk } from '../tickets/desk.ts';
import { desk as identity, secrets } from './facts.ts';

/** Raw mails through the real reader, tickets and templates on a real database; only mail authentication is ours. */
const templates = loadTemplates(new URL('../../templates', import.meta.url).pathname);

const depsOf = (desk: TestDesk): IngestDeps =>
  queueDeps(desk.db, {
    ...readHere(passedBySpf('acme.example')),
    standingOf: () => 'authenticated',
    handle: (trx, mail) => handleMail(trx, desk.deps, mail),
  });

interface Letter {
  readonly from: string;
  readonly subject: string;
  readonly text: string;
}

/** A mail comes in. @returns what it caused to be written, as it goes out */
async function receive(desk: TestDesk, { from, subject, text }: Letter): Promise<readonly OutgoingMessage[]> {
  const before = (await desk.outbox()).length;
  const raw = Buffer.from(
    [
      `From: ${from}`,
      'To: desk@desk.example',
      `Subject: =?utf-8?B?${Buffer.from(subject).toString('base64')}?=`,
      'Date: Sun, 22 Nov 2026 09:15:00 +0000',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
      '',
      text,
    ].join('\r\n'),
  );
  await storeMail(desk.db, raw);
  await handlePending(depsOf(desk), new AbortController().signal);
  return (await desk.outbox()).slice(before).map(sent);
}

const sent = ({ facts, recipient }: OutboxRow): OutgoingMessage =>
  composeMessage({
    facts,
    rendered: render(templates, facts, identity, secrets),
    desk: identity,
    messageId: '<pd.1.1.status.00@desk.example.org>',
    inReplyTo: null,
    references: [],
    to: recipient,
    instanceId: 'this-desk',
    returnPath: null,
  });

const languagesOf = (mails: readonly OutgoingMessage[]): readonly string[] =>
  mails.map((mail) => `${mail.headers['Content-Language']} > ${mail.to}`);

const GERMAN: Letter = {
  from: ada,
  subject: 'Löschung einer Quelle',
  text: 'Guten Tag,\r\n\r\nbitte löschen Sie alle Daten der Quelle "Website Prod" in unserem Workspace acme-inc.\r\n\r\nMit freundlichen Grüßen\r\nAda Novak',
};

describe('the language of a conversation', () => {
  test('is that of its first mail: a German request is asked back in German', async () => {
    await using desk = await openTestDesk();
    const [asked, ...more] = await receive(desk, GERMAN);
    expect(more).toEqual([]);
    expect(asked).toMatchObject({
      to: ada,
      subject: expect.stringMatching(/^\[PD-\d+\] Ihr Antrag auf Löschung Ihrer Daten$/),
      // RFC 3282
      headers: { 'Content-Language': 'de', 'X-Purgedesk-Mail-Type': 'needs_details' },
    });
    expect(asked?.html).toContain('<html lang="de">');
    expect(asked?.text).toContain('Um welchen Zeitraum geht es?');
    expect(asked?.text).toContain('\nQuelle: \nErster Tag: \nLetzter Tag: \n');
    const { id } = await desk.ticket();
    expect(await showTicket(desk.db, id)).toMatchObject({ state: 'needs_details', language: 'de' });
  });

  test.each([
    {
      language: 'es',
      subject: 'Eliminación de una fuente',
      text: 'Buenos días:\r\n\r\nPor favor, eliminen todos los datos de la fuente "Website Prod" de nuestro espacio de trabajo acme-inc.\r\n\r\nUn saludo,\r\nAda Novak',
      form: 'Fuente: \nPrimer día: \nÚltimo día: \n',
    },
    {
      language: 'pt',
      subject: 'Eliminação de uma fonte',
      text: 'Bom dia,\r\n\r\nPor favor, eliminem todos os dados da fonte "Website Prod" do nosso espaço de trabalho acme-inc.\r\n\r\nCom os melhores cumprimentos,\r\nAda Novak',
      form: 'Fonte: \nPrimeiro dia: \nÚltimo dia: \n',
    },
    {
      language: 'it',
      subject: 'Eliminazione di una sorgente',
      text: 'Buongiorno,\r\n\r\nper favore eliminate tutti i dati della sorgente "Website Prod" nel nostro workspace acme-inc.\r\n\r\nCordiali saluti\r\nAda Novak',
      form: 'Sorgente: \nPrimo giorno: \nUltimo giorno: \n',
    },
    {
      language: 'nl',
      subject: 'Verwijdering van een bron',
      text: 'Goedemorgen,\r\n\r\nGraag alle gegevens van de bron "Website Prod" in onze workspace acme-inc verwijderen.\r\n\r\nMet vriendelijke groet,\r\nAda Novak',
      form: 'Bron: \nEerste dag: \nLaatste dag: \n',
    },
    {
      language: 'ja',
      subject: 'ソースの削除依頼',
      text: 'お世話になっております。\r\n\r\nワークスペース acme-inc のソース「Website Prod」のデータをすべて削除してください。\r\n\r\nよろしくお願いいたします。\r\nAda Novak',
      form: 'ソース：\n開始日：\n終了日：\n',
    },
  ])('is $language for a mail in it', async ({ language, subject, text, form }) => {
    await using desk = await openTestDesk();
    const [asked, ...more] = await receive(desk, { from: ada, subject, text });
    expect(more).toEqual([]);
    expect(asked?.headers).toMatchObject({
      'Content-Language': language,
      'X-Purgedesk-Mail-Type': 'needs_details',
    });
    expect(asked?.text).toContain(`\n${form}`);
  });

  test('stays when the answer is in another one', async () => {
    await using desk = await openTestDesk();
    await receive(desk, GERMAN);
    const { id } = await desk.ticket();
    const [next] = await receive(desk, {
      from: ada,
      subject: `Re: [PD-${id}] Ihr Antrag auf Löschung Ihrer Daten`,
      text: 'Hello,\r\n\r\nplease delete the data of the source "Website Prod" from 2024-01-01 to 2024-03-31, as we said before. Thank you very much for your help with this.\r\n\r\nAda',
    });
    expect(next?.headers).toMatchObject({
      'Content-Language': 'de',
      'X-Purgedesk-Mail-Type': 'verify_request',
    });
    expect(await showTicket(desk.db, id)).toMatchObject({ state: 'verifying', language: 'de' });
  });

  test('goes on in notices; what has no German words yet comes in English as a whole', async () => {
    await using desk = await openTestDesk();
    await desk.mail({ from: ada, intent: 'delete', requests: [], language: 'de' });
    await desk.mail({
      from: ada,
      intent: 'delete',
      language: 'de',
      requests: [
        {
          ...NOTHING,
          scope: 'workspace',
          workspace: { slug: 'acme-inc' },
        },
      ],
    });
    const { id } = await desk.ticket();
    await desk.mail({ from: ada, intent: 'verify', code: await desk.code(), ticket: `PD-${id}` });
    const mails = (await desk.outbox()).map((row) => ({ template: row.template, ...sent(row) }));
    const told = mails.map((mail) => `${mail.template} ${mail.headers['Content-Language']}`);
    const owners = templates.get('de')?.compiled.has('owner_notice') ? 'de' : 'en';
    expect(told).toEqual([
      'needs_details de',
      'verify_request de',
      'grace_started de',
      `owner_notice ${owners}`,
    ]);
  });

  test('is not forced on another owner who writes: the answer is in the language of their own mail', async () => {
    await using desk = await openTestDesk();
    await desk.mail({
      from: ada,
      intent: 'delete',
      language: 'de',
      requests: [{ ...NOTHING, scope: 'workspace', workspace: { slug: 'acme-inc' } }],
    });
    const { id } = await desk.ticket();
    const mails = await receive(desk, {
      from: bob,
      subject: `[PD-${id}] suppression`,
      text: 'Bonjour,\r\n\r\noù en est la suppression de notre espace de travail acme-inc ? Merci de nous tenir informés.\r\n\r\nCordialement\r\nBob',
    });
    expect(languagesOf(mails)).toEqual([`fr > ${bob}`]);
    const mine = await desk.mail({ from: ada, intent: 'status', ticket: `PD-${id}`, language: 'fr' });
    expect(languagesOf(mine.mails.map(sent))).toEqual([`de > ${ada}`]);
  });

  test('is English for a mail in a language that we do not speak', async () => {
    await using desk = await openTestDesk();
    const { mails } = await desk.mail({ from: ada, intent: 'delete', requests: [], language: 'da' });
    expect(languagesOf(mails.map(sent))).toEqual([`en > ${ada}`]);
  });

  test('tells a stranger nothing: the same words for every mail in one language', async () => {
    const answers = await Promise.all(
      ['acme-inc', 'no-such-workspace'].map(async (slug) => {
        await using desk = await openTestDesk();
        const mails = await receive(desk, {
          from: stranger,
          subject: 'Löschung',
          text: `Bitte löschen Sie unseren Workspace ${slug} mit allen Daten.`,
        });
        expect(mails).toHaveLength(1);
        return `${mails[0]?.subject}\n${mails[0]?.text}`;
      }),
    );
    expect(new Set(answers).size).toBe(1);
  });
});

const NOTHING = {
  workspace: null,
  source: null,
  space: null,
  users: [],
  events: [],
  properties: [],
  project: null,
  timeFrame: null,
} as const;
