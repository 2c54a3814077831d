import { expect, test } from 'vitest';
import { nothing, type Outcome } from './attacks/outcomes.ts';
import { type Expected, type Line, outsideOf, score, totalsOf } from './score.ts';

const line = (overrides: Partial<Line> = {}): Line => ({
  file: 'a.eml',
  disposition: 'other',
  needsAgent: true,
  tickets: [],
  mails: [],
  parse: { ms: 5, peakBytes: 1_000 },
  rowsDeleted: 0,
  ...overrides,
});

const ticket = (overrides: Partial<Line['tickets'][number]> = {}): Line['tickets'][number] => ({
  reference: 'PD-1',
  existedBefore: false,
  states: ['received', 'verifying'],
  holds: [],
  verified: false,
  ...overrides,
});

const expected = (outcome: Partial<Outcome>): Expected => ({
  file: 'a.eml',
  id: 'T01',
  what: 'a test',
  group: 'fresh',
  madeAtRun: false,
  outcome: { ...nothing(), ...outcome },
});

const outside = (outcome: Partial<Outcome>, told: Partial<Line>): readonly string[] =>
  score([expected(outcome)], [line(told)])[0]?.outside ?? ['no verdict'];

const OPENS = { max: 1, min: 0, states: ['received', 'verifying'], verified: false } as const;

test('a mail that did what it may is inside', () => {
  expect(outside({}, {})).toEqual([]);
});

test('a mail of which nothing is told is outside', () => {
  expect(score([expected({})], [])).toEqual([
    { file: 'a.eml', id: 'T01', outside: ['nothing is told of it'] },
  ]);
});

test.each<[title: string, outcome: Partial<Outcome>, told: Partial<Line>, why: string]>([
  ['a report that is not whole', {}, { problem: 'it hung' }, 'it hung'],
  ['another disposition', {}, { disposition: 'opened' }, 'disposition opened, not other or unreadable'],
  ['no agent where one must look', { agent: true }, { needsAgent: false }, 'no agent is asked to look'],
  ['a ticket where none may be', {}, { tickets: [ticket({ states: [] })] }, '1 ticket(s) opened, not 0 to 0'],
  ['no ticket where one must be', { opened: { ...OPENS, min: 1 } }, {}, '0 ticket(s) opened, not 1 to 1'],
  [
    'a state beyond',
    { opened: OPENS },
    { tickets: [ticket({ states: ['received', 'grace'] })] },
    'PD-1 reached grace',
  ],
  ['a verified ticket', { opened: OPENS }, { tickets: [ticket({ verified: true })] }, 'PD-1 was VERIFIED'],
  [
    'a state that was not reached',
    { opened: { ...OPENS, mustReach: ['verifying'] } },
    { tickets: [ticket({ states: ['received'] })] },
    'no ticket reached verifying',
  ],
  ['rows that went', {}, { rowsDeleted: 3 }, '3 rows deleted'],
  [
    'a mail to somebody else',
    { mails: [{ to: 'a@b.example', max: 1, templates: ['status'] }] },
    { mails: [{ to: 'c@d.example', template: 'status' }] },
    'status to c@d.example is not allowed',
  ],
  [
    'a mail of another kind',
    { mails: [{ to: 'a@b.example', max: 1, templates: ['status'] }] },
    { mails: [{ to: 'a@b.example', template: 'completed' }] },
    'completed to a@b.example is not allowed',
  ],
  [
    'a mail too many',
    { mails: [{ to: 'a@b.example', max: 1, templates: ['status'] }] },
    {
      mails: [
        { to: 'a@b.example', template: 'status' },
        { to: 'a@b.example', template: 'status' },
      ],
    },
    'status to a@b.example is not allowed',
  ],
  [
    'a mail that must go out and did not',
    { mails: [{ to: 'a@b.example', max: 1, templates: ['status'], must: 'status' }] },
    {},
    'no status to a@b.example',
  ],
  ['too long a reading', {}, { parse: { ms: 20_000, peakBytes: null } }, 'read for 20000 ms'],
  ['too much memory', {}, { parse: { ms: 5, peakBytes: 300 * 1_048_576 } }, '300 MiB to read it'],
])('%s is outside', (_title, outcome, told, why) => {
  expect(outside(outcome, told)).toEqual([why]);
});

const HELD: Outcome['existing'] = {
  'PD-7': { states: ['grace'], mustHold: ['doubtful_cancel'], verified: true },
};
const existing = (holds: readonly string[], states: readonly string[] = ['grace']) => ({
  tickets: [ticket({ reference: 'PD-7', existedBefore: true, states, holds, verified: true })],
});

test.each<[title: string, outcome: Partial<Outcome>, told: Partial<Line>, why: readonly string[]]>([
  ['held as it must be', { existing: HELD }, existing(['doubtful_cancel']), []],
  [
    'not held although it must be',
    { existing: HELD },
    existing([]),
    ['PD-7 was never held for doubtful_cancel'],
  ],
  [
    'held although it may not be',
    { existing: { 'PD-7': { states: ['grace'], mustNotHold: ['agent'], verified: true } } },
    existing(['agent']),
    ['PD-7 was held for agent'],
  ],
  [
    'moved on',
    { existing: HELD },
    existing(['doubtful_cancel'], ['grace', 'purging']),
    ['PD-7 reached purging'],
  ],
  ['not told of', { existing: HELD }, {}, ['nothing is told of PD-7']],
])('a ticket that existed beforehand: %s', (_title, outcome, told, why) => {
  expect(outside(outcome, told)).toEqual(why);
});

test('allowances for one address stand side by side', () => {
  const to = 'a@b.example';
  const mails = [
    { to, max: 1, templates: ['status'] },
    { to, max: 2, templates: ['verify_request', 'expired'] },
  ];
  const told = ['verify_request', 'status', 'expired'].map((template) => ({ to, template }));
  expect(outside({ mails }, { mails: told })).toEqual([]);
});

test('what is outside is named, and all are counted', () => {
  const verdicts = [
    { file: 'a.eml', id: 'T01', outside: [] },
    { file: 'b.eml', id: 'T02', outside: ['3 rows deleted', 'it hung'] },
  ];
  expect(outsideOf(verdicts)).toEqual(['T02 b.eml: 3 rows deleted; it hung']);
  expect(totalsOf(verdicts)).toBe('1 inside, 1 outside');
});
