import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import EmailReplyParser from 'email-reply-parser';

import type { Understanding } from '../src/domain/request.ts';
import { isUnreadable, parseMessage } from '../src/ingest/parse-message.ts';
import { htmlToText } from '../src/ingest/understand/own-text/html-text.ts';
import { type OwnText, ownTextOf } from '../src/ingest/understand/own-text/own-text.ts';
import { explain, type MailToRead, mailToRead } from '../src/ingest/understand/understand.ts';
import { median } from './report.ts';

const RUNS = 5;
const ROUNDS = 40;
/** The library needs seconds for longer ones that are hostile. */
const LIBRARY_CHARS_MAX = 20_000;

interface Case {
  readonly mail: MailToRead;
  readonly truth: Partial<Understanding>;
}

/**
 * Our cut of a mail to its writer's own words beside that of email-reply-parser: how many mails of a scored folder are
 * understood as their truth says when each is fed with the one or the other, and the time of a cut. Then how the time
 * grows when a hostile body doubles: a ratio of 2 is linear.
 *
 * This comparison is why the cut is our own: the library gets fewer mails right at several times the cost, tells no
 * offsets, reads no HTML, takes a forwarded mail for a quote, and needs seconds for a long hostile line.
 */
export async function benchOwnText(folder = 'test/corpus/mails'): Promise<void> {
  const cases = await casesOf(folder);
  const library = new EmailReplyParser();
  const cutters: Readonly<Record<string, (mail: MailToRead) => OwnText>> = {
    ours: ownTextOf,
    'email-reply-parser': (mail) => byLibrary(library, mail),
    'both bodies, uncut': (mail) => plainText(bodyOf(mail)),
  };
  console.log(`${cases.length} mails of ${folder}`);
  for (const [name, cut] of Object.entries(cutters)) {
    const right = cases.filter(({ mail, truth }) => isRight(explain(mail, cut(mail)).understanding, truth));
    const times = Array.from({ length: RUNS }, () => microsecondsOf(cases, cut));
    console.log(
      `${name.padEnd(24)} ${String(right.length).padStart(4)} right, ${median(times).toFixed(0)} µs a mail`,
    );
  }
  console.log('\nhostile bodies: milliseconds for 256 KB, 512 KB, 1 MB');
  for (const [name, make] of Object.entries(HOSTILE)) {
    const times = [18, 19, 20].map((power) => millisecondsOf(make(2 ** power)));
    console.log(`${name.padEnd(44)} ${times.map((ms) => ms.toFixed(0).padStart(6)).join('')}`);
  }
}

async function casesOf(folder: string): Promise<readonly Case[]> {
  const truths = (await readFile(join(folder, 'truth.jsonl'), 'utf8'))
    .split('\n')
    .filter((line) => line !== '');
  const known = new Map(
    truths
      .map((line) => JSON.parse(line) as { file: string; truth: Case['truth'] })
      .map((each) => [each.file, each.truth]),
  );
  const cases: Case[] = [];
  for (const name of (await readdir(folder)).filter((each) => each.endsWith('.eml')).sort()) {
    const message = await parseMessage(await readFile(join(folder, name)));
    const truth = known.get(name);
    if (!isUnreadable(message) && truth !== undefined) cases.push({ mail: mailToRead(message), truth });
  }
  if (cases.length === 0) throw new RangeError(`no mail with a truth in ${folder}`);
  return cases;
}

const bodyOf = ({ text, html }: MailToRead): string =>
  text !== null && text.trim() !== '' ? text : htmlToText(html ?? '');

const plainText = (text: string): OwnText => ({
  text,
  lines: [],
  source: text,
  forward: 'none',
  disagreement: null,
  unsure: false,
});

const byLibrary = (library: EmailReplyParser, mail: MailToRead): OwnText =>
  plainText(library.parseReply(bodyOf(mail).slice(0, LIBRARY_CHARS_MAX)));

/** Every field that the truth tells is as it says. */
const isRight = (got: Understanding, truth: Partial<Understanding>): boolean =>
  Object.entries(truth).every(([key, value]) => sorted(got[key as keyof Understanding]) === sorted(value));

const sorted = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

function microsecondsOf(cases: readonly Case[], cut: (mail: MailToRead) => OwnText): number {
  const start = performance.now();
  for (let round = 0; round < ROUNDS; round += 1) for (const { mail } of cases) cut(mail);
  return ((performance.now() - start) * 1_000) / ROUNDS / cases.length;
}

const textOf = (piece: string) => (size: number) => ({
  text: piece.repeat(Math.ceil(size / piece.length)),
  html: null,
});
const htmlOf = (piece: string) => (size: number) => ({
  text: null,
  html: piece.repeat(Math.ceil(size / piece.length)),
});

const HOSTILE: Readonly<Record<string, (size: number) => Pick<MailToRead, 'text' | 'html'>>> = {
  'marks on one line': textOf('> '),
  'marks on every line': textOf('> > > a\n'),
  dashes: textOf('-'),
  'lines of dashes': textOf('-----\n'),
  '"On On On"': textOf('On '),
  'lines that end in a colon': textOf('On 3 May 10:00 <a@b.c>:\n'),
  'lines "From: "': textOf('From: \n'),
  'copied headers': textOf('From: a@b.c\nSent: 1\n\n'),
  'header names in one line': textOf('From: a@b Sent: '),
  spaces: textOf(' '),
  'empty lines': textOf('\n'),
  'paragraphs like disclaimers': textOf('This e-mail is so.\n\n'),
  'one paragraph like disclaimers': textOf('This e-mail is so.\n'),
  'closings and postscripts': textOf('Regards\nAda\n\nPS: a\n\n'),
  'link targets': (size) => ({ text: '<https://a '.repeat(size / 11), html: '<p>a</p>' }),
  'brackets in both bodies': (size) => ({ text: '[a '.repeat(size / 3), html: '[b '.repeat(size / 3) }),
  'two different bodies': (size) => ({ text: 'a b '.repeat(size / 4), html: 'b a '.repeat(size / 4) }),
  'blockquotes in one another': htmlOf('<blockquote>'),
  'tables in one another': htmlOf('<table><tr><td>a'),
  'rows of a table': htmlOf('<tr><td>a</td><td>b</td></tr>'),
  'ends of tags that never began': htmlOf('</b>'),
  'tags that never end': htmlOf('<b>'),
  'open tags': htmlOf('<'),
  'open comments': htmlOf('<!--'),
  'open style sheets': htmlOf('<style>a{'),
  'style rules': (size) => ({ text: null, html: `<style>${'a{color:red}'.repeat(size / 12)}</style>` }),
  'styled elements': htmlOf('<p style="color:#fff;background:#fff">a</p>'),
  ampersands: htmlOf('&'),
};

function millisecondsOf(body: Pick<MailToRead, 'text' | 'html'>): number {
  const mail: MailToRead = {
    header: () => [],
    subject: 'Fwd: x',
    date: null,
    author: 'ada@example.org',
    authorName: 'Ada Novak',
    mediaType: 'multipart/alternative',
    partTypes: [],
    answersForm: false,
    ...body,
  };
  const start = performance.now();
  ownTextOf(mail);
  return performance.now() - start;
}
