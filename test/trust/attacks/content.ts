/** T55 to T65, T78 and T79: what a mail's fields and parts may carry into us and out again. */

import { type Attack, DELETE_GLOBEX, deletion } from './attack.ts';
import { type LetterOptions, letter, multipart } from './letter.ts';
import { askedBack, challenged, codeIgnored, either, neutral, nothing, stranger } from './outcomes.ts';
import { fromElsewhere, fromEvil, fromGlobex } from './post-office.ts';
import { signed } from './signature.ts';
import { ADA, EVE, GWEN } from './world.ts';

const gwen =
  (options: Partial<LetterOptions> = {}): Attack['build'] =>
  (keys) =>
    fromGlobex(
      signed(
        letter({ from: GWEN, subject: 'Deletion', text: DELETE_GLOBEX, ...options }),
        keys('mail.globex.example'),
      ),
    );
const eve =
  (options: Partial<LetterOptions>): Attack['build'] =>
  (keys) =>
    fromEvil(signed(letter({ from: EVE, ...options }), keys('mail.evil.example')));
const word = (text: string) =>
  `=?utf-8?Q?${[...Buffer.from(text)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')}?=`;

const CHALLENGED = challenged(GWEN);
const READ_OR_NOT = either(CHALLENGED, either(nothing(), either(askedBack(GWEN), neutral(GWEN))));

export const CONTENT: readonly Attack[] = [
  {
    id: 'T55',
    name: 'no-message-id',
    what: 'a mail without a Message-ID is none the less a mail',
    build: gwen({ messageId: null }),
    outcome: challenged(GWEN, { must: true }),
  },
  {
    id: 'T55',
    name: 'odd-message-id',
    what: 'a Message-ID that is none',
    build: gwen({ messageId: `not an id, ${'x'.repeat(700)}` }),
    outcome: challenged(GWEN, { must: true }),
  },
  {
    id: 'T55',
    name: 'same-id-first',
    what: 'two mails with one Message-ID: this one is a stranger’s and comes first',
    group: 'together',
    build: eve({ text: 'Hi,\n\nhow are you?\n', messageId: '<squatted@mail.example>' }),
    outcome: neutral(EVE),
  },
  {
    id: 'T55',
    name: 'same-id-second',
    what: 'the other one is an owner’s, has other content, and is not lost',
    group: 'together',
    build: gwen({ messageId: '<squatted@mail.example>' }),
    outcome: challenged(GWEN, { must: true }),
  },
  {
    id: 'T60',
    name: 'line-ends-in-the-subject',
    what: 'an encoded subject with line ends and a Bcc in it',
    build: gwen({ subject: word(`Deletion\r\nBcc: ${EVE}\r\n\r\nHello`) }),
    outcome: CHALLENGED,
  },
  {
    id: 'T60',
    name: 'line-ends-in-the-name',
    what: 'an encoded display name with line ends and a Bcc in it',
    build: gwen({ from: `${word(`Gwen\r\nBcc: ${EVE}`)} <${GWEN}>` }),
    outcome: CHALLENGED,
  },
  {
    id: 'T60',
    name: 'line-ends-in-references',
    what: 'references that would become fields of the answer',
    build: gwen({
      below: [
        `References: <a@b.example>\r\n\tBcc:${EVE} <c\tBcc:${EVE}@d.example>`,
        `In-Reply-To: <x\u0085Bcc:${EVE}@y.example>`,
      ],
    }),
    outcome: CHALLENGED,
  },
  {
    id: 'T61',
    name: 'template-in-the-text',
    what: 'the language of templates in subject, name and text',
    build: gwen({
      from: `"{{#with this}}{{constructor}}{{/with}}" <${GWEN}>`,
      subject: '{{code}} {{challenge.id}} {{{__proto__}}} <%= 7*7 %> #{7*7}',
      text: `{{#each this}}{{@key}}{{/each}}\n\n${DELETE_GLOBEX}`,
    }),
    outcome: either(CHALLENGED, READ_OR_NOT),
  },
  {
    id: 'T62',
    name: 'formula-in-the-fields',
    what: 'formulas of spreadsheets in subject and name',
    build: gwen({
      from: `"=HYPERLINK(http://203.0.113.66)" <${GWEN}>`,
      subject: "=cmd|' /C calc'!A0",
    }),
    outcome: CHALLENGED,
  },
  {
    id: 'T63',
    name: 'picture-with-a-script',
    what: 'an SVG and a page with scripts, with file names that climb',
    build: gwen({
      contentType: 'multipart/mixed; boundary=mix',
      text: multipart('mix', [
        { head: ['Content-Type: text/plain'], body: DELETE_GLOBEX },
        {
          head: [
            'Content-Type: image/svg+xml; name="../../../../etc/cron.d/x.svg"',
            'Content-Disposition: inline; filename="../../../../etc/cron.d/x.svg"',
          ],
          body: '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
        },
        {
          head: [
            'Content-Type: text/html; name="a\u202Elmth.exe"',
            "Content-Disposition: attachment; filename*0*=utf-8''..%2F..%2F; filename*1*=x%00.html",
          ],
          body: '<script>alert(1)</script>',
        },
      ]),
    }),
    outcome: CHALLENGED,
  },
  {
    id: 'T64',
    name: 'content-from-elsewhere',
    what: 'an external body and pictures that must not be fetched',
    build: gwen({
      contentType: 'multipart/mixed; boundary=mix',
      text: multipart('mix', [
        { head: ['Content-Type: text/plain'], body: DELETE_GLOBEX },
        {
          head: [
            'Content-Type: message/external-body; access-type=URL; URL="http://203.0.113.66/request.txt"',
          ],
          body: 'Content-Type: text/plain\n',
        },
        {
          head: ['Content-Type: text/html', 'Content-Location: http://203.0.113.66/'],
          body: '<img src="http://203.0.113.66/seen.png"><link rel=stylesheet href="http://203.0.113.66/x.css">',
        },
      ]),
    }),
    outcome: READ_OR_NOT,
  },
  {
    id: 'T65',
    name: 'names-of-prototypes',
    what: 'fields and parameters by the names of what objects inherit',
    build: gwen({
      below: [
        '__proto__: polluted',
        'constructor: polluted',
        'prototype: polluted',
        'toString: polluted',
        'hasOwnProperty: polluted',
        'Content-Disposition: inline; __proto__="polluted"; constructor=x; filename=hasOwnProperty',
      ],
      contentType: 'text/plain; charset=utf-8; __proto__=polluted; constructor="x"',
    }),
    outcome: CHALLENGED,
  },
  {
    id: 'T78',
    name: 'smuggled-with-bare-line-feeds',
    what: 'a second mail behind an end of data with bare line feeds',
    build: () => {
      const first = letter({ from: EVE, text: 'Hello.\n' });
      const second = letter({ from: ADA, text: deletion('acme-inc') });
      const end = Buffer.from('\n.\nMAIL FROM:<ada@acme.example>\r\nRCPT TO:<privacy@desk.test>\r\nDATA\r\n');
      return fromEvil(Buffer.concat([first, end, second]));
    },
    outcome: either(nothing(), neutral(EVE)),
  },
  {
    id: 'T78',
    name: 'smuggled-with-bare-returns',
    what: 'a second mail behind an end of data with a bare carriage return',
    build: () => {
      const first = letter({ from: EVE, text: 'Hello.\n' });
      const second = letter({ from: ADA, text: deletion('acme-inc') });
      return fromEvil(Buffer.concat([first, Buffer.from('\r.\r\nMAIL FROM:<ada@acme.example>\r\n'), second]));
    },
    outcome: either(nothing(), neutral(EVE)),
  },
  {
    id: 'T78',
    // A bare line feed would not do: IMAP servers show it as a whole line end, and it is the signed mail again.
    name: 'bare-return-in-a-signed-mail',
    what: 'a mail signed with a bare carriage return in it, with the code in the requester’s name',
    group: 'waiting',
    build: (keys) =>
      fromElsewhere(
        signed(
          letter({
            from: GWEN,
            subject: 'Re: [PD-1042] Please confirm',
            text: Buffer.from(
              'Hello,\r\n\r\nthis is Gwen.\rX-Note: none\r\nmy code is 493817.\r\n\r\nGwen\r\n',
            ),
          }),
          keys('mail.globex.example'),
        ),
      ),
    outcome: codeIgnored(GWEN),
  },
  {
    id: 'T79',
    name: 'encrypted',
    what: 'an encrypted mail (S/MIME) is not lost: a person looks',
    build: gwen({
      contentType: 'application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m',
      encoding: 'base64',
      text: `${Buffer.alloc(600, 7)
        .toString('base64')
        .match(/.{1,76}/g)
        ?.join('\n')}\n`,
    }),
    outcome: either(nothing(), neutral(GWEN)),
  },
  {
    id: 'T79',
    name: 'opaque-signed',
    what: 'an opaque signed mail (S/MIME), whose text is within the signature',
    build: gwen({
      contentType: 'application/pkcs7-mime; smime-type=signed-data; name=smime.p7m',
      encoding: 'base64',
      text: `${Buffer.from(DELETE_GLOBEX).toString('base64')}\n`,
    }),
    outcome: either(nothing(), neutral(GWEN)),
  },
  {
    id: 'T79',
    name: 'tnef-only',
    what: 'nothing but a winmail.dat',
    build: gwen({
      contentType: 'multipart/mixed; boundary=mix',
      text: multipart('mix', [
        {
          head: [
            'Content-Type: application/ms-tnef; name=winmail.dat',
            'Content-Transfer-Encoding: base64',
            'Content-Disposition: attachment; filename=winmail.dat',
          ],
          body: Buffer.concat([Buffer.from('789f3e22', 'hex'), Buffer.alloc(300)])
            .toString('base64')
            .slice(0, 76),
        },
      ]),
    }),
    outcome: either(nothing(), neutral(GWEN)),
  },
  {
    id: 'T79',
    name: 'pgp-only',
    what: 'an encrypted mail (OpenPGP)',
    build: gwen({
      contentType: 'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=enc',
      text: multipart('enc', [
        { head: ['Content-Type: application/pgp-encrypted'], body: 'Version: 1' },
        {
          head: ['Content-Type: application/octet-stream; name=encrypted.asc'],
          body: '-----BEGIN PGP MESSAGE-----\n\nhQEMA0123456789\n-----END PGP MESSAGE-----',
        },
      ]),
    }),
    outcome: either(nothing(), neutral(GWEN)),
  },
  ...[1, 2, 3].map(
    (copy): Attack => ({
      id: 'T55',
      name: `same-content-copy-${copy}`,
      what: 'one content delivered three times with other traces opens one ticket',
      group: 'together',
      build: () =>
        fromElsewhere(
          letter({
            from: 'ian@initech.example',
            text: deletion('initech'),
            messageId: '<copies@initech.example>',
          }),
          `bounce-${copy}@relay.example`,
        ),
      outcome: copy === 1 ? challenged('ian@initech.example', { must: true }) : { ...nothing(['duplicate']) },
    }),
  ),
  ...Array.from(
    { length: 6 },
    (_, n): Attack => ({
      id: 'T45',
      name: `flood-in-one-name-${n + 1}`,
      what: 'one of many mails in a victim’s name: all together they cause one mail',
      group: 'together',
      build: () =>
        fromElsewhere(
          letter({
            from: 'someone@victim.example',
            subject: `Delete workspace prize-${n}`,
            text: deletion(`prize-${n}`),
          }),
        ),
      outcome:
        n === 0 ? stranger('someone@victim.example') : { ...stranger('someone@victim.example'), mails: [] },
    }),
  ),
];
