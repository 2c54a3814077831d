import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { fieldAsked } from '../../../../src/ingest/understand/answers/asked-fields.ts';
import { understand } from '../../../../src/ingest/understand/understand.ts';
import { inShort } from '../languages/in-short.ts';
import { mail } from '../mail.ts';

interface Words {
  readonly question: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
const LANGUAGES = ['en', 'de', 'fr', 'es', 'pt', 'it', 'nl', 'ja'] as const;
type Language = (typeof LANGUAGES)[number];
const questionsOf = (language: Language): Words['question'] =>
  (JSON.parse(readFileSync(`templates/${language}/words.json`, 'utf8')) as Words).question;

/** Our mail that asks, as a program quotes it, with an answer below each question. */
const between = (language: Language, answers: Readonly<Record<string, string>>): string =>
  [
    'On 3 May 2024 at 10:00 support@purgedesk.example wrote:',
    '> PD-1042: the data of a source',
    ...Object.entries(answers).flatMap(([field, answer], index) => [
      `> ${index + 1}. ${questionsOf(language).missing?.[field]}`,
      ...(answer === '' ? [] : [answer]),
    ]),
    '>',
    '> If we do not hear from you, the request expires and your data stays as it is.',
  ].join('\n');

/** The same with all answers above it. */
const above = (language: Language, top: string, fields = ['workspace', 'source', 'timeFrame']): string =>
  `${top}\n\n${between(language, Object.fromEntries(fields.map((field) => [field, ''])))}`;

const SUBJECT = 'Re: [PD-1042] We need a few more details';
const said = (text: string, subject = SUBJECT): string => inShort(text, subject).replace(' PD-1042', '');
const source = (answers: Readonly<Record<string, string>>, language: Language = 'en'): string =>
  said(between(language, { workspace: 'acme-inc', ...answers }));

const DAYS = '2024-03-01..2024-03-05';
const WEB = `delete: source Website Prod @acme-inc ${DAYS}`;
const ISO = '2024-03-01 to 2024-03-05';

describe('what our own questions ask for', () => {
  const FIELDS: Readonly<Record<string, string | null>> = {
    scope: null,
    workspace: 'workspace',
    source: 'source',
    space: 'space',
    users: 'user',
    events: 'event',
    project: 'project',
    timeFrame: 'timeFrame',
  };
  const rows = LANGUAGES.flatMap((language) =>
    (['missing', 'unknown'] as const).flatMap((why) =>
      Object.entries(questionsOf(language)[why] ?? {}).map(([field, question]) => ({
        language,
        why,
        field,
        question,
      })),
    ),
  );
  test.each(rows)('$language $why: $question', ({ field, question }) => {
    expect(fieldAsked(question, true)).toBe(FIELDS[field]);
  });

  test.each([
    ['Which workspace is it (slug or ID)?', 'workspace'],
    ['Which source in it? (For example "Website Prod")', 'source'],
    ['Which days (first and last, UTC)? For example 2024-01-01 to 2024-03-31.', 'timeFrame'],
    ['Which Unify space in it? (For example "EU Marketing")', 'space'],
    ['Which end users (IDs or e-mail addresses)?', 'user'],
    ['¿De qué días (primero y último, UTC)?', 'timeFrame'],
    ['Welche Tage (erster und letzter, UTC)?', 'timeFrame'],
    ['Quels jours ?', 'timeFrame'],
    ['Quelle période ?', 'timeFrame'],
    ['Quelle est la période ?', 'timeFrame'],
    ['De quelle source ?', 'source'],
    ['Welche Quelle?', 'source'],
    ['Welke dagen?', 'timeFrame'],
    ['Quali giorni?', 'timeFrame'],
    ['Quais dias?', 'timeFrame'],
    ['First day (UTC):', 'firstDay'],
    ['Letzter Tag:', 'lastDay'],
    ['Espace de travail :', 'workspace'],
    ['Which workspace and source?', null],
    ['Source: Website Prod', null],
    ['Just reply to this mail and keep the subject as it is.', null],
    ['Hello Ada,', null],
  ])('%s', (question, field) => {
    expect(fieldAsked(question)).toBe(field);
  });
});

describe('answers below our quoted questions', () => {
  test.each([
    ['en', 'Website Prod', ISO],
    [
      'en',
      "It's the Website Prod one, thanks",
      '1 March 2024 to 5 March 2024, delete those five days please.',
    ],
    ['de', 'Das ist "Website Prod".', '1. bis 5. März 2024'],
    ['fr', "C'est Website Prod", 'du 1er mars 2024 au 5 mars 2024'],
    ['es', 'La de siempre, se llama "Website Prod".', 'Del 1 al 5 de marzo de 2024, ambos incluidos.'],
    ['pt', 'Chama-se Website Prod', 'de 1 a 5 de março de 2024'],
    ['it', 'Si chiama Website Prod', 'dal 1 al 5 marzo 2024'],
    ['nl', 'dat is Website Prod', '1 tot en met 5 maart 2024'],
    ['ja', '「Website Prod」です', '2024年3月1日から2024年3月5日まで'],
    ['fr', 'Website Prod', '2024-03-01 - 2024-03-05'],
  ] as const)('%s: %s, %s', (language, name, days) => {
    expect(source({ source: name, timeFrame: days }, language)).toBe(WEB);
  });

  test.each([
    ["It's acme-inc."],
    ['the slug is acme-inc'],
    ['acme-inc, thanks'],
    ['`acme-inc`'],
    ['acme-inc (our main one)'],
    ['https://app.purgedesk.example/acme-inc/settings'],
  ])('the workspace: %s', (workspace) => {
    expect(source({ workspace, source: 'Website Prod', timeFrame: ISO })).toBe(WEB);
  });

  test.each([
    ['the one called Campsite Map, that is the one to delete the data of', 'Campsite Map'],
    ['It is called Web Store', 'Web Store'],
    ['Mobile SDK (beta)', 'Mobile SDK (beta)'],
    ['Kiosk T1', 'Kiosk T1'],
    ['Sale 2024', 'Sale 2024'],
    ['checkout', 'checkout'],
    ['only Website Prod', 'Website Prod'],
    ['the Website Prod source', 'Website Prod'],
  ])('the source: %s', (answer, name) => {
    expect(source({ source: answer, timeFrame: ISO })).toBe(`delete: source ${name} @acme-inc ${DAYS}`);
  });

  test.each([
    'Website Prod or Checkout API',
    'Website Prod or maybe Checkout API',
    'Website Prod and Checkout API',
    'Website Prod, or Checkout API',
    'Website Prod, possibly',
    '"Website Prod" or "Checkout API"',
    'Website Prod, sorry, Checkout API',
    "It's Website Prod, I think",
    'not Website Prod',
    'Website Prod (not the beta)',
    'Website Prod?',
    'the second one',
    'the same as last time',
    'See Above',
    'Ask Bob Smith',
    'Thanks Bob',
    'Best regards',
    'All Sources',
    'all of them',
    'Delete Everything',
    'Ada',
    'Ada Novak',
    "I don't know",
    'No idea, sorry',
    'May 2024',
    'Which ones do you have?',
  ])('no name: %s', (answer) => {
    const { requests } = understand(
      mail({
        subject: SUBJECT,
        text: between('en', { workspace: 'acme-inc', source: answer, timeFrame: ISO }),
      }),
    );
    expect(requests.map((each) => each.source).filter((name) => name !== null)).toEqual([]);
  });

  test.each([
    'acme-inc or acme-eu',
    'acme-inc, acme-eu',
    'not acme-inc',
    'Acme Inc.',
    'the old one',
    'staging',
  ])('no workspace: %s', (workspace) => {
    expect(source({ workspace, source: 'Website Prod', timeFrame: ISO })).toBe(
      `delete: source Website Prod @? ${DAYS}`,
    );
  });

  test.each([
    ["I don't know", 'delete: source Website Prod @acme-inc ?'],
    ['all of them, since the source was created', 'delete: source Website Prod @acme-inc ..'],
    ['2024-03-01 14:00 to 16:00', 'delete: source Website Prod @acme-inc ? !finer_than_day'],
    ['03/04/2024 to 05/04/2024', 'delete: source Website Prod @acme-inc ? !ambiguous_date'],
    ['not March 2024', 'delete: source Website Prod @acme-inc ?'],
    [`${ISO}. Please delete nothing outside of these days.`, WEB],
    [`${ISO}.\nPlease delete these five days, the others stay.`, WEB],
  ])('the days: %s', (timeFrame, short) => {
    expect(source({ source: 'Website Prod', timeFrame })).toBe(short);
  });

  test('names and days that tell no language are read in that of the quote', () => {
    expect(source({ source: 'Kiosk', timeFrame: '1 mars 2024 - 5 mars 2024' }, 'fr')).toBe(
      `delete: source Kiosk @acme-inc ${DAYS}`,
    );
  });

  test('a list of names', () => {
    expect(source({ source: 'Website Prod, Checkout API', timeFrame: ISO })).toBe(
      `${WEB} + source Checkout API @acme-inc ${DAYS}`,
    );
  });

  test.each([
    ['cliente/0417 and cliente/0688, nobody else', 'cliente/0417, cliente/0688'],
    ['user_11\nuser_22', 'user_11, user_22'],
    ['user_11, user_22 but keep user_33', 'user_11, user_22'],
    ['user_11 or user_22', '?'],
    ['user_11 (Bob), user_22 (Jane)', '?'],
  ])('users: %s', (users, short) => {
    const read = said(between('en', { workspace: 'acme-inc', users }));
    if (short === '?') expect(read).not.toContain('user_');
    else expect(read).toBe(`delete: user ${short} @acme-inc`);
  });

  test('a space, a project and events', () => {
    expect(said(between('en', { workspace: 'acme-inc', space: 'Nordics / B2B' }))).toBe(
      'delete: space Nordics / B2B @acme-inc',
    );
    expect(
      said(between('en', { project: 'Rider App', events: 'Debug Ping, Order Completed', timeFrame: ISO })),
    ).toBe(`delete: events Debug Ping, Order Completed #Rider App ${DAYS}`);
  });

  test('a quote of HTML', () => {
    const quote = (question: string): string => `<blockquote type="cite">${question}</blockquote>`;
    const html = `${quote('1. Which workspace is it (slug or ID)?')}<div>acme-inc</div>${quote(
      '2. Which Unify space in it?',
    )}<div>EU Marketing</div>${quote('Just reply to this mail.')}`;
    const { requests } = understand(mail({ subject: SUBJECT, text: null, html }));
    expect(requests).toMatchObject([
      { scope: 'space', workspace: { slug: 'acme-inc' }, space: 'EU Marketing' },
    ]);
  });

  test('empty lines of our form', () => {
    const form = ['Workspace slug or ID', 'Source', 'First day (UTC)', 'Last day (UTC)'];
    const values = ['acme-inc', 'Website Prod', '2024-03-01', '2024-03-05'];
    expect(said(form.map((label, index) => `> ${label}:\n${values[index]}`).join('\n'))).toBe(WEB);
  });

  test('evidence points at the name in the own text', () => {
    const text = between('en', { workspace: 'acme-inc', source: 'It\'s the "Web" one.', timeFrame: ISO });
    const { evidence } = understand(mail({ subject: SUBJECT, text }));
    expect(evidence.find(({ field }) => field === 'requests.0.source')?.text).toBe('Web');
  });
});

describe('what is said beside an answer', () => {
  test.each([
    ['cancel', '', ''],
    ['acme-inc', 'Website Prod', 'Please cancel it all, we made a mistake.'],
  ])('a stop: %s, %s, %s', (workspace, name, timeFrame) => {
    expect(source({ workspace, source: name, timeFrame })).toMatch(/^cancel/);
  });

  test('a name that is to stay', () => {
    expect(source({ source: 'Website Prod, but keep Website Beta', timeFrame: ISO })).toBe(WEB);
  });

  test('a question is never read as the writer’s', () => {
    expect(said(between('en', { workspace: '', source: '', timeFrame: '' }))).toBe('other');
  });

  test('a form that is filled in inside the quote is not the writer’s', () => {
    const form = '> Workspace slug or ID: acme-inc\n> Source: Website Prod\n> First day (UTC): 2024-03-01';
    expect(said(`Please delete.\n\n${form}`)).toBe('delete');
  });

  test('below several questions only days can be told', () => {
    expect(said(between('en', { workspace: '', space: 'acme-inc' }))).toBe('other');
    expect(source({ source: '', timeFrame: `${ISO}` })).toContain('other');
  });

  test('questions of somebody else', () => {
    const text = 'Please delete the workspace globex-7.\n> Which source do you use?\nWebsite Prod';
    expect(said(text, 'Re: our talk')).toBe('delete: workspace @globex-7');
  });
});

describe('answers by the numbers of our questions', () => {
  test.each([
    ['Hi,\n\n1) acme-inc\n2) Website Prod\n3) 2024-03-01 to 2024-03-05', WEB],
    [
      '1. acme-inc 2. Website Prod 3. May 2023',
      'delete: source Website Prod @acme-inc 2023-05-01..2023-05-31',
    ],
    [
      "1. It's acme-inc.\n2. It's called Website Prod.\n3. I don't know",
      'delete: source Website Prod @acme-inc ?',
    ],
    [
      '1) acme-inc\n2) Website Prod\n3) everything up to and including 31 December 2022\n\nPlease delete just that. The new one (source "Website Two") stays.',
      'delete: source Website Prod @acme-inc ..2022-12-31',
    ],
  ])('%s', (top, short) => {
    expect(said(above('en', top))).toBe(short);
    expect(said(above('nl', top))).toBe(short);
  });

  test.each([
    '1. Website Prod\n2. acme-inc\n3. 2024-03-01 to 2024-03-05',
    'The sources to delete:\n1. web-prod\n2. Checkout API',
    '1. acme-inc\n2. 2024-03-01 to 2024-03-05',
  ])('not by the numbers: %s', (top) => {
    const { requests } = understand(mail({ subject: SUBJECT, text: above('en', top) }));
    expect(requests.filter(({ workspace }) => workspace !== null)).toEqual([]);
  });
});

test('numbers that count something else than our questions', () => {
  expect(said(above('en', '1. "Website Prod"\n2. "acme-inc"\n3. 2024-03-01 to 2024-03-05'))).toBe('other');
});

describe('our form in any language, filled in with names that tell none', () => {
  test.each([
    'Workspace-Slug: acme-inc\nQuelle: Website Prod\nErster Tag: 2024-03-01\nLetzter Tag: 2024-03-05',
    'Espace de travail : acme-inc\nSource : Website Prod\nPremier jour : 2024-03-01\nDernier jour : 2024-03-05',
    'Espacio de trabajo: acme-inc\nFuente: Website Prod\nPrimer día: 2024-03-01\nÚltimo día: 2024-03-05',
    'Espaço de trabalho: acme-inc\nFonte: Website Prod\nPrimeiro dia: 2024-03-01\nÚltimo dia: 2024-03-05',
    'Workspace: acme-inc\nSorgente: Website Prod\nPrimo giorno: 2024-03-01\nUltimo giorno: 2024-03-05',
    'Workspace: acme-inc\nBron: Website Prod\nEerste dag: 2024-03-01\nLaatste dag: 2024-03-05',
    'ワークスペース：acme-inc\nソース：Website Prod\n開始日：2024-03-01\n終了日：2024-03-05',
  ])('%s', (form) => {
    const name = 'All of the Data from Our Web and Mobile App';
    const text = form.replace('Website Prod', name);
    const short = WEB.replace('Website Prod', name);
    expect(said(form)).toBe(WEB);
    expect(said(text)).toBe(short);
    expect(understand(mail({ subject: 'Re: x', text, answersForm: true })).requests).toHaveLength(1);
  });

  test('a name that looks like a time beside the days', () => {
    const form = 'Workspace: acme-inc\nSource: Sale 2024\nDays: 2024-03-01 to 2024-03-05';
    expect(said(form)).toBe(`delete: source Sale 2024 @acme-inc ${DAYS}`);
  });
});

test('many quoted questions with answers take linear time', () => {
  const text = '> 1. Which source is it?\nWebsite Prod\n'.repeat(4_000);
  expect(understand(mail({ subject: SUBJECT, text })).intent).toBeDefined();
});
