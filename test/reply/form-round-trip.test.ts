import { describe, expect, test } from 'vitest';
import type { TimeFrame } from '../../src/domain/calendar.ts';
import type { Ask } from '../../src/domain/evidence.ts';
import type { MailFacts, RenderedMail, TicketFacts } from '../../src/domain/mail-facts.ts';
import {
  type DeletionRequest,
  PROBLEMS,
  type Problem,
  type RequestField,
  type Scope,
} from '../../src/domain/request.ts';
import { understand } from '../../src/ingest/understand/understand.ts';
import { fill } from '../../src/reply/phrase.ts';
import { loadTemplates, render } from '../../src/reply/render.ts';
import type { Wording } from '../../src/reply/wording.ts';
import { mail } from '../ingest/understand/mail.ts';
import { desk, mailFacts, secrets, withTicket } from './facts.ts';

/** The form that goes out, filled in and sent back in every way that mail programs quote, is read exactly. */
const templates = loadTemplates(new URL('../../templates', import.meta.url).pathname);

/** What a careful customer writes behind each label, in the order of a field's labels. */
const ANSWERS: Readonly<Record<RequestField, readonly string[]>> = {
  workspace: ['acme-inc'],
  source: ['Website Prod'],
  timeFrame: ['2024-01-01', '2024-03-31'],
  space: ['EU Marketing'],
  users: ['user_8812, user_9944'],
  project: ['Mobile App'],
  events: ['order_completed, signup_v2', 'card_number', 'phone'],
};

const READ: Readonly<Record<RequestField, Partial<DeletionRequest>>> = {
  workspace: { workspace: { slug: 'acme-inc' } },
  source: { source: 'Website Prod' },
  timeFrame: { timeFrame: { from: '2024-01-01', to: '2024-03-31' } },
  space: { space: 'EU Marketing' },
  users: { users: ['user_8812', 'user_9944'] },
  project: { project: 'Mobile App' },
  events: {
    events: ['order_completed', 'signup_v2'],
    properties: [
      { name: 'card_number', kind: 'event', event: null },
      { name: 'phone', kind: 'user', event: null },
    ],
  },
};

const NOTHING: Omit<DeletionRequest, 'scope'> = {
  workspace: null,
  source: null,
  space: null,
  users: [],
  events: [],
  properties: [],
  project: null,
  timeFrame: null,
};

/** The field without which a scope is not told from others; it stands in every form. */
const OWN: Readonly<Record<Exclude<Scope, 'account'>, RequestField>> = {
  workspace: 'workspace',
  source: 'source',
  space: 'space',
  user: 'users',
  events: 'events',
};

const NEEDS: Readonly<Record<Exclude<Scope, 'account'>, readonly RequestField[]>> = {
  workspace: ['workspace'],
  source: ['workspace', 'source', 'timeFrame'],
  space: ['workspace', 'space'],
  user: ['workspace', 'users'],
  events: ['project', 'events', 'timeFrame'],
};

interface Case {
  readonly title: string;
  readonly scope: Exclude<Scope, 'account'>;
  readonly asks: readonly Ask[];
  readonly problems: readonly Problem[];
  readonly fields: readonly RequestField[];
}

const CASES: readonly Case[] = (Object.keys(NEEDS) as (keyof typeof NEEDS)[]).flatMap((scope) => {
  const one = (asks: readonly Ask[], problems: readonly Problem[], asked: readonly RequestField[]): Case => ({
    title: `${scope}: ${[...asks.map(({ field, why }) => `${field} ${why}`), ...problems].join(', ')}`,
    scope,
    asks,
    problems,
    fields: [...new Set([...asked, OWN[scope]])],
  });
  const whys = ['missing', 'unknown', 'several', 'differs'] as const;
  return [
    ...NEEDS[scope].flatMap((field) => whys.map((why) => one([{ field, why }], [], [field]))),
    one(
      NEEDS[scope].map((field) => ({ field, why: 'missing' })),
      [],
      NEEDS[scope],
    ),
    ...(NEEDS[scope].includes('timeFrame') ? PROBLEMS : [])
      .filter((problem) => problem !== 'too_many_clauses')
      .flatMap((problem) => [
        one([{ field: 'timeFrame', why: problem }], [], ['timeFrame']),
        one([], [problem], ['timeFrame']),
      ]),
    ...(scope === 'events' ? [one([], ['too_many_clauses'], ['events'])] : []),
  ];
});

/** The lines of the form as the mail has them, with an answer behind each of the given fields. */
function filledIn({ form }: Wording, text: string, fields: readonly RequestField[]): string {
  const answers = new Map(
    fields.flatMap((field) =>
      form[field].map((label, index) => [fill(form.line, { label }), ANSWERS[field][index] ?? ''] as const),
    ),
  );
  const lines = text.split('\n');
  const missing = [...answers.keys()].filter((line) => !lines.includes(line));
  expect(missing, 'each line stands in the mail, ready to write behind').toEqual([]);
  const labels = new Set(
    Object.values(form).flatMap((each) =>
      typeof each === 'string' ? [] : each.map((label) => fill(form.line, { label })),
    ),
  );
  return lines
    .filter((line) => labels.has(line))
    .map((line) => `${line}${answers.get(line) ?? ''}`)
    .join('\n');
}

const quote = (sent: RenderedMail): string =>
  [
    'On Sun, 22 Nov 2026 at 09:16, purgedesk support <support@desk.example.org> wrote:',
    ...sent.text.split('\n').map((line) => `> ${line}`.trimEnd()),
  ].join('\n');

const REPLIES: Readonly<Record<string, (answer: string, sent: RenderedMail) => string>> = {
  'on its own': (answer) => answer,
  'above the quoted mail': (answer, sent) => `${answer}\n\n${quote(sent)}\n`,
  'below the quoted mail': (answer, sent) => `${quote(sent)}\n\n${answer}\n`,
  'signed, above the quoted mail': (answer, sent) => `${answer}\n\nAda Novak\n\n${quote(sent)}\n`,
  'above an original mail that is not marked as quoted': (answer, sent) =>
    `${answer}\n\n-----Original Message-----\nFrom: purgedesk support <support@desk.example.org>\nSent: Sunday, 22 November 2026 09:16\nTo: Ada Novak\nSubject: ${sent.subject}\n\n${sent.text}`,
};

const read = (sent: RenderedMail, text: string, answersForm = true) =>
  understand(
    mail({
      subject: `Re: ${sent.subject}`,
      date: new Date('2026-11-23T08:00:00Z'),
      text,
      answersForm,
    }),
  );

const sentTo = (language: string, facts: MailFacts): RenderedMail =>
  render(templates, { ...facts, locale: language }, desk, secrets);

const asking = (ticket: Partial<TicketFacts>, scope: Scope): MailFacts =>
  withTicket('needs_details', scope, { scope, target: null, ...ticket });

const LANGUAGES = [...templates.values()].filter(({ compiled }) => compiled.has('needs_details'));

describe.each(LANGUAGES)('a form in $language', ({ language, wording }) => {
  test.each(CASES)('$title', ({ scope, asks, problems, fields }) => {
    const sent = sentTo(language, asking({ asks, problems }, scope));
    const answer = filledIn(wording, sent.text, fields);
    for (const [how, reply] of Object.entries(REPLIES)) {
      const { intent, requests, problems: left } = read(sent, reply(answer, sent));
      const expected = Object.assign({ scope, ...NOTHING }, ...fields.map((field) => READ[field])) as unknown;
      expect({ intent, requests, left }, how).toEqual({ intent: 'delete', requests: [expected], left: [] });
    }
  });

  test('takes an ID for a slug', () => {
    const sent = sentTo(language, asking({ asks: [{ field: 'workspace', why: 'several' }] }, 'workspace'));
    const answer = filledIn(wording, sent.text, ['workspace']).replace('acme-inc', '9f8KqLw2Zr');
    expect(read(sent, answer).requests).toEqual([
      { scope: 'workspace', ...NOTHING, workspace: { id: '9f8KqLw2Zr' } },
    ]);
  });

  test('left empty says nothing, however it is quoted', () => {
    for (const scope of Object.keys(NEEDS) as (keyof typeof NEEDS)[]) {
      const asks = NEEDS[scope].map((field) => ({ field, why: 'missing' }) as const);
      const sent = sentTo(language, asking({ asks }, scope));
      for (const [how, reply] of Object.entries(REPLIES)) {
        const { requests } = read(sent, reply(filledIn(wording, sent.text, []), sent));
        const said = requests.map((request) => ({ ...request, scope: null }));
        expect(
          said.filter((request) => JSON.stringify(request) !== JSON.stringify({ scope: null, ...NOTHING })),
          how,
        ).toEqual([]);
      }
    }
  });

  test('that asks what to delete at all has a line for everything, which reads back with the sentence', () => {
    const sent = sentTo(language, mailFacts('needs_details', 'workspace', { tickets: [], tag: null }));
    const fields: readonly RequestField[] = ['workspace', 'source', 'timeFrame'];
    const form = filledIn(wording, sent.text, fields)
      .split('\n')
      .filter((line) =>
        Object.values(ANSWERS)
          .flat()
          .some((answer) => line.endsWith(answer)),
      )
      .join('\n');
    // The subject of our own mail says that it is about a deletion.
    const { intent, requests } = read(sent, `${form}\n\n${quote(sent)}`, false);
    const timeFrame: TimeFrame = { from: '2024-01-01', to: '2024-03-31' };
    expect({ intent, requests }).toEqual({
      intent: 'delete',
      requests: [
        { scope: 'source', ...NOTHING, workspace: { slug: 'acme-inc' }, source: 'Website Prod', timeFrame },
      ],
    });
  });

  test('shows no word of the customer', () => {
    const secret = 'Zyx-Secret';
    const ticket = { asks: [{ field: 'source', why: 'unknown' }] as const, stores: [secret] };
    const sent = sentTo(language, asking(ticket, 'source'));
    expect(sent.text + sent.html + sent.subject).not.toContain(secret);
  });
});
