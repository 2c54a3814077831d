import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Questions } from '../../../../src/domain/mail.ts';
import type { DeletionRequest, RequestField, Scope } from '../../../../src/domain/request.ts';
import { closerReading, readAnswers } from '../../../../src/ingest/understand/answers/answers.ts';
import { mail } from '../mail.ts';

const about = (scope: Scope, fields: readonly RequestField[], ticketId = 1): Questions => ({
  ticketId,
  reference: `PD-${ticketId}`,
  scope,
  asks: fields.map((field) => ({ field, why: 'missing' })),
});
const all = [about('source', ['workspace', 'source', 'timeFrame'])];
const days = [about('source', ['timeFrame'])];
const slug = [about('source', ['workspace'])];
const source = [about('source', ['source'])];
const users = [about('user', ['users'])];
const events = [about('events', ['events'])];
const two = [about('source', ['timeFrame'], 1), about('space', ['space'], 2)];
const twice = [about('source', ['timeFrame'], 1), about('events', ['timeFrame'], 2)];

const reply = (text: string) =>
  mail({
    subject: 'Re: [PD-1] We need a few details',
    headers: { 'in-reply-to': '<ours@desk.example>' },
    date: new Date('2026-11-22T10:00:00Z'),
    text,
  });

/** What was read, without what is empty. */
function read(text: string, questions: readonly Questions[], language = 'en') {
  const answers = readAnswers(reply(text), questions, language);
  if (answers === null) return null;
  const tickets = answers.answers.map(({ ticketId, given, workspaceName }) => {
    const { scope: _, ...fields } = given;
    const told = Object.entries(fields).filter(
      ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
    );
    return [ticketId, { ...Object.fromEntries(told), ...(workspaceName === null ? {} : { workspaceName }) }];
  });
  return {
    ...Object.fromEntries(tickets),
    ...(answers.problems.length > 0 ? { problems: answers.problems } : {}),
  };
}

const may = { from: '2024-05-01', to: '2024-05-31' };
const three = { workspace: { slug: 'acme-inc' }, source: 'Website Prod', timeFrame: may };

describe('a bare answer is read', () => {
  test.each([
    { text: '1 to 31 May 2024', questions: days, found: { 1: { timeFrame: may } } },
    { text: '1-31 May 2024', questions: days, found: { 1: { timeFrame: may } } },
    { text: '1 to 31 May 2024 please.', questions: days, found: { 1: { timeFrame: may } } },
    { text: '1 to 31 May 2024, thanks', questions: days, found: { 1: { timeFrame: may } } },
    { text: 'Hi,\n\nMay 2024.\n\nThanks,\nAda', questions: days, found: { 1: { timeFrame: may } } },
    { text: 'from 2024-05-01 to 2024-05-31 please', questions: days, found: { 1: { timeFrame: may } } },
    {
      text: '2024-05-01 until 2024-05-31, both days included',
      questions: days,
      found: { 1: { timeFrame: may } },
    },
    {
      text: 'First day (UTC): 2024-05-01\nLast day (UTC): 2024-05-31',
      questions: days,
      found: { 1: { timeFrame: may } },
    },
    {
      text: 'since 1 March 2024',
      questions: days,
      found: { 1: { timeFrame: { from: '2024-03-01', to: null } } },
    },
    { text: 'all time', questions: days, found: { 1: { timeFrame: { from: null, to: null } } } },
    { text: 'acme-inc', questions: slug, found: { 1: { workspace: { slug: 'acme-inc' } } } },
    { text: "It's acme-inc.", questions: slug, found: { 1: { workspace: { slug: 'acme-inc' } } } },
    {
      text: 'The workspace is acme-inc.',
      questions: slug,
      found: { 1: { workspace: { slug: 'acme-inc' } } },
    },
    {
      text: 'https://app.segment.example/acme-inc/sources',
      questions: slug,
      found: { 1: { workspace: { slug: 'acme-inc' } } },
    },
    { text: 'Acme Inc', questions: slug, found: { 1: { workspaceName: 'Acme Inc' } } },
    { text: 'Website Prod', questions: source, found: { 1: { source: 'Website Prod' } } },
    { text: '"Website Prod"', questions: source, found: { 1: { source: 'Website Prod' } } },
    { text: 'Source: Website Prod', questions: source, found: { 1: { source: 'Website Prod' } } },
    { text: '1. acme-inc\n2. Website Prod\n3. May 2024', questions: all, found: { 1: three } },
    { text: '1. acme-inc 2. Website Prod 3. May 2024', questions: all, found: { 1: three } },
    {
      text: '1) acme-inc\n3) May 2024',
      questions: all,
      found: { 1: { workspace: three.workspace, timeFrame: may } },
    },
    { text: 'acme-inc\nWebsite Prod\n1-31 May 2024', questions: all, found: { 1: three } },
    { text: 'acme-inc, Website Prod, May 2024', questions: all, found: { 1: three } },
    { text: 'Workspace: acme-inc\nSource: Website Prod\nMay 2024', questions: all, found: { 1: three } },
    {
      text: 'The workspace is acme-inc and the source is called Website Prod.',
      questions: all,
      found: { 1: { workspace: three.workspace, source: 'Website Prod' } },
    },
    { text: 'May 2024', questions: all, found: { 1: { timeFrame: may } } },
    { text: 'user_1, user_2', questions: users, found: { 1: { users: ['user_1', 'user_2'] } } },
    { text: 'user_1\nuser_2', questions: users, found: { 1: { users: ['user_1', 'user_2'] } } },
    { text: '1. user_1\n2. user_2', questions: users, found: { 1: { users: ['user_1', 'user_2'] } } },
    { text: 'Order Completed', questions: events, found: { 1: { events: ['Order Completed'] } } },
    { text: 'May 2024', questions: two, found: { 1: { timeFrame: may } } },
    { text: 'Main Area', questions: two, found: { 2: { space: 'Main Area' } } },
    {
      text: 'PD-2: Main Area\nPD-1: May 2024',
      questions: two,
      found: { 1: { timeFrame: may }, 2: { space: 'Main Area' } },
    },
    { text: '[PD-2]\nMay 2024', questions: twice, found: { 2: { timeFrame: may } } },
    { text: '03/04/2024', questions: days, found: { 1: {}, problems: ['ambiguous_date'] } },
    { text: '3 May 2024 10:00', questions: days, found: { 1: {}, problems: ['finer_than_day'] } },
    { text: '31 May 2024 to 1 May 2024', questions: days, found: { 1: {}, problems: ['reversed_range'] } },
    { text: 'May 2031', questions: days, found: { 1: {}, problems: ['in_future'] } },
  ])('$text', ({ text, questions, found }) => {
    expect(read(text, questions)).toEqual(found);
  });

  test('in the language of the conversation, when the few words tell none', () => {
    expect(read('1. bis 31. Mai 2024', days, 'de')).toEqual({ 1: { timeFrame: may } });
  });

  test.each([
    { text: '3. bis 9. Mai 2024', frame: { from: '2024-05-03', to: '2024-05-09' } },
    { text: '3.-9. Mai 2024', frame: { from: '2024-05-03', to: '2024-05-09' } },
    { text: '3-9 May 2024', frame: { from: '2024-05-03', to: '2024-05-09' } },
    { text: '3. Mai 2024', frame: { from: '2024-05-03', to: '2024-05-03' } },
    { text: '1. Mai 2024', frame: null },
    { text: '1. to 9. of May 2024', frame: { from: '2024-05-01', to: '2024-05-09' } },
  ])('$text: a number is no bullet where it may be a day', ({ text, frame }) => {
    expect(read(text, days, 'de')).toEqual(frame === null ? null : { 1: { timeFrame: frame } });
  });

  test('with what it says beyond the question: the ticket decides what to make of it', () => {
    expect(read('Source: iOS App\nMay 2024', days)).toEqual({ 1: { source: 'iOS App', timeFrame: may } });
  });
});

describe('an answer that is not certain is none', () => {
  test.each([
    ['the second one', source],
    ['the same source as before', source],
    ['all of them', source],
    ['Website Prod and iOS App', source],
    ['Website Prod or iOS App', source],
    ['not Website Prod', source],
    ['I think Website Prod', source],
    ['Website Prod?', source],
    ['I will be out of the office until Monday', source],
    ['Which sources do we have?', source],
    ['acme-inc', all],
    ['acme-inc, May 2024', all],
    ['1. acme-inc\n1. globex', all],
    ['4. acme-inc', all],
    ['1. acme-inc\nand something else entirely', all],
    ['2. May 2024', all],
    ['not acme-inc', slug],
    ['acme-inc or globex', slug],
    ['acme-inc\nglobex', slug],
    ['May 2024 or June 2024', days],
    ['May 2024\nJune 2024', days],
    ['around May 2024', days],
    ['the second week of May 2024', days],
    ['May 2024, except the 3rd', days],
    ['May 2024. When will it be done?', days],
    ['May 2024. Please do not delete it yet.', days],
    ['If possible May 2024', days],
    ['Please delete source iOS App, May 2024', days],
    ['May 2024', twice],
    ['1. acme-inc\n2. Website Prod\n3. to 9 May 2024', all],
    ['from\nuntil 31 May 2024', days],
    ['PD-9: May 2024', two],
    ['our test users user_1', users],
    ['everybody', users],
    ['the email property on Signup', events],
    ['delete all events', events],
    ['Thanks!', days],
    ['', days],
    ['Workspace: acme-inc\nWorkspace: globex', slug],
    ['First day: 2024-05-01', days],
    ['PD-1: May 2024\nPD-2: Main Area\nPD-1: June 2024', two],
    [Array.from({ length: 61 }, (_, index) => `user_${index}`).join('\n'), users],
  ] as const)('%s', (text, questions) => {
    expect(read(text, questions)).toBeNull();
  });

  test('nor is any mail when nothing was asked', () => {
    expect(read('May 2024', [])).toBeNull();
  });

  test('nor is an automatic mail', () => {
    const automatic = {
      ...reply('acme-inc'),
      header: (name: string) => (name === 'auto-submitted' ? ['auto-replied'] : []),
    };
    expect(readAnswers(automatic, slug, 'en')).toBeNull();
  });

  test('nor is what stands in the quoted mail below', () => {
    const quoted =
      'Thanks!\n\nOn Sun, 22 Nov 2026 at 10:00, Desk <desk@desk.example> wrote:\n> Workspace slug or ID: globex\n';
    expect(read(quoted, slug)).toBeNull();
  });
});

const FIELDS = ['workspace', 'source', 'space', 'users', 'events', 'project', 'timeFrame'] as const;
const words = fc.constantFrom(
  'acme-inc',
  'Website Prod',
  'May 2024',
  '2024-05-01',
  '1.',
  '2.',
  'PD-1:',
  'PD-2:',
  'Source:',
  'Workspace:',
  'First day:',
  'user_1',
  'or',
  'and',
  'not',
  'the second one',
  ',',
  ';',
  '"',
  '“',
  '- ',
  '\n',
  ' ',
  '?',
  'please delete',
  '03/04/2024',
  '日本',
);

describe('whatever a mail holds', () => {
  test('only fields that were asked about or labelled are given, and never the scope', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.array(words, { maxLength: 25 }).map((list) => list.join(' ')),
    );
    fc.assert(
      fc.property(text, fc.subarray([...FIELDS], { minLength: 1 }), (body, fields) => {
        const answers = readAnswers(reply(body), [about('source', fields)], 'en');
        for (const { given } of answers?.answers ?? []) {
          expect(given.scope).toBe('source');
          const told = FIELDS.filter((field) => isTold(given, field));
          const unasked = told.filter((field) => !fields.includes(field));
          if (!/:|source|workspace/i.test(body)) expect(unasked).toEqual([]);
        }
      }),
      { numRuns: 400 },
    );
  });

  test.each(['1. ', '"', '- ', 'a ', '2024-05-01 ', ', ', 'PD-1: ', 'source '])(
    'a long run of %j is no answer',
    (unit) => {
      expect(readAnswers(reply(unit.repeat(200_000 / unit.length)), all, 'en')).toBeNull();
    },
  );
});

const isTold = (given: DeletionRequest, field: RequestField): boolean =>
  field === 'events'
    ? given.events.length + given.properties.length > 0
    : field === 'users'
      ? given.users.length > 0
      : given[field] !== null;

describe('a correction', () => {
  test.each([
    ['Sorry, I meant source iOS App.', true],
    ['Please take iOS App instead.', true],
    ['Sorry for the delay. The source is iOS App.', false],
    ['The source is iOS App.', false],
  ])('%s: %s', (text, expected) => {
    expect(closerReading(reply(text)).corrects()).toBe(expected);
  });
});
