/** Mails that must be served: a desk that is silent to everybody would pass everything else. */

import { type Attack, DELETE_ACME, DELETE_GLOBEX, deletion } from './attack.ts';
import type { Keyring } from './keyring.ts';
import { letter, multipart } from './letter.ts';
import { askedBack, challenged, refused, stranger } from './outcomes.ts';
import { delivered, fromAcme, fromElsewhere, fromGlobex, fromHooli } from './post-office.ts';
import { DEFAULT_FIELDS, signed } from './signature.ts';
import { ADA, BOB, EVE, GWEN, HANA, TESS } from './world.ts';

/** As a distribution list without fields of its own passes it on: a tag in the subject and a footer. */
const throughList = (mail: Buffer): Buffer =>
  Buffer.from(
    `${mail.toString('latin1').replace('\r\nSubject: ', '\r\nSubject: [owners] ').trimEnd()}\r\n\r\n--\r\nowners at lists.example\r\n`,
    'latin1',
  );

const asAda = (keys: Keyring) =>
  signed(letter({ from: `Ada Lovelace <${ADA}>`, text: DELETE_ACME }), keys('mail.acme.example'));

export const HONEST: readonly Attack[] = [
  {
    id: 'OK',
    name: 'signed-by-the-owner',
    what: 'an owner’s mail, signed and from the right server, under p=reject',
    build: (keys) => fromAcme(asAda(keys)),
    outcome: challenged(ADA, { must: true }),
  },
  {
    id: 'OK',
    name: 'signed-and-forwarded',
    what: 'the same forwarded untouched: DKIM alone carries it',
    build: (keys) => fromElsewhere(asAda(keys)),
    outcome: challenged(ADA, { must: true }),
  },
  {
    id: 'OK',
    name: 'path-only',
    what: 'the same unsigned: SPF alone carries it',
    build: () => fromAcme(letter({ from: ADA.toUpperCase(), text: DELETE_ACME }), ADA),
    outcome: challenged(ADA, { must: true }),
  },
  {
    id: 'OK',
    name: 'key-of-1024-bits',
    what: 'a short key is warned about and counts',
    build: (keys) =>
      fromElsewhere(signed(letter({ from: ADA, text: DELETE_ACME }), keys('short.acme.example'))),
    outcome: challenged(ADA, { must: true }),
  },
  {
    id: 'OK',
    name: 'key-server-down-path-passes',
    what: 'the key cannot be looked up, and SPF passes: not put off',
    build: (keys) => fromAcme(signed(letter({ from: ADA, text: DELETE_ACME }), keys('down.acme.example'))),
    outcome: challenged(ADA, { must: true }),
  },
  {
    id: 'OK',
    name: 'oversigned',
    what: 'signed with each field once more than it stands there',
    build: (keys) =>
      fromElsewhere(
        signed(letter({ from: ADA, text: DELETE_ACME }), keys('mail.acme.example'), {
          fields: [...DEFAULT_FIELDS, ...DEFAULT_FIELDS],
        }),
      ),
    outcome: challenged(ADA, { must: true }),
  },
  {
    id: 'OK',
    name: 'admin-signed-twice',
    what: 'an admin, signed by the domain and by the provider',
    build: (keys) =>
      fromElsewhere(
        signed(
          signed(letter({ from: `"Bob B." <${BOB}>`, text: DELETE_ACME }), keys('mail.acme.example')),
          keys('mail.sender.example'),
        ),
      ),
    outcome: challenged(BOB, { must: true }),
  },
  {
    id: 'OK',
    name: 'through-a-list-under-none',
    what: 'forwarded by a list that breaks the signature, under p=none: the challenge serves that person',
    build: (keys) =>
      fromElsewhere(
        throughList(signed(letter({ from: GWEN, text: DELETE_GLOBEX }), keys('mail.globex.example'))),
      ),
    outcome: challenged(GWEN, { must: true }),
  },
  {
    id: 'OK',
    name: 'through-a-list-under-reject',
    what: 'the same under p=reject: the agents’, and nothing goes out',
    build: (keys) => fromElsewhere(throughList(asAda(keys))),
    outcome: refused(),
  },
  {
    id: 'OK',
    name: 'provider-signs-for-the-owner',
    what: 'through a shared provider, signed in the owner’s name',
    build: (keys) =>
      delivered(signed(letter({ from: TESS, text: deletion('tenant') }), keys('mail.tenant.example')), {
        ip: '198.51.100.5',
        helo: 'out5.sender.example',
        mailFrom: 'bounces@sender.example',
      }),
    outcome: challenged(TESS, { must: true }),
  },
  {
    id: 'OK',
    name: 'text-and-html',
    what: 'a usual mail in text and HTML that say the same',
    build: (keys) =>
      fromHooli(
        signed(
          letter({
            from: `Hana <${HANA}>`,
            contentType: 'multipart/alternative; boundary=alt',
            text: multipart('alt', [
              {
                head: ['Content-Type: text/plain; charset=utf-8'],
                body: 'Please delete our workspace hooli.\n',
              },
              {
                head: ['Content-Type: text/html; charset=utf-8'],
                body: '<p>Please delete our workspace hooli.</p>',
              },
            ]),
          }),
          keys('mail.hooli.example'),
        ),
      ),
    outcome: challenged(HANA, { must: true }),
  },
  {
    id: 'OK',
    name: 'deleted-workspace',
    what: 'the last owner of a deleted workspace asks for its data by its ID',
    build: (keys) =>
      fromHooli(
        signed(
          letter({ from: HANA, text: 'Hello,\n\nplease delete the workspace with the ID N1mbusOld8.\n' }),
          keys('mail.hooli.example'),
        ),
      ),
    outcome: challenged(HANA, { must: true }),
  },
  {
    id: 'OK',
    name: 'source-without-days',
    what: 'an incomplete request is asked back',
    build: (keys) =>
      fromGlobex(
        signed(
          letter({
            from: GWEN,
            text: 'Hi,\n\nplease delete the data of the source "iOS App" of workspace globex.\n',
          }),
          keys('mail.globex.example'),
        ),
      ),
    outcome: askedBack(GWEN, { must: true }),
  },
  {
    id: 'OK',
    name: 'stranger-is-told-once',
    what: 'an authenticated stranger gets the neutral answer',
    build: (keys) =>
      delivered(signed(letter({ from: EVE, text: deletion('my-own-space') }), keys('mail.evil.example')), {
        ip: '203.0.113.66',
        helo: 'mail.evil.example',
        mailFrom: EVE,
      }),
    outcome: {
      ...stranger(EVE),
      mails: [{ to: EVE, max: 1, templates: ['not_authorised'], must: 'not_authorised' }],
    },
  },
];
