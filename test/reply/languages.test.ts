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
import { understand } from '../../src/ingest/understand/understand.ts';
import { makePlan } from '../../src/purge/plan.ts';
import { counted, dayIn, fill, instantIn } from '../../src/reply/phrase.ts';
import { loadTemplates, render } from '../../src/reply/render.ts';
import { mail } from '../ingest/understand/mail.ts';
import { archiveStore, planInput, sampleTarget } from '../purge/fixtures.ts';
import { acme, desk, mailFacts, receiptFor, secrets, targetOf, ticketFacts, withTicket } from './facts.ts';

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
      const left = receiptFor('source');
      const remaining = { ...left, receipt: { ...left.receipt, remainingTotal: 2 } };
      return [
        ...base,
        ...common,
        ...change({ receipt: null }, { receipt: receiptFor('source', 0) }, { receipt: remaining }),
      ];
    }
    case 'grace_started':
      return [
        ...base,
        ...common,
        ...change({ cancellable: false }, { notBefore: '2026-12-01T14:30:00.000Z' }),
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

test('days are days of UTC, and the first of a month is written as the language has it', () => {
  expect(
    foreign.map(({ wording }) => dayIn(wording, '2024-03-31')).every((day) => /31.*2024|2024.*31/.test(day)),
  ).toBe(true);
  expect(dayIn(templates.get('fr')!.wording, '2024-03-01')).toBe('1er mars 2024');
  expect(dayIn(templates.get('fr')!.wording, '2024-03-11')).toBe('11 mars 2024');
});
