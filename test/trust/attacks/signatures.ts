/** T15 to T21: real signatures that prove less than they seem to. */

import { type Attack, DELETE_ACME } from './attack.ts';
import type { KeyName, Keyring } from './keyring.ts';
import { type LetterOptions, letter, multipart } from './letter.ts';
import { challenged, codeIgnored, either, type Outcome, refused } from './outcomes.ts';
import { fromElsewhere } from './post-office.ts';
import { DEFAULT_FIELDS, type SignatureOptions, signed, withAbove } from './signature.ts';
import { ADA, DESK, GWEN } from './world.ts';

const DAY = 24 * 60;
const without = (...names: readonly string[]) => DEFAULT_FIELDS.filter((name) => !names.includes(name));
const asBuffer = (text: string) => Buffer.from(text.replace(/\n/g, '\r\n'), 'latin1');
const replaced = (mail: Buffer, what: string, by: string) =>
  Buffer.from(mail.toString('latin1').replace(what, by), 'latin1');

/** Void is as if it were not there; a signer who only leaves much unsigned may still be asked at the stored address. */
const VOID = refused();
const VOID_OR_ASKED = either(refused(), challenged(ADA));

interface Trick {
  readonly id: string;
  readonly name: string;
  readonly what: string;
  readonly outcome?: Outcome;
  /** From is the person in whose name it is written, `body` what is asked. */
  readonly make: (keys: Keyring, mail: Ask) => Buffer;
  /** There is no key for this in the other domain. */
  readonly onlyAcme?: true;
}

/** What one trick is used for: to ask in Ada's name, or to confirm in Gwen's. */
interface Ask {
  readonly letter: (options?: Partial<LetterOptions>) => Buffer;
  readonly body: string;
  readonly key: (selector: string) => KeyName;
}

const plainly =
  (options: SignatureOptions, change: Partial<LetterOptions> = {}, selector = 'mail'): Trick['make'] =>
  (keys, mail) =>
    signed(mail.letter(change), keys(mail.key(selector)), options);

const TRICKS: readonly Trick[] = [
  {
    id: 'T15',
    name: 'length-and-appended-text',
    what: 'l= covers a harmless beginning; the request is appended',
    make: (keys, mail) => {
      const harmless = 'Dear all,\n\n';
      const base = signed(mail.letter({ text: harmless }), keys(mail.key('mail')), { length: 11 });
      return Buffer.concat([base, asBuffer(mail.body)]);
    },
  },
  {
    id: 'T15',
    name: 'length-zero',
    what: 'l=0 covers no body at all',
    make: plainly({ length: 0 }),
  },
  {
    id: 'T15',
    name: 'length-of-the-whole',
    what: 'l= is the whole length: any l= is void',
    make: (keys, mail) =>
      signed(mail.letter(), keys(mail.key('mail')), {
        length: Buffer.byteLength(mail.body.replace(/\n/g, '\r\n').trimEnd()) + 2,
      }),
  },
  {
    id: 'T16',
    name: 'second-subject-above',
    what: 'another Subject above the signed one',
    make: (keys, mail) =>
      withAbove(signed(mail.letter(), keys(mail.key('mail'))), 'Subject: Delete workspace acme-inc'),
  },
  {
    id: 'T16',
    name: 'second-from-above',
    what: 'another From above the signed one',
    make: (keys, mail) => withAbove(signed(mail.letter(), keys(mail.key('mail'))), `From: Ada <${ADA}>`),
  },
  {
    id: 'T16',
    name: 'second-to-above',
    what: 'another To above the signed one, which was for somebody else',
    make: (keys, mail) =>
      withAbove(signed(mail.letter({ to: 'colleague@else.example' }), keys(mail.key('mail'))), `To: ${DESK}`),
  },
  {
    id: 'T16',
    name: 'second-date-above',
    what: 'a fresh Date above the signed one',
    make: (keys, mail) =>
      withAbove(
        signed(mail.letter({ minutesAgo: 30 * DAY }), keys(mail.key('mail')), { minutesAgo: null }),
        'Date: Tue, 10 Mar 2026 08:57:00 +0000',
      ),
  },
  {
    id: 'T16',
    name: 'second-content-type-above',
    what: 'another Content-Type above the signed one',
    make: (keys, mail) =>
      withAbove(signed(mail.letter(), keys(mail.key('mail'))), 'Content-Type: text/html; charset=utf-8'),
  },
  {
    id: 'T17',
    name: 'from-not-signed',
    what: 'h= leaves From out',
    make: plainly({ fields: without('from') }),
  },
  {
    id: 'T17',
    name: 'subject-not-signed',
    what: 'h= leaves Subject out',
    make: plainly({ fields: without('subject') }),
  },
  {
    id: 'T17',
    name: 'date-not-signed',
    what: 'h= leaves Date out',
    make: plainly({ fields: without('date') }),
  },
  {
    id: 'T17',
    name: 'to-not-signed',
    what: 'h= leaves To out: it may have been for anybody',
    outcome: VOID_OR_ASKED,
    make: plainly({ fields: without('to') }),
  },
  {
    id: 'T18',
    name: 'content-type-swapped',
    what: 'Content-Type is not signed and makes another part of the same bytes be read',
    outcome: VOID_OR_ASKED,
    make: (keys, mail) => {
      const text = multipart('safe', [{ head: ['Content-Type: text/plain'], body: 'Kind regards.' }]).concat(
        multipart('evil', [{ head: ['Content-Type: text/plain'], body: mail.body }]),
      );
      const base = signed(
        mail.letter({ text, contentType: 'multipart/mixed; boundary=safe' }),
        keys(mail.key('mail')),
        { fields: without('content-type') },
      );
      return replaced(base, 'boundary=safe', 'boundary=evil');
    },
  },
  {
    id: 'T18',
    name: 'encoding-not-signed',
    what: 'Content-Transfer-Encoding is not signed and was put in later',
    outcome: VOID_OR_ASKED,
    make: (keys, mail) => {
      const text = `${Buffer.from(mail.body).toString('base64')}\n`;
      const base = signed(mail.letter({ text }), keys(mail.key('mail')));
      return replaced(base, '\r\nSubject:', '\r\nContent-Transfer-Encoding: base64\r\nSubject:');
    },
  },
  {
    id: 'T19',
    name: 'replay-to-somebody-else',
    what: 'a genuine mail to a colleague, delivered to us again',
    make: plainly({}, { to: 'colleague@else.example' }),
  },
  {
    id: 'T19',
    name: 'replay-our-address-in-the-name',
    what: 'the same with our address as the colleague’s display name',
    make: plainly({}, { to: `"${DESK}" <colleague@else.example>` }),
  },
  {
    id: 'T19',
    name: 'replay-with-unsigned-copy',
    what: 'the same with a Cc to us put in later',
    outcome: VOID_OR_ASKED,
    make: (keys, mail) =>
      withAbove(signed(mail.letter({ to: 'colleague@else.example' }), keys(mail.key('mail'))), `Cc: ${DESK}`),
  },
  {
    id: 'T20',
    name: 'expired',
    what: 'x= is past',
    make: plainly({ minutesAgo: 60, expiresIn: -10 }),
  },
  {
    id: 'T20',
    name: 'from-the-future',
    what: 't= is an hour ahead',
    make: plainly({ minutesAgo: -60 }),
  },
  {
    id: 'T20',
    name: 'stale',
    what: 't= is eight days ago',
    make: plainly({ minutesAgo: 8 * DAY }, { minutesAgo: 8 * DAY }),
  },
  {
    id: 'T20',
    name: 'stale-by-date',
    what: 'no t=; the signed Date is eight days ago',
    make: plainly({ minutesAgo: null }, { minutesAgo: 8 * DAY }),
  },
  {
    id: 'T21',
    name: 'rsa-sha1',
    what: 'a signature with SHA-1',
    make: plainly({ algorithm: 'rsa-sha1' }),
  },
  {
    id: 'T21',
    name: 'key-of-512-bits',
    what: 'a key of 512 bits, which anybody can factor',
    make: plainly({}, {}, 'weak'),
  },
  {
    id: 'T21',
    name: 'key-for-testing',
    what: 'the key says t=y',
    make: plainly({}, {}, 'testing'),
  },
  {
    id: 'T21',
    name: 'key-for-another-service',
    what: 'the key says s=tlsrpt',
    onlyAcme: true,
    make: plainly({}, {}, 'other'),
  },
  {
    id: 'T21',
    name: 'key-revoked',
    what: 'the key is revoked: p= is empty',
    onlyAcme: true,
    make: plainly({}, {}, 'revoked'),
  },
  {
    id: 'T21',
    name: 'key-for-sha1-only',
    what: 'the key says h=sha1',
    onlyAcme: true,
    make: plainly({}, {}, 'sha1'),
  },
  {
    id: 'T21',
    name: 'key-of-another-kind',
    what: 'the key says k=ed25519 and is none',
    onlyAcme: true,
    make: plainly({}, {}, 'wrongkind'),
  },
  {
    id: 'T21',
    name: 'identity-of-a-sub-domain',
    what: 'the key says t=s and i= is a sub-domain',
    onlyAcme: true,
    make: plainly({ tags: 'i=@sub.acme.example;' }, {}, 'strict'),
  },
  {
    id: 'T21',
    name: 'identity-elsewhere',
    what: 'i= lies outside of d=',
    make: plainly({ tags: 'i=@evil.example;' }),
  },
  {
    id: 'T21',
    name: 'top-level-domain-signs',
    what: 'd= is the top-level domain above the owner’s',
    onlyAcme: true,
    make: (keys, mail) => signed(mail.letter(), keys('mail.example')),
  },
  {
    id: 'T21',
    name: 'unknown-version',
    what: 'v=2, which nobody has defined',
    make: plainly({ version: '2' }),
  },
];

const CODE_MAIL = 'Hello,\n\nmy code is 493817.\n\nGwen\n';

const asking: Ask = {
  letter: (options = {}) =>
    letter({ from: `Ada <${ADA}>`, subject: 'Deletion request', text: DELETE_ACME, ...options }),
  body: DELETE_ACME,
  key: (selector) => `${selector}.acme.example` as KeyName,
};
const confirming: Ask = {
  letter: (options = {}) =>
    letter({ from: `Gwen <${GWEN}>`, subject: 'Re: [PD-1042] Please confirm', text: CODE_MAIL, ...options }),
  body: CODE_MAIL,
  key: (selector) => `${selector}.globex.example` as KeyName,
};

export const SIGNATURES: readonly Attack[] = TRICKS.flatMap((trick) => {
  const { id, name, what, outcome = VOID } = trick;
  const request: Attack = {
    id,
    name,
    what: `${what}; asks in an owner’s name under p=reject`,
    build: (keys) => fromElsewhere(trick.make(keys, asking)),
    outcome,
  };
  if (trick.onlyAcme === true) return [request];
  const code: Attack = {
    id,
    name: `${name}-with-the-code`,
    what: `${what}; carries the right code in the requester’s name under p=none`,
    group: 'waiting',
    build: (keys) => fromElsewhere(trick.make(keys, confirming)),
    outcome: codeIgnored(GWEN),
  };
  return [request, code];
});
