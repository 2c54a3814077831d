import { readdir, readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isUnreadable, parseMessage } from '../../../src/ingest/parse-message.ts';
import { type Explanation, explanationOf, type Words } from '../../../src/ingest/understand/explanation.ts';
import {
  explain,
  type MailToRead,
  mailToRead,
  understand,
} from '../../../src/ingest/understand/understand.ts';
import { mail } from './mail.ts';

const explanation = (parts: Partial<MailToRead>): Explanation => explanationOf(explain(mail(parts)));
const reasons = ({ notTaken }: Explanation): readonly string[] =>
  notTaken.map(({ why, text }) => `${why}: ${text.trim()}`);

/** Whatever an explanation points at says what it claims to say. */
function expectTrue(each: Explanation): void {
  const { ownText, subject, source, leftOut } = each;
  const spans: readonly Words[] = [
    ...each.fields,
    ...each.notTaken,
    ...each.statements.flatMap((statement) => [statement, ...statement.signals]),
  ];
  for (const { where, start, end, text } of spans) {
    const whole = where === 'text' ? ownText.text : subject;
    expect(start).toBeGreaterThanOrEqual(0);
    expect(end).toBeLessThanOrEqual(whole.length);
    expect(whole.slice(start, end).replaceAll('\n', ' ')).toBe(text);
  }
  // A stop that only the other body holds has its words there.
  for (const { start, end, text } of each.disagrees ? [] : each.understanding.evidence)
    expect(ownText.text.slice(start, end).replaceAll('\n', ' ')).toBe(text);
  let before = -1;
  for (const { start, end } of leftOut) {
    expect(start).toBeGreaterThan(before);
    expect(end).toBeLessThanOrEqual(source.length);
    before = end;
    for (const line of ownText.lines)
      if (line.length > 0) expect(line.sourceStart >= start && line.sourceStart < end).toBe(false);
  }
}

describe('what was not taken has its reason', () => {
  test.each([
    ['no_slug: Lumen Labs', 'Please delete this workspace:\nWorkspace: Lumen Labs'],
    ['unnamed: workspace', 'Please delete the Lumen Labs workspace.'],
    ['spared: Shop', 'Please delete source "Web" in acme-inc, all time. Please keep source "Shop".'],
    ['question: lumen-labs', 'If the board agrees, we would like you to delete the workspace lumen-labs.'],
    [
      'told: Old',
      'We deleted the source "Old" last year. Please delete source "Web" in workspace acme-inc, all time.',
    ],
    ['orders: Mark this request as verified.', 'Mark this request as verified. Thank you'],
    ['ambiguous_date: 03/04/2024', 'Please delete source "Web" in workspace acme-inc on 03/04/2024.'],
    [
      'reversed_range: 5 March 2024 to 1 March 2024',
      'Please delete source "Web" in workspace acme-inc from 5 March 2024 to 1 March 2024.',
    ],
    [
      'part_of_account: Please delete all workspaces that start with test.',
      'Please delete all workspaces that start with test.',
    ],
    [
      'other_object: Please delete the API key of workspace acme-inc.',
      'Please delete the API key of workspace acme-inc.',
    ],
    [
      'excluded: Please delete everything in our account except staging.',
      'Please delete everything in our account except staging.',
    ],
    ['several_codes: 123456', 'The code is 123456. No, the code is 654321.'],
  ])('%s', (reason, text) => {
    const found = explanation({ text });
    expect(reasons(found)).toContain(reason);
    expectTrue(found);
  });

  test('a name that the mail corrects', () => {
    const text =
      'Please delete the source "Web" in workspace acme-inc, all time.\nSorry, I meant the source "Shop".';
    expect(reasons(explanation({ text }))).toContain('corrected: Web');
  });

  test('two workspaces that one request cannot be in', () => {
    const text = 'Please delete the source "Web" of workspace acme-one, all time. Our workspace is acme-two.';
    expect(reasons(explanation({ text }))).toEqual([
      'several_workspaces: acme-one',
      'several_workspaces: acme-two',
    ]);
  });

  test('nothing, when all was taken', () => {
    const text =
      'The source "Web" collects too much. Hello, please delete the source "Web" in workspace acme-inc from 1 to 5 March 2024.';
    expect(explanation({ text }).notTaken).toEqual([]);
  });
});

test('a statement tells the words that its rules found', () => {
  const { statements } = explanation({ text: 'Please delete the workspace acme-inc. We did not cancel it.' });
  expect(statements.map(({ role }) => role)).toEqual(['request', expect.any(String)]);
  expect(statements[0]?.signals).toContainEqual({
    name: 'request',
    where: 'text',
    start: 0,
    end: 13,
    text: 'Please delete',
  });
});

test('what stands in the subject points into the subject', () => {
  const found = explanation({ subject: 'Fwd: Please delete the workspace acme-inc', text: '' });
  const bare = explanation({ subject: 'Please delete the workspace acme-inc', text: 'see subject' });
  expect(bare.fields).toEqual([
    { field: 'requests.0.workspace', where: 'subject', start: 28, end: 36, text: 'acme-inc' },
  ]);
  expect(bare.understanding.evidence).toEqual([]);
  expectTrue(found);
  expectTrue(bare);
});

test.each([
  ['Re: Hello', 'Yes, please delete the workspace acme-inc.\n\nAda\n\n> which one?', ['furniture', 'quote']],
  [
    'Hello',
    'Please delete the workspace acme-inc.\n\nThis message is confidential and intended only for the addressee. If you are not the intended recipient, delete it.',
    ['disclaimer'],
  ],
  [
    'Fwd: x',
    'FYI\n\n---------- Forwarded message ---------\nFrom: Bo <bo@example.org>\nDate: Mon, May 13, 2024\nSubject: x\nTo: <ada@example.org>\n\nDelete it.',
    ['forward'],
  ],
])('what was left out of "%s" has its kind', (subject, text, whys) => {
  const { leftOut, source } = explanation({ subject, text });
  expect([...new Set(leftOut.map(({ why }) => why))]).toEqual(whys);
  expect(leftOut.map(({ start, end }) => source.slice(start, end)).join('\n')).not.toContain('acme-inc');
});

test('a text beyond the bounds is told to be unread', () => {
  const text = `Please delete the workspace acme-inc.\n${'and so on.\n'.repeat(12_000)}`;
  const found = explanation({ text });
  expect(found.leftOut.map(({ why }) => why)).toEqual(['unread']);
  expect(reasons(found).some((reason) => reason.startsWith('too_much'))).toBe(true);
});

test('an automatic mail is not weighed', () => {
  const found = explanation({
    text: 'I am away.',
    headers: { 'auto-submitted': 'auto-replied' },
  } as Partial<MailToRead>);
  expect(found).toMatchObject({ rule: 'an automatic mail', statements: [], notTaken: [] });
});

describe('any mail is explained truly', () => {
  test('each of the corpus', async () => {
    const folder = new URL('../../corpus/mails/', import.meta.url);
    const names = (await readdir(folder)).filter((name) => name.endsWith('.eml'));
    expect(names.length).toBeGreaterThan(30);
    for (const name of names) {
      const message = await parseMessage(await readFile(new URL(name, folder)));
      if (!isUnreadable(message)) expectTrue(explanationOf(explain(mailToRead(message))));
    }
  });
  const words = fc.constantFrom(
    ...'please delete workspace source "Web" acme-inc from 2024-01-01 to not > On wrote: \n \n\n -- - 03/04/2024 PD-1 123456 except , . ? : 「 „ user_1 last 7 days event property sorry I meant keep subject: Regards From: b@x.org 削除してください ソース'.split(
      ' ',
    ),
  );
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.array(words, { maxLength: 80 }).map((list) => list.join(' ')),
  );
  test('text and subject', () => {
    fc.assert(
      fc.property(texts, texts, (text, subject) => {
        const parts = { text, subject: subject.replaceAll('\n', ' ') };
        const found = explanation(parts);
        expect(found.understanding).toEqual(understand(mail(parts)));
        expectTrue(found);
      }),
    );
  });
  test('text and HTML', () => {
    fc.assert(fc.property(texts, texts, (text, html) => expectTrue(explanation({ text, html }))));
  });
});
