/** T01 to T07 and T10 to T14: somebody else's name in From, on the envelope, or beside it. */

import { type Attack, DELETE_ACME, DELETE_GLOBEX, deletion } from './attack.ts';
import { letter } from './letter.ts';
import { challenged, neutral, nothing, refused, stranger } from './outcomes.ts';
import { delivered, fromAcme, fromElsewhere, fromEvil, fromGlobex, fromHooli } from './post-office.ts';
import { DEFAULT_FIELDS, signed } from './signature.ts';
import { ADA, BOB, EVE, GWEN, HANA, KIM, MEL, STEN, TESS } from './world.ts';

const asAda = letter({ from: `Ada Lovelace <${ADA}>`, text: DELETE_ACME });
const asGwen = letter({ from: `Gwen Stacy <${GWEN}>`, text: DELETE_GLOBEX });
const asHana = letter({ from: HANA, text: deletion('hooli') });

/** The provider's addresses that every one of its customers sends from. */
const fromSharedProvider = (mail: Buffer, mailFrom: string) =>
  delivered(mail, { ip: '198.51.100.5', helo: 'out5.sender.example', mailFrom });

export const FORGED: readonly Attack[] = [
  {
    id: 'T01',
    name: 'forged-under-reject',
    what: 'From and MAIL FROM of an owner whose domain says p=reject, from a foreign server',
    build: () => fromEvil(asAda, ADA),
    outcome: refused(),
  },
  {
    id: 'T01',
    name: 'forged-under-quarantine',
    what: 'the same under p=quarantine and a soft fail of SPF',
    build: () => fromEvil(asHana, HANA),
    outcome: refused(),
  },
  {
    id: 'T01',
    name: 'forged-admin-other-case',
    what: 'an admin in capitals, under p=reject',
    build: () => fromEvil(letter({ from: BOB.toUpperCase(), text: DELETE_ACME }), BOB),
    outcome: refused(),
  },
  {
    id: 'T01',
    name: 'broken-signature-of-the-owner',
    what: 'a real signature of the owner over another body, under p=reject',
    build: (keys) => {
      const real = signed(letter({ from: ADA, text: 'See you tomorrow.\n' }), keys('mail.acme.example'));
      const text = real
        .toString('latin1')
        .replace('See you tomorrow.\r\n', DELETE_ACME.replace(/\n/g, '\r\n'));
      return fromElsewhere(Buffer.from(text, 'latin1'));
    },
    outcome: refused(),
  },
  {
    id: 'T02',
    name: 'passes-for-another-domain',
    what: 'SPF and DKIM pass, both for the attacker; From is the owner under p=reject',
    build: (keys) => fromEvil(signed(asAda, keys('mail.evil.example'))),
    outcome: refused(),
  },
  {
    id: 'T02',
    name: 'passes-for-another-domain-no-policy',
    what: 'the same where the domain says p=none: the address in the directory is asked at most',
    build: (keys) => fromEvil(signed(asGwen, keys('mail.evil.example'))),
    outcome: challenged(GWEN),
  },
  {
    id: 'T02',
    name: 'identity-of-the-owner',
    what: 'd= is the attacker’s, i= claims the owner’s domain',
    build: (keys) => fromEvil(signed(asAda, keys('mail.evil.example'), { tags: 'i=@acme.example;' })),
    outcome: refused(),
  },
  {
    id: 'T03',
    name: 'fails-under-none',
    what: 'neither SPF nor DKIM, under p=none',
    build: () => fromEvil(asGwen),
    outcome: challenged(GWEN),
  },
  {
    id: 'T03',
    name: 'no-policy-and-strict-alignment',
    what: 'SPF passes for a sub-domain; p=none with strict alignment',
    build: (keys) =>
      fromEvil(signed(letter({ from: KIM, text: deletion('kiosk') }), keys('mail.promo.kiosk.example'))),
    outcome: challenged(KIM),
  },
  {
    id: 'T04',
    name: 'null-path-helo-of-the-owner',
    what: 'null MAIL FROM; HELO is the owner’s server by name',
    build: () =>
      delivered(asAda, { ip: '203.0.113.66', helo: 'mail.acme.example', reverse: 'unknown', mailFrom: '' }),
    outcome: nothing(['automatic', 'other']),
  },
  {
    id: 'T04',
    name: 'null-path-helo-passes',
    what: 'null MAIL FROM and a HELO whose SPF passes for the attacker',
    build: () => delivered(asGwen, { ip: '203.0.113.66', helo: 'mail.evil.example', mailFrom: '' }),
    outcome: nothing(['automatic', 'other']),
  },
  {
    id: 'T05',
    name: 'other-tenant-spf',
    what: 'another customer of the owner’s provider: SPF passes aligned, so DMARC does',
    build: () => fromSharedProvider(letter({ from: TESS, text: deletion('tenant') }), TESS),
    outcome: challenged(TESS),
  },
  {
    id: 'T05',
    name: 'other-tenant-dkim',
    what: 'the provider signs another customer’s mail with the owner’s key, Reply-To elsewhere',
    build: (keys) =>
      fromSharedProvider(
        signed(
          letter({ from: TESS, text: deletion('tenant'), below: [`Reply-To: ${EVE}`] }),
          keys('mail.tenant.example'),
          { fields: [...DEFAULT_FIELDS, 'reply-to'] },
        ),
        'bounces@sender.example',
      ),
    outcome: challenged(TESS),
  },
  {
    id: 'T06',
    name: 'servfail-everywhere',
    what: 'no record of the author’s domain can be looked up: read again for a day, then the agents’',
    build: () => fromElsewhere(letter({ from: STEN, text: deletion('stormy') }), STEN),
    outcome: { ...refused(), dispositions: ['opened', 'other', 'silenced', 'unreadable'] },
  },
  {
    id: 'T06',
    name: 'servfail-key',
    what: 'signed with a key that cannot be looked up, under p=reject: never verified, nothing goes out',
    build: (keys) => fromElsewhere(signed(asAda, keys('down.acme.example'))),
    outcome: refused(),
  },
  {
    id: 'T07',
    name: 'address-in-the-name',
    what: 'the owner’s address as a quoted display name',
    build: (keys) =>
      fromEvil(signed(letter({ from: `"${ADA}" <${EVE}>`, text: DELETE_ACME }), keys('mail.evil.example'))),
    outcome: stranger(EVE),
  },
  {
    id: 'T07',
    name: 'address-in-an-encoded-name',
    what: 'the owner’s address in brackets within an encoded display name',
    build: (keys) => {
      const name = `=?utf-8?B?${Buffer.from(`Ada <${ADA}>`).toString('base64')}?=`;
      return fromEvil(
        signed(letter({ from: `${name} <${EVE}>`, text: DELETE_ACME }), keys('mail.evil.example')),
      );
    },
    outcome: stranger(EVE),
  },
  {
    id: 'T10',
    name: 'homograph-a-label',
    what: 'a domain that looks like the owner’s, in perfect order',
    build: (keys) =>
      fromEvil(
        signed(
          letter({ from: 'Ada <ada@xn--cme-5cd.example>', text: DELETE_ACME }),
          keys('mail.xn--cme-5cd.example'),
        ),
        'ada@xn--cme-5cd.example',
      ),
    outcome: stranger('ada@xn--cme-5cd.example'),
  },
  {
    id: 'T10',
    name: 'homograph-raw-utf8',
    what: 'the same written out, with a Cyrillic letter',
    build: () => fromEvil(letter({ from: 'Ada <ada@\u0430cme.example>', text: DELETE_ACME })),
    outcome: nothing(),
  },
  {
    id: 'T10',
    name: 'kelvin-sign',
    what: 'a Kelvin sign that lower-casing turns into k',
    build: () => fromEvil(letter({ from: 'Kim <\u212aim@kiosk.example>', text: deletion('kiosk') })),
    outcome: nothing(),
  },
  {
    id: 'T10',
    name: 'dotless-i-domain',
    what: 'a dotless i that upper-casing turns into I',
    build: () =>
      fromEvil(letter({ from: 'Ian <\u0131an@\u0131n\u0131tech.example>', text: deletion('initech') })),
    outcome: nothing(),
  },
  {
    id: 'T10',
    name: 'fullwidth-letters',
    what: 'full-width letters that compatibility folding turns into ASCII',
    build: () => fromEvil(letter({ from: '\uff41da@acme.example', text: DELETE_ACME })),
    outcome: nothing(),
  },
  {
    id: 'T11',
    name: 'plus-address',
    what: 'a plus address of an owner, authenticated: it is somebody else',
    build: (keys) =>
      fromAcme(signed(letter({ from: 'ada+x@acme.example', text: DELETE_ACME }), keys('mail.acme.example'))),
    outcome: stranger('ada+x@acme.example'),
  },
  {
    id: 'T11',
    name: 'dots-and-alias',
    what: 'a guessed alias of an owner, authenticated',
    build: (keys) =>
      fromAcme(signed(letter({ from: 'a.da@acme.example', text: DELETE_ACME }), keys('mail.acme.example'))),
    outcome: stranger('a.da@acme.example'),
  },
  {
    id: 'T12',
    name: 'sender-field',
    what: 'Sender names the owner, From the attacker',
    build: (keys) =>
      fromEvil(
        signed(
          letter({ from: EVE, text: DELETE_ACME, below: [`Sender: ${ADA}`] }),
          keys('mail.evil.example'),
        ),
      ),
    outcome: stranger(EVE),
  },
  {
    id: 'T12',
    name: 'resent-from',
    what: 'Resent-From and X-Original-From name the owner',
    build: (keys) =>
      fromEvil(
        signed(
          letter({
            from: EVE,
            text: DELETE_ACME,
            above: [`Resent-From: ${ADA}`, `Resent-To: ${ADA}`, `X-Original-From: ${ADA}`],
          }),
          keys('mail.evil.example'),
        ),
      ),
    outcome: stranger(EVE),
  },
  {
    id: 'T12',
    name: 'on-behalf-of',
    what: 'a member’s own server sends on behalf of the owner: From is forged by the member',
    build: () => fromAcme(letter({ from: EVE, text: DELETE_ACME, below: [`On-Behalf-Of: ${ADA}`] }), MEL),
    outcome: stranger(EVE),
  },
  {
    id: 'T13',
    name: 'reply-to-unsigned',
    what: 'the owner’s signed mail with a Reply-To put in on its way',
    build: (keys) => {
      const real = signed(asAda, keys('mail.acme.example')).toString('latin1');
      return fromAcme(
        Buffer.from(real.replace('\r\nSubject:', `\r\nReply-To: ${EVE}\r\nSubject:`), 'latin1'),
      );
    },
    outcome: challenged(ADA),
  },
  {
    id: 'T13',
    name: 'reply-to-forged-mail',
    what: 'a forgery under p=none that wants the challenge sent elsewhere',
    build: () =>
      fromEvil(
        letter({
          from: GWEN,
          text: DELETE_GLOBEX,
          below: [
            `Reply-To: Gwen <${EVE}>`,
            `Mail-Followup-To: ${EVE}`,
            `Errors-To: ${EVE}`,
            `Disposition-Notification-To: ${EVE}`,
            `Return-Receipt-To: ${EVE}`,
          ],
        }),
      ),
    outcome: challenged(GWEN),
  },
  {
    id: 'T13',
    name: 'copy-to-the-attacker',
    what: 'Cc and Bcc fields of a forged mail: nobody there is ever written to',
    build: () =>
      fromGlobex(letter({ from: GWEN, text: DELETE_GLOBEX, below: [`Cc: ${EVE}`, `Bcc: ${EVE}`] })),
    outcome: challenged(GWEN),
  },
  {
    id: 'T14',
    name: 'sub-domain-dkim',
    what: 'signed by a sub-domain of the owner’s domain, which says adkim=s and p=reject',
    build: (keys) => fromElsewhere(signed(asAda, keys('mail.promo.acme.example'))),
    outcome: refused(),
  },
  {
    id: 'T14',
    name: 'sub-domain-spf',
    what: 'SPF passes for a sub-domain; aspf=s and p=reject',
    build: () => fromEvil(asAda, 'news@promo.acme.example'),
    outcome: refused(),
  },
  {
    id: 'T14',
    name: 'sub-domain-identity',
    what: 'd= is the sub-domain, i= the owner’s own domain',
    build: (keys) =>
      fromElsewhere(signed(asAda, keys('mail.promo.acme.example'), { tags: 'i=@acme.example;' })),
    outcome: refused(),
  },
  {
    id: 'OK',
    name: 'relaxed-sub-domain',
    what: 'the same is honest where alignment is relaxed',
    build: (keys) => fromHooli(signed(asHana, keys('mail.news.hooli.example')), 'news@news.hooli.example'),
    outcome: challenged(HANA, { must: true }),
  },
  {
    id: 'T45',
    name: 'spam-through-the-answer',
    what: 'an advertisement in the subject, in a victim’s name: at most one neutral mail to From',
    build: () =>
      fromElsewhere(
        letter({
          from: '"Claim your prize at http://203.0.113.66/" <someone@victim.example>',
          subject: 'Cheap pills http://203.0.113.66/pills - delete my workspace prize-winner',
          text: `${deletion('prize-winner')}\nhttp://203.0.113.66/pills\n`,
          below: ['Cc: a@victim.example, b@victim.example, c@victim.example'],
        }),
      ),
    outcome: stranger('someone@victim.example'),
  },
  {
    id: 'T45',
    name: 'status-spam',
    what: 'asks for the status of nothing, in a victim’s name',
    build: () =>
      fromElsewhere(
        letter({
          from: 'someone@victim.example',
          subject: 'How far is the deletion of my workspace? http://203.0.113.66/',
          text: 'Hi,\n\nwhat is the status of the deletion of workspace prize-winner?\n',
        }),
      ),
    outcome: neutral('someone@victim.example'),
  },
];
