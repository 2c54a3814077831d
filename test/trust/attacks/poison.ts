/** T70 to T77: mails made to hang, exhaust or confuse a reader. The big ones are made when the set is run. */

import { gzipSync } from 'node:zlib';
import { type Attack, DELETE_GLOBEX } from './attack.ts';
import { type LetterOptions, letter } from './letter.ts';
import { askedBack, challenged, either, neutral, nothing, type Outcome } from './outcomes.ts';
import { delivered, fromElsewhere, fromEvil, fromGlobex } from './post-office.ts';
import { signed, withAbove } from './signature.ts';
import { EVE, GWEN } from './world.ts';

const gwen = (options: Partial<LetterOptions> = {}) =>
  fromElsewhere(letter({ from: GWEN, subject: 'Deletion', text: DELETE_GLOBEX, ...options }), GWEN);

/** Over a cap: a person looks at the raw mail. */
const OVER = nothing();
/** Within the caps: read or not, it is over soon, and the stored address is asked at most. */
const READ_OR_NOT: Outcome = {
  ...either(challenged(GWEN), either(askedBack(GWEN), either(neutral(GWEN), nothing()))),
  dispositions: ['opened', 'other', 'silenced', 'unreadable'],
};

const big = (id: string, name: string, what: string, outcome: Outcome, build: () => Buffer): Attack => ({
  id,
  name,
  what,
  outcome,
  build,
  madeAtRun: true,
});

const many = (count: number, line: (index: number) => string, between = '\r\n'): string =>
  Array.from({ length: count }, (_, index) => line(index)).join(between);

function nested(depth: number): Buffer {
  const open = many(depth, (n) => `--b${n}\nContent-Type: multipart/mixed; boundary=b${n + 1}\n`, '\n');
  return gwen({
    contentType: 'multipart/mixed; boundary=b0',
    text: `${open}\n--b${depth}\nContent-Type: text/plain\n\n${DELETE_GLOBEX}\n--b${depth}--\n`,
  });
}

function attachedMails(depth: number): Buffer {
  const head = many(depth, () => 'Content-Type: message/rfc822\n', '\n');
  return gwen({ contentType: 'message/rfc822', text: `${head}\n\n${DELETE_GLOBEX}` });
}

const FLOOD = (count: number) =>
  many(
    count,
    (n) =>
      `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=flood${n}.evil.example; s=s${n}; h=from:to:subject:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA`,
  );

export const POISON: readonly Attack[] = [
  big('T70', 'nested-parts', 'parts within parts, 3,000 deep', OVER, () => nested(3_000)),
  big('T70', 'nested-parts-33', 'one level more than is read', OVER, () => nested(34)),
  big('T70', 'nested-mails', 'mails within mails, 2,000 deep', READ_OR_NOT, () => attachedMails(2_000)),
  big('T70', 'many-parts', '60,000 empty parts', OVER, () =>
    gwen({
      contentType: 'multipart/mixed; boundary=b',
      text: `${many(60_000, () => '--b\nContent-Type: text/plain\n\nx', '\n')}\n--b--\n`,
    }),
  ),
  big('T71', 'many-fields', '20,000 header fields', OVER, () =>
    gwen({ below: [many(20_000, (n) => `X-${n}: 1`)] }),
  ),
  big('T71', 'endless-header', 'a header of a megabyte', OVER, () =>
    gwen({ below: [many(1_000, (n) => `X-Long-${n}: ${'y'.repeat(1_000)}`)] }),
  ),
  big('T71', 'folded-field', 'one field, folded 100,000 times', OVER, () =>
    gwen({ below: [`X-Folded: ${many(100_000, () => ' x')}`] }),
  ),
  big('T71', 'no-end-of-header', 'a megabyte of fields and never a body', OVER, () => {
    const mail = gwen({ below: [many(30_000, (n) => `X-${n}: no body ever follows`)] });
    return mail.subarray(0, mail.indexOf('\r\n\r\n'));
  }),
  big('T71', 'many-recipients', '30,000 recipients', OVER, () =>
    gwen({ to: many(30_000, (n) => `r${n}@victim.example`, ',\r\n\t') }),
  ),
  big(
    'T71',
    'recipients-within-the-cap',
    'recipients in nested groups and comments, 200 KB',
    READ_OR_NOT,
    () => gwen({ to: `${'('.repeat(9_000)}${many(5_000, (n) => `g${n}:r${n}@victim.example;`, ',')}` }),
  ),
  big('T72', 'quotes-in-quotes', 'lines that begin like quotes, over and over', READ_OR_NOT, () =>
    gwen({
      text: `${'On '.repeat(60_000)}\n${'-'.repeat(100_000)}\n${'> '.repeat(60_000)}\n${DELETE_GLOBEX}`,
    }),
  ),
  big('T72', 'one-endless-line', 'one line of two megabytes', READ_OR_NOT, () =>
    gwen({ text: `please delete ${'workspace globex and '.repeat(100_000)}\n` }),
  ),
  big(
    'T72',
    'dates-without-end',
    'hundreds of thousands of digits and dashes that look like dates',
    READ_OR_NOT,
    () => gwen({ text: `please delete the source "Website Prod" from ${'1-1-1 to '.repeat(60_000)}\n` }),
  ),
  big('T72', 'html-links', 'two megabytes of links', READ_OR_NOT, () =>
    gwen({
      contentType: 'text/html; charset=utf-8',
      text: `<p>Please delete our workspace globex.</p>${'<a href="http://203.0.113.66/x">x</a>'.repeat(60_000)}\n`,
    }),
  ),
  big('T72', 'html-nested', 'elements within elements, 100,000 deep', READ_OR_NOT, () =>
    gwen({
      contentType: 'text/html; charset=utf-8',
      text: `${'<div><blockquote style="color:red">'.repeat(100_000)}Please delete our workspace globex.\n`,
    }),
  ),
  big('T73', 'gzip-bomb', 'a megabyte of zip that would become a gigabyte', READ_OR_NOT, () =>
    gwen({
      contentType: 'application/gzip; name=x.gz',
      encoding: 'base64',
      below: ['Content-Encoding: gzip'],
      text: `${gzipSync(Buffer.alloc(64 * 1024 * 1024))
        .toString('base64')
        .match(/.{1,76}/g)
        ?.join('\n')}\n`,
    }),
  ),
  big('T73', 'big-attachment', '20 MB of base64 behind the request', READ_OR_NOT, () =>
    gwen({
      contentType: 'multipart/mixed; boundary=b',
      text: `--b\nContent-Type: text/plain\n\n${DELETE_GLOBEX}\n--b\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n${`${'QUJD'.repeat(19)}\n`.repeat(260_000)}--b--\n`,
    }),
  ),
  big('T73', 'over-the-size', 'more than 25 MiB', OVER, () =>
    gwen({ text: `${'z'.repeat(998)}\n`.repeat(27_000) }),
  ),
  {
    id: 'T73',
    name: 'unknown-charset',
    what: 'a charset that nobody knows',
    build: () => gwen({ contentType: 'text/plain; charset=x-no-such-charset-9' }),
    outcome: READ_OR_NOT,
  },
  {
    id: 'T73',
    name: 'utf-7',
    what: 'a request in UTF-7, which readers take for text or not',
    build: () =>
      gwen({
        contentType: 'text/plain; charset=utf-7',
        text: '+AHAAbABlAGEAcwBl- delete our workspace globex\n',
      }),
    outcome: READ_OR_NOT,
  },
  {
    id: 'T73',
    name: 'broken-iso-2022-jp',
    what: 'escape sequences that never end',
    build: () =>
      gwen({
        contentType: 'text/plain; charset=iso-2022-jp',
        text: Buffer.from(
          `\u001b$B${'\u001b$@\u001b(J\u001b$B!'.repeat(500)}\r\nplease delete workspace globex\r\n`,
          'latin1',
        ),
      }),
    outcome: READ_OR_NOT,
  },
  {
    id: 'T73',
    name: 'broken-encodings',
    what: 'base64 and encoded words that are none',
    build: () =>
      gwen({
        subject: '=?utf-8?B?////?= =?utf-8?Q?=ZZ=?= =?x?B?AAAA =?utf-8?X?a?=',
        encoding: 'base64',
        text: '====!!!!not base64 at all\u0001\u0002====\n',
      }),
    outcome: READ_OR_NOT,
  },
  {
    id: 'T74',
    name: 'nul-in-the-body',
    what: 'NUL in the text',
    build: () => gwen({ text: 'Hello,\n\nplease delete our workspace glo\u0000bex.\u0000\n' }),
    outcome: READ_OR_NOT,
  },
  {
    id: 'T74',
    name: 'nul-in-the-header',
    what: 'NUL in the subject and in a field’s name, which IMAP shows as other bytes',
    build: () => gwen({ subject: 'Dele\u0000tion', below: ['X-\u0000: y'] }),
    outcome: READ_OR_NOT,
  },
  {
    id: 'T75',
    name: 'date-out-of-range',
    what: 'a date beyond what computers count',
    build: () =>
      Buffer.from(
        gwen()
          .toString('latin1')
          .replace(/\r\nDate: [^\r]+/, '\r\nDate: Fri, 99 Foo 99999999 99:99:99 +9999'),
        'latin1',
      ),
    outcome: READ_OR_NOT,
  },
  {
    id: 'T75',
    name: 'date-of-the-past',
    what: 'a date in 1601, with a relative time frame in the text',
    build: () =>
      Buffer.from(
        gwen({
          text: 'Please delete the data of the source "Website Prod" of workspace globex of last month.\n',
        })
          .toString('latin1')
          .replace(/\r\nDate: [^\r]+/, '\r\nDate: Mon, 01 Jan 1601 00:00:00 +0000'),
        'latin1',
      ),
    outcome: READ_OR_NOT,
  },
  {
    id: 'T75',
    name: 'date-of-the-future',
    what: 'a date in 9999, with a relative time frame in the text',
    build: () =>
      Buffer.from(
        gwen({
          text: 'Please delete the data of the source "Website Prod" of workspace globex of last month.\n',
        })
          .toString('latin1')
          .replace(/\r\nDate: [^\r]+/, '\r\nDate: Fri, 31 Dec 9999 23:59:59 +0000'),
        'latin1',
      ),
    outcome: READ_OR_NOT,
  },
  {
    id: 'T76',
    name: 'eleven-signatures',
    what: 'one signature more than is looked at, the real one first',
    build: (keys) =>
      fromGlobex(
        withAbove(
          signed(letter({ from: GWEN, text: DELETE_GLOBEX }), keys('mail.globex.example')),
          FLOOD(10),
        ),
      ),
    outcome: READ_OR_NOT,
  },
  big('T76', 'signature-flood', '600 signatures, each with a key to look up', OVER, () =>
    fromEvil(withAbove(letter({ from: GWEN, text: DELETE_GLOBEX }), FLOOD(600))),
  ),
  {
    id: 'T76',
    name: 'spf-bomb',
    what: 'an SPF record that asks for hundreds of look-ups',
    build: () =>
      delivered(letter({ from: 'mallory@bomb.example', text: DELETE_GLOBEX }), {
        ip: '203.0.113.99',
        helo: 'mail.bomb.example',
        reverse: 'unknown',
        mailFrom: 'mallory@bomb.example',
      }),
    outcome: {
      ...nothing(['opened', 'other', 'silenced', 'unreadable']),
      opened: { max: 1, min: 0, states: ['received', 'rejected', 'expired', 'cancelled'], verified: false },
      mails: [{ to: 'mallory@bomb.example', max: 1, templates: ['not_authorised'] }],
    },
  },
  {
    id: 'T76',
    name: 'signature-of-one-megabit',
    what: 'tags of a signature that never end, and a list of fields with thousands of names',
    build: () =>
      fromEvil(
        withAbove(
          letter({ from: EVE, text: DELETE_GLOBEX }),
          `DKIM-Signature: v=1; a=rsa-sha256; d=evil.example; s=mail; h=${'from:'.repeat(3_000)}to; bh=${'A'.repeat(20_000)}; b=${'A'.repeat(20_000)}`,
        ),
      ),
    outcome: {
      ...nothing(['opened', 'other', 'silenced', 'unreadable']),
      opened: { max: 1, min: 0, states: ['received', 'rejected', 'expired', 'cancelled'], verified: false },
      mails: [{ to: EVE, max: 1, templates: ['not_authorised'] }],
    },
  },
  { id: 'T77', name: 'empty', what: 'no byte at all', build: () => Buffer.alloc(0), outcome: OVER },
  {
    id: 'T77',
    name: 'trace-only',
    what: 'nothing but our own trace',
    build: () => fromEvil(Buffer.from('\r\n')),
    outcome: OVER,
  },
  {
    id: 'T77',
    name: 'no-body',
    what: 'a header and no body; the subject asks',
    build: () => {
      const mail = gwen({ subject: 'Please delete our workspace globex', text: '' });
      return mail.subarray(0, mail.length - 2);
    },
    outcome: READ_OR_NOT,
  },
  {
    id: 'T77',
    name: 'noise',
    what: 'bytes that are no mail',
    build: () => Buffer.from(Array.from({ length: 4_000 }, (_, n) => (n * 7_919 + (n >> 3)) % 256)),
    outcome: OVER,
  },
];
