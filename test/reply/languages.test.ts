import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type MailFacts,
  TEMPLATES,
  type TemplateName,
  type TicketFacts,
} from '../../src/domain/mail-facts.ts';
import { PROBLEMS, SCOPES } from '../../src/domain/request.ts';
import { HOLD_REASONS, STATES } from '../../src/domain/ticket.ts';
import { readAnswers } from '../../src/ingest/understand/answers/answers.ts';
import { ownTextOf } from '../../src/ingest/understand/own-text/own-text.ts';
import { understand } from '../../src/ingest/understand/understand.ts';
import { makePlan } from '../../src/purge/plan.ts';
import { counted, dayIn, fill, instantIn } from '../../src/reply/phrase.ts';
import { loadTemplates, render } from '../../src/reply/render.ts';
import { mail } from '../ingest/understand/mail.ts';
import { archiveStore, planInput, sampleTarget } from '../purge/fixtures.ts';
import {
  acme,
  desk,
  mailFacts,
  mixedReceipt,
  receiptFor,
  secrets,
  targetOf,
  ticketFacts,
  withTicket,
} from './facts.ts';

/** What every language has to keep, whichever there are: a new folder is tested by being there. */
const DIR = new URL('../../templates', import.meta.url).pathname;
const templates = loadTemplates(DIR);
const english = templates.get('en')!;
const foreign = [...templates.values()].filter(({ language }) => language !== 'en');

/** Those that a customer meets on the way of every request. */
const ESSENTIAL: readonly TemplateName[] = [
  'received',
  'needs_details',
  'verify_request',
  'grace_started',
  'cancelled',
  'status',
  'completed',
];

const written = (facts: MailFacts, locale: string) => render(templates, { ...facts, locale }, desk, secrets);

const wordsOf = (html: string): string =>
  html
    .replace(/<style>[\s\S]*<\/style>/, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

/** Every branch that a template takes. */
function variantsOf(name: TemplateName): readonly MailFacts[] {
  const base = SCOPES.map((scope) => mailFacts(name, scope));
  const change = (...tickets: readonly Partial<TicketFacts>[]) =>
    tickets.map((ticket) => withTicket(name, 'source', ticket));
  const others = STATES.map((state, index) =>
    ticketFacts({
      reference: `PD-${2000 + index}`,
      state,
      target: state === 'rejected' ? null : targetOf('space'),
      asks: state === 'needs_details' ? [{ field: 'space', why: 'several' }] : [],
      holds: state === 'grace' ? HOLD_REASONS : [],
    }),
  );
  const common = [mailFacts(name, 'source', { others }), ...several(name)];
  const challenge = { id: 'c1', expiresAt: '2026-11-25T09:15:00.000Z', triesLeft: 1, reminder: true };
  const workspace = { slug: 'acme-inc', name: 'Acme Inc', deletedAt: null, stopped: false };
  switch (name) {
    case 'needs_details':
      return [
        ...base,
        ...common,
        mailFacts(name, 'source', { tickets: [], tag: null }),
        ...change(...FIELDS.flatMap((field) => WHYS.map((why) => ({ asks: [{ field, why }] }))), {
          asks: [],
          problems: PROBLEMS,
        }),
      ];
    case 'verify_request':
      return [...base, ...common, mailFacts(name, 'space', { challenge }), ...FRAMES.map(framed)];
    case 'status':
      return [
        ...base,
        ...common,
        ...change(...STATES.map((state) => ({ state })), { state: 'verifying', verifiedAt: null }),
        ...change({ holds: HOLD_REASONS }, { cancellable: false }, { graceEndsAt: null }),
        ...[
          workspace,
          { ...workspace, stopped: true },
          { ...workspace, deletedAt: '2026-11-20T08:00:00.000Z' },
        ].map((one) => mailFacts(name, 'workspace', { tickets: [], tag: null, workspace: one })),
      ];
    case 'completed': {
      const receipts = [receiptFor('source', 0), mixedReceipt(), mixedReceipt(2), null];
      return [...base, ...common, ...change(...receipts.map((receipt) => ({ receipt })))];
    }
    case 'grace_started':
      return [
        ...base,
        ...common,
        ...change({ unconfirmed: true }, { cancellable: false }, { notBefore: '2026-12-01T14:30:00.000Z' }),
      ];
    default:
      return [...base, ...common];
  }
}

const several = (name: TemplateName): readonly MailFacts[] => {
  const facts = mailFacts(name, 'workspace');
  return [{ ...facts, tickets: [...facts.tickets, ...facts.tickets] }];
};

const FIELDS = ['scope', 'workspace', 'source', 'space', 'users', 'events', 'project', 'timeFrame'] as const;
const WHYS = ['missing', 'unknown', 'several', 'differs'] as const;
const FRAMES = [
  null,
  { from: null, to: '2024-03-31' },
  { from: '2024-01-01', to: null },
  { from: '2024-02-29', to: '2024-02-29' },
];
const framed = (timeFrame: (typeof FRAMES)[number]) =>
  withTicket('verify_request', 'source', {
    target: targetOf('source', { timeFrame, workspaces: [{ ...acme, tombstone: true }] }),
  });

const cases = foreign.flatMap(({ language, compiled }) =>
  TEMPLATES.filter((name) => compiled.has(name)).map((name) => ({ language, name })),
);

/** Runs of at least four words of our own English, between values and stops. */
const ENGLISH = new Set(
  [
    readFileSync(join(DIR, 'en', 'words.json'), 'utf8')
      .match(/"(?:[^"\\]|\\.)*"/g)!
      .join('\n'),
    ...TEMPLATES.flatMap((name) => variantsOf(name).map((facts) => wordsOf(written(facts, 'en').html))),
  ]
    .flatMap((text) => text.split(/\{[a-z]+\}|["\n.:;?!,()“”]|&[a-z#0-9]+;/))
    .map((part) => part.trim())
    .filter((part) => part.split(' ').length >= 4 && /[a-z] [a-z]/.test(part)),
);

describe.each([...templates.values()])('an answer to a mail in $language', ({ language, wording }) => {
  const fields = ['workspace', 'source', 'timeFrame'] as const;
  const asking = (asks: TicketFacts['asks']) =>
    written(withTicket('needs_details', 'source', { target: null, asks }), language);

  test('may go by the numbers of the questions', () => {
    const asks = fields.map((field) => ({ field, why: 'missing' }) as const);
    const { subject, text, html } = asking(asks);
    const numbered = fields.map((field, index) => `\n${index + 1}. ${wording.question.missing[field]}`);
    for (const question of numbered) expect(flush(text)).toContain(flush(question));
    expect(html).toMatch(/<ol>\n(?:<li>.+<\/li>\n){3}<\/ol>/);
    const answer = mail({
      subject: `Re: ${subject}`,
      text: `1. acme-inc\n2. Website Prod\n3. 2024-01-01 – 2024-03-31\n\n${text}`,
    });
    const questions = [{ ticketId: 1, reference: 'PD-1042', scope: 'source', asks }] as const;
    expect(readAnswers(answer, questions, language)?.answers).toMatchObject([
      {
        ticketId: 1,
        given: {
          workspace: { slug: 'acme-inc' },
          source: 'Website Prod',
          timeFrame: { from: '2024-01-01', to: '2024-03-31' },
        },
      },
    ]);
  });

  test('has no number to go by when there is one question', () => {
    const { text, html } = asking([{ field: 'timeFrame', why: 'missing' }]);
    expect(flush(text)).toContain(flush(`PD-1042 - ${wording.question.missing.timeFrame}`));
    expect(text).not.toMatch(/^1\./m);
    expect(html).not.toContain('<ol>');
  });

  test('that was given in two ways is asked as that', () => {
    for (const field of FIELDS) {
      const { text } = asking([{ field, why: 'differs' }]);
      const { missing, differs } = wording.question;
      const words = field === 'scope' ? missing.scope : differs[field];
      expect(flush(text), field).toContain(flush(words));
      expect(words === missing[field], field).toBe(field === 'scope');
    }
  });

  test('is told from the mail below it by the line that asks to reply above', () => {
    for (const name of ESSENTIAL) {
      const { text } = written(mailFacts(name), language);
      expect(ownTextOf(mail({ text: `OK\n\n${text}` })).text.trim(), name).toBe('OK');
    }
  });
});

describe.each(foreign)('$language', ({ language, wording, compiled }) => {
  test('has every template that a request goes through', () => {
    expect(ESSENTIAL.filter((name) => !compiled.has(name))).toEqual([]);
  });

  test('says what has no template of its own in English, as a whole mail', () => {
    for (const name of TEMPLATES.filter((each) => !compiled.has(each))) {
      for (const facts of variantsOf(name)) expect(written(facts, language)).toEqual(written(facts, 'en'));
    }
    expect(existsSync(join(DIR, language, 'layouts', 'mail.html.hbs'))).toBe(true);
  });

  test('is chosen for its regions too, in any case of the tag', () => {
    const facts = mailFacts('cancelled');
    expect(written(facts, `${language}-XX`)).toEqual(written(facts, language));
    expect(written(facts, `${language.toUpperCase()}_xx`)).toEqual(written(facts, language));
  });

  test('asks for a word to cancel, and for a code, that are understood when they come back', () => {
    const subject = `Re: ${written(mailFacts('verify_request'), language).subject}`;
    expect(understand(mail({ subject, text: wording.cancel })).intent).toBe('cancel');
    expect(understand(mail({ subject, text: '493817' }))).toMatchObject({ intent: 'verify', code: '493817' });
  });

  test('has words for everything that a plan leaves alone', () => {
    const idle = archiveStore({ name: 'billing', scopes: ['workspace'] });
    const plan = makePlan(planInput(sampleTarget(), [archiveStore(), idle]));
    const { exclusions } = plan as Extract<typeof plan, { exclusions: unknown }>;
    expect(exclusions).toHaveLength(5);
    const signed = receiptFor('source');
    const receipt = { ...signed, receipt: { ...signed.receipt, exclusions } };
    const { text } = written(withTicket('completed', 'source', { receipt }), language);
    const said = flush(text);
    expect(said).not.toContain(flush(wording.records!.otherExclusions));
    for (const part of ['billing', 'public.people', instantIn(wording, '2024-02-01T00:00:00Z')]) {
      expect(said).toContain(flush(part));
    }
    const strange = { ...signed, receipt: { ...signed.receipt, exclusions: ['Data on the moon'] } };
    const unknown = written(withTicket('completed', 'source', { receipt: strange }), language).text;
    expect(flush(unknown)).toContain(flush(wording.records!.otherExclusions));
    expect(unknown).not.toContain('moon');
  });
});

describe.each(cases)('$name in $language', ({ name, language }) => {
  const { wording } = templates.get(language.toLowerCase())!;

  test('renders in every variant, in that language alone', () => {
    for (const facts of variantsOf(name)) {
      const { subject, text, html, language: used } = written(facts, language);
      expect(used).toBe(language);
      expect(html).toContain(`<html lang="${language}">`);
      expect(subject.startsWith(facts.tag === null ? '' : `[${facts.tag}] `)).toBe(true);
      expect(subject).not.toContain('deletion');
      for (const part of [text, html]) {
        expect(part).not.toMatch(/\b(?:undefined|null|NaN|Invalid)\b|\[object|\{\{|\{[a-z]+\}/);
        expect(part).toContain(desk.address);
      }
      expect(text).not.toMatch(/<\/?[a-z]+>|&[a-z]+;|\r/);
      expect(Math.max(...text.split('\n').map(columns))).toBeLessThanOrEqual(78);
      for (const said of [subject, text.replace(/\s+/g, ' '), wordsOf(html)]) {
        expect([...ENGLISH].filter((part) => said.includes(part))).toEqual([]);
        expect(said).not.toMatch(/\b(the|and|your|please|with|been|request|deletion)\b/i);
      }
    }
  });

  test('tells the same facts at the same places as the English mail', () => {
    for (const facts of variantsOf(name)) {
      const [own, original] = [written(facts, language), written(facts, 'en')];
      for (const tag of ['h1', 'h2', 'p', 'li', 'strong', 'tr', 'code', 'a ']) {
        expect(own.html.split(`<${tag}`).length, tag).toBe(original.html.split(`<${tag}`).length);
      }
      expect(own.text.split('\n- ').length).toBe(original.text.split('\n- ').length);
      for (const iso of INSTANTS) {
        const [there, here] = [instantIn(english.wording, iso), instantIn(wording, iso)];
        expect(count(own.text, here), iso).toBe(count(original.text, there));
        expect(count(own.html, here), iso).toBe(count(original.html, there));
      }
      for (const fact of ['493817', 'receipt-PD-1042.json', 'PD-1042', secrets.link!, 'Acme Inc (acme-inc']) {
        expect(count(own.text, fact), fact).toBe(count(original.text, fact));
        expect(count(own.html, fact), fact).toBe(count(original.html, fact));
      }
      const cancel = fill(wording.quoted, { text: wording.cancel });
      expect(count(own.text, cancel)).toBe(count(original.text, '"cancel"'));
    }
  });
});

/** Without its spaces and line ends: scripts without spaces are folded within words. */
const flush = (text: string): string => text.replace(/\s+/g, '');

/** How often a phrase stands in a text, however that is folded. */
const count = (text: string, phrase: string): number => flush(text).split(flush(phrase)).length - 1;

/** Of a terminal, where ideographs and kana take two. */
const columns = (line: string): number => line.replace(/[\u3000-\u9fff\uff00-\uff60]/g, 'xx').length;

const INSTANTS = [
  '2026-11-20T08:00:00.000Z',
  '2026-11-22T09:15:00.000Z',
  '2026-11-25T09:15:00.000Z',
  '2026-11-28T00:00:00.000Z',
  '2026-11-28T00:20:00.000Z',
  '2026-12-01T14:30:00.000Z',
  '2026-12-22T09:15:00.000Z',
];

const flat = (facts: MailFacts, locale: string): string => written(facts, locale).text.replace(/\s+/g, ' ');

test.each(foreign.map(({ language }) => language))(
  '%s cites the law that keeping rests on as it stands',
  (locale) => {
    const residue = mailFacts('grace_started').residue.map((each) => ({ ...each, legalBasis: '§ 147 AO' }));
    expect(written(mailFacts('grace_started', 'space', { residue }), locale).text).toContain('§ 147 AO');
  },
);

describe('German', () => {
  test('addresses the reader formally and says until when and how to cancel', () => {
    expect(flat(mailFacts('grace_started', 'workspace'), 'de')).toContain(
      'Antworten Sie auf diese E-Mail mit „stornieren“, und zwar vor Samstag, 28. November 2026, 00:00 Uhr UTC.',
    );
    expect(flat(mailFacts('verify_request'), 'de')).toContain(
      'die Daten der Quelle „Website Prod“ im Workspace Acme Inc (acme-inc), empfangen vom 1. Januar 2024 bis einschließlich 31. März 2024 (UTC-Tage)',
    );
    expect(flat(mailFacts('verify_request'), 'de')).toContain(
      'Gültig bis Mittwoch, 25. November 2026, 09:15 Uhr UTC. Sie haben 5 Versuche.',
    );
    expect(flat(mailFacts('completed'), 'de')).toContain('insgesamt 1.204 Datensätze');
    expect(flat(mailFacts('cancelled'), 'de')).toContain(
      'bis Sie die Löschung erneut schriftlich beantragen',
    );
  });

  test('tells one from several', () => {
    const { wording } = templates.get('de')!;
    expect(counted(wording, wording.count.tries, 1)).toBe('1 Versuch');
    expect(counted(wording, wording.count.records, 0)).toBe('0 Datensätze');
  });
});

describe('French', () => {
  test('addresses the reader formally and says until when and how to cancel', () => {
    expect(flat(mailFacts('grace_started', 'workspace'), 'fr')).toContain(
      'Répondez « annuler » à cet e-mail avant le samedi 28 novembre 2026 à 00:00 UTC.',
    );
    expect(flat(mailFacts('verify_request'), 'fr')).toContain(
      'les données de la source « Website Prod » dans l’espace de travail Acme Inc (acme-inc), reçues du 1er janvier 2024 au 31 mars 2024 inclus (jours UTC)',
    );
    expect(flat(mailFacts('cancelled'), 'fr')).toContain('jusqu’à une nouvelle demande écrite de votre part');
  });

  test('counts zero and one alike, and millions in their own form', () => {
    const { wording } = templates.get('fr')!;
    expect(counted(wording, wording.count.records, 0)).toBe('0 enregistrement');
    expect(counted(wording, wording.count.records, 2)).toBe('2 enregistrements');
    expect(counted(wording, wording.count.records, 2_000_000).replace(/\s/g, ' ')).toBe(
      '2 000 000 d’enregistrements',
    );
  });

  test('parts its signs with a space that does not break', () => {
    for (const { name } of cases.filter(({ language }) => language === 'fr')) {
      for (const facts of variantsOf(name)) {
        expect(wordsOf(written(facts, 'fr').html.replaceAll('\u00a0', '_'))).not.toMatch(
          /[\p{L}\d)] [:;?!»]|« /u,
        );
      }
    }
  });
});

describe('Spanish', () => {
  test('addresses the reader formally and says until when and how to cancel', () => {
    expect(flat(mailFacts('grace_started', 'workspace'), 'es')).toContain(
      'Responda «cancelar» a este correo antes del sábado 28 de noviembre de 2026, a las 00:00 UTC.',
    );
    expect(flat(mailFacts('verify_request'), 'es')).toContain(
      'los datos de la fuente «Website Prod» en el espacio de trabajo Acme Inc (acme-inc), recibidos del 1 de enero de 2024 al 31 de marzo de 2024, ambos inclusive (días UTC)',
    );
    expect(flat(mailFacts('cancelled'), 'es')).toContain(
      'hasta que vuelva a pedir su eliminación por escrito',
    );
  });
});

describe('Portuguese', () => {
  test('addresses the reader formally and says until when and how to cancel', () => {
    expect(flat(mailFacts('grace_started', 'workspace'), 'pt')).toContain(
      'Responda «cancelar» a este e-mail antes de 28 de novembro de 2026 (sábado), às 00:00 UTC.',
    );
    expect(flat(mailFacts('verify_request'), 'pt')).toContain(
      'os dados da fonte «Website Prod» no espaço de trabalho Acme Inc (acme-inc), recebidos de 1 de janeiro de 2024 a 31 de março de 2024, inclusive (dias UTC)',
    );
    expect(flat(mailFacts('cancelled'), 'pt')).toContain('até que volte a pedir a eliminação por escrito');
  });
});

describe('Italian', () => {
  test('addresses the reader formally and says until when and how to cancel', () => {
    expect(flat(mailFacts('grace_started', 'workspace'), 'it')).toContain(
      'Risponda «annullare» a questa e-mail prima di sabato 28 novembre 2026, ore 00:00 UTC.',
    );
    expect(flat(mailFacts('verify_request'), 'it')).toContain(
      'i dati della sorgente «Website Prod» nel workspace Acme Inc (acme-inc), ricevuti nel periodo 1º gennaio 2024 – 31 marzo 2024, estremi inclusi (giorni UTC)',
    );
    expect(flat(mailFacts('cancelled'), 'it')).toContain('finché non ne chiederà di nuovo l’eliminazione');
  });

  test('has no article before a day, which some days would contract', () => {
    const { wording } = templates.get('it')!;
    for (const text of Object.values(wording.frame)) expect(text).not.toMatch(/(?:il|al|dal|del) \{/);
  });
});

describe('Dutch', () => {
  test('addresses the reader formally and says until when and how to cancel', () => {
    expect(flat(mailFacts('grace_started', 'workspace'), 'nl')).toContain(
      'Beantwoord deze e-mail met ‘annuleren’ vóór zaterdag 28 november 2026 om 00:00 UTC.',
    );
    expect(flat(mailFacts('verify_request'), 'nl')).toContain(
      'de gegevens van de bron ‘Website Prod’ in de workspace Acme Inc (acme-inc), ontvangen van 1 januari 2024 tot en met 31 maart 2024 (UTC-dagen)',
    );
    expect(flat(mailFacts('cancelled'), 'nl')).toContain(
      'totdat u opnieuw schriftelijk om verwijdering vraagt',
    );
  });
});

describe('Japanese', () => {
  const said = (facts: MailFacts) => flush(written(facts, 'ja').text);

  test('addresses the reader politely and says until when and how to cancel', () => {
    expect(said(mailFacts('grace_started', 'workspace'))).toContain(
      flush('2026年11月28日土曜日 00:00 UTC より前に、このメールに「キャンセル」とご返信ください。'),
    );
    expect(said(mailFacts('verify_request'))).toContain(
      flush(
        'ワークスペース Acme Inc (acme-inc) のソース「Website Prod」のデータ、2024年1月1日から2024年3月31日までに受信した分（両日を含む、UTCの日付）',
      ),
    );
    expect(said(mailFacts('cancelled'))).toContain('データはそのまま保管されます');
  });

  test('puts no space between sentences and begins no line with a sign that closes', () => {
    for (const { name } of cases.filter(({ language }) => language === 'ja')) {
      for (const facts of variantsOf(name)) {
        const { text } = written(facts, 'ja');
        expect(text).not.toMatch(/^ *[、。」）？：]/mu);
        expect(text).not.toMatch(/。 +\S/u);
      }
    }
  });
});

test('days are days of UTC, and the first of a month is written as the language has it', () => {
  expect(
    foreign.map(({ wording }) => dayIn(wording, '2024-03-31')).every((day) => /31.*2024|2024.*31/.test(day)),
  ).toBe(true);
  expect(dayIn(templates.get('fr')!.wording, '2024-03-01')).toBe('1er mars 2024');
  expect(dayIn(templates.get('fr')!.wording, '2024-03-11')).toBe('11 mars 2024');
});
