/** T40 to T46: mails that point to a ticket of somebody else, or to one's own with too little. */

import { type Attack, deletion } from './attack.ts';
import { type LetterOptions, letter, multipart } from './letter.ts';
import { type MailAllowance, nothing, type Outcome, TOLD } from './outcomes.ts';
import { delivered, fromAcme, fromElsewhere, fromEvil, fromGlobex } from './post-office.ts';
import { DEFAULT_FIELDS, signed } from './signature.ts';
import { ADA, DESK, EVE, GUS, GWEN, STEN } from './world.ts';

const GWENS = 'Re: [PD-1042] Please confirm the deletion';
const ADAS = 'Re: [PD-1043] Please confirm the deletion';

const eve =
  (options: Partial<LetterOptions>): Attack['build'] =>
  (keys) =>
    fromEvil(signed(letter({ from: EVE, ...options }), keys('mail.evil.example')));
const gwen =
  (options: Partial<LetterOptions>): Attack['build'] =>
  (keys) =>
    fromGlobex(signed(letter({ from: GWEN, subject: GWENS, ...options }), keys('mail.globex.example')));
const gus =
  (options: Partial<LetterOptions>): Attack['build'] =>
  (keys) =>
    fromGlobex(signed(letter({ from: GUS, subject: GWENS, ...options }), keys('mail.globex.example')), GUS);
const ada =
  (options: Partial<LetterOptions>): Attack['build'] =>
  (keys) =>
    fromAcme(signed(letter({ from: ADA, ...options }), keys('mail.acme.example')));

/** What nobody's mail moved: whoever wrote hears at most this. */
const unmoved = (...mails: readonly MailAllowance[]): Outcome => ({
  ...nothing(['other', 'joined', 'silenced', 'unreadable', 'opened']),
  opened: { max: 0, min: 0, states: [], verified: false },
  mails,
});
const neutralTo = (to: string): MailAllowance => ({ to, max: 1, templates: ['not_authorised', 'pointers'] });
const told = (to: string): MailAllowance => ({ to, max: 1, templates: TOLD });
const HAS_CODE = 'Hello,\n\nmy code is 493817.\n';

const guessed = [
  'In-Reply-To: <pd.1042.1.verify_request.0123456789abcdef0123456789abcdef@desk.test>',
  'References: <pd.1042.1.verify_request.0123456789abcdef0123456789abcdef@desk.test>\r\n <pd.1042.PD-1042.verify_request.00@desk.test>',
];

export const THREADS: readonly Attack[] = [
  {
    id: 'T40',
    name: 'leaked-code-from-a-stranger',
    what: 'the right code and forged references, from an authenticated stranger',
    group: 'waiting',
    build: eve({ subject: GWENS, text: HAS_CODE, below: guessed }),
    outcome: unmoved(neutralTo(EVE)),
  },
  {
    id: 'T40',
    name: 'leaked-code-forged-under-none',
    what: 'the right code in the requester’s name, unauthenticated, under p=none',
    group: 'waiting',
    build: () => fromElsewhere(letter({ from: GWEN, subject: GWENS, text: HAS_CODE, below: guessed })),
    outcome: unmoved(told(GWEN)),
  },
  {
    id: 'T40',
    name: 'leaked-code-forged-under-reject',
    what: 'the right code in the requester’s name, under p=reject',
    group: 'waiting',
    build: () => fromEvil(letter({ from: ADA, subject: ADAS, text: 'My code is 271828.\n' }), ADA),
    outcome: unmoved(),
  },
  {
    id: 'T40',
    name: 'code-from-another-admin',
    what: 'the right code from another admin of the workspace, authenticated: it was not sent to them',
    group: 'waiting',
    build: gus({ text: HAS_CODE }),
    outcome: unmoved(told(GUS), neutralTo(GUS)),
  },
  {
    id: 'T40',
    name: 'code-of-another-ticket',
    what: 'one requester’s code in another requester’s thread, both real and authenticated',
    group: 'waiting',
    build: ada({ subject: GWENS, text: HAS_CODE, below: guessed }),
    outcome: unmoved(told(ADA), neutralTo(ADA)),
  },
  {
    id: 'T40',
    name: 'many-codes-in-one-mail',
    what: 'hundreds of codes in one mail, the right one among them',
    group: 'waiting',
    build: gwen({
      text: `My code is one of these:\n${Array.from({ length: 400 }, (_, n) => String(493_600 + n)).join('\n')}\n`,
    }),
    outcome: unmoved(told(GWEN)),
  },
  {
    id: 'T40',
    name: 'guessed-reply-address',
    what: 'the code to a guessed reply address of the ticket, from a stranger',
    group: 'waiting',
    build: eve({ to: 'privacy+pd1042.0123456789abcdef@desk.test', subject: 'Code', text: HAS_CODE }),
    outcome: unmoved(neutralTo(EVE)),
  },
  {
    id: 'T40',
    name: 'wrong-code',
    what: 'a wrong code from the requester: one try is gone',
    group: 'waiting',
    build: gwen({ text: 'My code is 111222.\n' }),
    outcome: unmoved(told(GWEN)),
  },
  {
    id: 'T41',
    name: 'out-of-office-quotes-the-code',
    what: 'the requester’s absence note quotes the mail with the code, above the quote as well',
    group: 'waiting',
    build: gwen({
      subject: `Automatic reply: ${GWENS}`,
      text: `I am out of office. Your message: code 493817\n\n> Your code is 493817\n`,
      below: ['Auto-Submitted: auto-replied', 'X-Auto-Response-Suppress: All'],
    }),
    outcome: { ...unmoved(), dispositions: ['automatic'] },
  },
  {
    id: 'T41',
    name: 'out-of-office-without-marks',
    what: 'an absence note that only its words give away',
    group: 'waiting',
    build: gwen({
      subject: `Out of office: ${GWENS}`,
      text: 'I am out of the office until Monday and will read your message then.\n\n> Your code is 493817\n',
    }),
    outcome: { ...unmoved(), dispositions: ['automatic'] },
  },
  {
    id: 'T41',
    name: 'bounce-quotes-the-code',
    what: 'a bounce with the mail that holds the code',
    group: 'waiting',
    build: () =>
      delivered(
        letter({
          from: 'MAILER-DAEMON@mail.globex.example',
          subject: 'Undelivered Mail Returned to Sender',
          contentType: 'multipart/report; report-type=delivery-status; boundary=rep',
          text: multipart('rep', [
            { head: ['Content-Type: text/plain'], body: 'Your mail could not be delivered. Code 493817.' },
            {
              head: ['Content-Type: message/delivery-status'],
              body: `Reporting-MTA: dns; mail.globex.example\n\nFinal-Recipient: rfc822; ${GWEN}\nAction: failed\nStatus: 5.1.1`,
            },
            {
              head: ['Content-Type: message/rfc822'],
              body: `From: ${DESK}\nTo: ${GWEN}\nSubject: [PD-1042] Confirm\nMessage-ID: <pd.1042.1.verify_request.00@desk.test>\n\nYour code is 493817\n`,
            },
          ]),
        }),
        { ip: '192.0.2.20', helo: 'mail.globex.example', mailFrom: '' },
      ),
    outcome: { ...unmoved(), dispositions: ['automatic'] },
  },
  {
    id: 'T41',
    name: 'read-receipt-quotes-the-code',
    what: 'a receipt with the code in its text',
    group: 'waiting',
    build: gwen({
      subject: `Read: ${GWENS}`,
      contentType: 'multipart/report; report-type=disposition-notification; boundary=rep',
      text: multipart('rep', [
        { head: ['Content-Type: text/plain'], body: 'Your message was read. Code 493817.' },
        {
          head: ['Content-Type: message/disposition-notification'],
          body: `Final-Recipient: rfc822;${GWEN}\nDisposition: automatic-action/MDN-sent-automatically; displayed`,
        },
      ]),
    }),
    outcome: { ...unmoved(), dispositions: ['automatic'] },
  },
  {
    id: 'T41',
    name: 'code-in-quoted-text-only',
    what: 'the requester asks back; the code stands in the quote only',
    group: 'waiting',
    build: gwen({
      text: `Could you please explain to me what this mail is about?\n\nOn Mon, 9 Mar 2026 at 10:00, privacy <${DESK}> wrote:\n> Your code is 493817\n> Please answer with it.\n`,
    }),
    outcome: unmoved(told(GWEN), { to: GWEN, max: 1, templates: ['cancelled', 'cancel_paused', 'pointers'] }),
  },
  {
    id: 'T42',
    name: 'number-in-the-subject',
    what: 'a stranger writes a ticket’s number and asks how it stands, with himself in Cc',
    group: 'waiting',
    build: eve({
      subject: GWENS,
      text: 'Hi,\n\nwhat is the status of this deletion? Please add me to it.\n',
      below: ['Cc: accomplice@evil.example'],
    }),
    outcome: unmoved(neutralTo(EVE)),
  },
  {
    id: 'T42',
    name: 'number-of-another-customer',
    what: 'a customer asks how somebody else’s ticket stands: at most about their own',
    group: 'waiting',
    build: ada({ subject: GWENS, text: 'Hi,\n\nwhat is the status of the deletion PD-1042?\n' }),
    outcome: unmoved(told(ADA), neutralTo(ADA)),
  },
  {
    id: 'T42',
    name: 'new-request-in-a-foreign-thread',
    what: 'a stranger’s request within somebody’s thread does not change its scope',
    group: 'waiting',
    build: eve({ subject: GWENS, text: deletion('globex'), below: guessed }),
    outcome: {
      ...unmoved(neutralTo(EVE)),
      opened: { max: 1, min: 0, states: ['received', 'rejected', 'expired', 'cancelled'], verified: false },
    },
  },
  {
    id: 'T42',
    name: 'requester-adds-a-copy',
    what: 'the requester’s own forged mail with a Cc: nobody in Cc hears anything, now or later',
    group: 'waiting',
    build: () =>
      fromElsewhere(
        letter({
          from: GWEN,
          subject: GWENS,
          text: 'Hi,\n\nwhat is the status of this deletion?\n',
          below: [`Cc: ${EVE}`, `Reply-To: ${EVE}`],
        }),
      ),
    outcome: unmoved(told(GWEN)),
  },
  {
    id: 'T43',
    name: 'forged-cancel-under-none',
    what: 'a cancel in the requester’s name, unauthenticated: the purge waits, nothing is cancelled',
    group: 'grace-globex',
    build: () =>
      fromElsewhere(
        letter({
          from: GWEN,
          subject: 'Re: [PD-1044] Deletion',
          text: 'Hello,\n\nplease cancel the deletion of workspace globex.\n',
        }),
      ),
    outcome: paused('PD-1044', [GWEN], [GUS]),
  },
  {
    id: 'T43',
    name: 'forged-cancel-under-reject',
    what: 'the same where DMARC fails under p=reject: it pauses all the same',
    group: 'grace-acme',
    build: () =>
      fromEvil(
        letter({
          from: ADA,
          subject: 'Re: [PD-1045] Deletion',
          text: 'Hello,\n\nplease cancel the deletion of workspace acme-inc.\n',
        }),
        ADA,
      ),
    outcome: paused('PD-1045', [], [ADA, 'bob@acme.example']),
  },
  {
    id: 'T43',
    name: 'cancel-while-dns-is-down',
    what: 'a cancel from a domain that cannot be looked up is never put off',
    group: 'grace-stormy',
    build: () =>
      fromElsewhere(
        letter({
          from: STEN,
          subject: 'Re: [PD-1046] Deletion',
          text: 'Hello,\n\nplease cancel the deletion of workspace stormy.\n',
        }),
        STEN,
      ),
    outcome: paused('PD-1046', [STEN]),
  },
  {
    id: 'T43',
    name: 'cancel-with-a-void-signature',
    what: 'a cancel whose signature covers only a part of the body',
    group: 'grace-globex',
    build: (keys) =>
      fromElsewhere(
        signed(
          letter({
            from: GWEN,
            subject: 'Re: [PD-1044] Deletion',
            text: 'Hello,\n\nplease cancel the deletion of workspace globex.\n',
          }),
          keys('mail.globex.example'),
          { length: 7 },
        ),
      ),
    outcome: paused('PD-1044', [GWEN], [GUS]),
  },
  {
    id: 'T43',
    name: 'cancel-from-a-stranger',
    what: 'a stranger cancels by the ticket’s number: the deletion goes on',
    group: 'grace-globex',
    build: eve({
      subject: 'Re: [PD-1044] Deletion',
      text: 'Hello,\n\nplease cancel the deletion of workspace globex.\n',
    }),
    outcome: { ...unmoved(neutralTo(EVE)), rowsDeleted: 'any' },
  },
  {
    id: 'T43',
    name: 'go-on-without-proof',
    what: 'a mail without proof that asks to shorten the wait and start at once changes nothing',
    group: 'grace-globex',
    build: () =>
      fromElsewhere(
        letter({
          from: GWEN,
          subject: 'Re: [PD-1044] Deletion',
          text: 'Hello,\n\nplease start the deletion right now, we waive the five days.\n',
        }),
      ),
    outcome: {
      ...unmoved(told(GWEN), { to: GWEN, max: 1, templates: ['pointers', 'needs_details'] }),
      rowsDeleted: 'any',
    },
  },
  {
    id: 'T44',
    name: 'code-of-a-third-party',
    what: 'another service’s code to a ticket’s address',
    group: 'waiting',
    build: eve({
      to: 'privacy+pd1042.0123456789abcdef@desk.test',
      subject: 'Your verification code is 493817',
      text: 'Your verification code for joining the team is 493817.\n',
    }),
    outcome: { ...unmoved(neutralTo(EVE)), dispositions: ['other', 'automatic', 'joined', 'silenced'] },
  },
  {
    id: 'T46',
    name: 'orders-in-an-agents-name',
    what: 'a colleague at the desk’s own domain orders by mail: there are no orders by mail',
    group: 'waiting',
    build: () =>
      fromEvil(
        letter({
          from: 'Agent Smith <smith@desk.test>',
          subject: '[PD-1042] approve',
          text: '#approve #verify\nPD-1042: mark as verified and purge now.\n',
        }),
        'smith@desk.test',
      ),
    outcome: unmoved(neutralTo('smith@desk.test')),
  },
  {
    id: 'T46',
    name: 'orders-in-the-desks-name',
    what: 'the same in the desk’s own name',
    group: 'waiting',
    build: () =>
      fromEvil(
        letter({
          from: `Privacy desk <${DESK}>`,
          subject: '[PD-1042] approve',
          text: 'My code is 493817.\n',
        }),
        DESK,
      ),
    outcome: { ...unmoved(), dispositions: ['own', 'automatic', 'other'] },
  },
  {
    id: 'OK',
    name: 'requester-answers-with-the-code',
    what: 'the requester’s own authenticated answer with the code is what moves a ticket on',
    group: 'waiting',
    build: gwen({ text: HAS_CODE }),
    outcome: {
      ...unmoved(
        {
          to: GWEN,
          max: 8,
          templates: ['grace_started', 'grace_reminder', 'purge_started', 'completed', 'blocked', 'status'],
          must: 'grace_started',
        },
        {
          to: GUS,
          max: 8,
          templates: ['owner_notice', 'grace_reminder', 'purge_started', 'completed', 'blocked'],
        },
      ),
      dispositions: ['joined'],
      existing: {
        'PD-1042': {
          states: ['verifying', 'approval', 'grace', 'purging', 'completed'],
          mustReach: ['grace'],
          mustNotHold: ['doubtful_cancel'],
          verified: true,
        },
      },
      rowsDeleted: 'any',
    },
  },
  {
    id: 'OK',
    name: 'code-signed-by-ed25519',
    what: 'the same under p=reject, signed with Ed25519 and forwarded, so that only DKIM counts',
    group: 'waiting',
    build: (keys) =>
      fromElsewhere(
        signed(letter({ from: ADA, subject: ADAS, text: 'My code is 271828.\n' }), keys('ed.acme.example'), {
          algorithm: 'ed25519-sha256',
          fields: [...DEFAULT_FIELDS].filter((name) => name !== 'content-transfer-encoding'),
        }),
      ),
    outcome: {
      ...unmoved(
        {
          to: ADA,
          max: 8,
          templates: ['grace_started', 'grace_reminder', 'purge_started', 'completed', 'blocked', 'status'],
          must: 'grace_started',
        },
        {
          to: 'bob@acme.example',
          max: 8,
          templates: ['owner_notice', 'grace_reminder', 'purge_started', 'completed', 'blocked'],
        },
      ),
      dispositions: ['joined'],
      existing: {
        'PD-1043': {
          states: ['verifying', 'approval', 'grace', 'purging', 'completed'],
          mustReach: ['grace'],
          mustNotHold: ['doubtful_cancel'],
          verified: true,
        },
      },
      rowsDeleted: 'any',
    },
  },
  {
    id: 'OK',
    name: 'authenticated-cancel',
    what: 'the requester’s own cancel in the grace counts at once',
    group: 'grace-globex',
    build: gwen({
      subject: 'Re: [PD-1044] Deletion',
      text: 'Hello,\n\nplease cancel the deletion of workspace globex.\n',
    }),
    outcome: {
      ...unmoved(
        { to: GWEN, max: 2, templates: ['cancelled'], must: 'cancelled' },
        { to: GUS, max: 2, templates: ['cancelled', 'owner_notice'] },
      ),
      dispositions: ['joined'],
      existing: {
        'PD-1044': { states: ['grace', 'cancelled'], mustReach: ['cancelled'], verified: true },
      },
      rowsDeleted: 0,
    },
  },
  {
    id: 'OK',
    name: 'unsigned-cancel-pauses',
    what: 'an unsigned cancel of another admin pauses at once, and nothing is purged',
    group: 'grace-globex',
    build: () =>
      fromElsewhere(
        letter({
          from: GUS,
          subject: 'STOP the deletion of our workspace',
          text: 'Hello,\n\nplease stop the deletion of workspace globex at once.\n',
        }),
        GUS,
      ),
    outcome: paused('PD-1044', [GUS, GWEN]),
  },
];

/**
 * The ticket is held for a doubtful cancel. The one in whose name it was asked hears of it at the stored address, unless
 * the mail is a forgery under an enforcing policy.
 */
function paused(reference: string, told: readonly string[], others: readonly string[] = []): Outcome {
  return {
    ...unmoved(
      ...told.map((to) => ({ to, max: 2, templates: ['cancel_paused'], must: 'cancel_paused' })),
      ...[...told, ...others].map((to) => ({
        to,
        max: 2,
        templates: ['cancel_paused', 'grace_reminder', 'owner_notice', 'status'],
      })),
    ),
    dispositions: ['joined'],
    existing: {
      [reference]: { states: ['grace'], mustHold: ['doubtful_cancel'], verified: true },
    },
    rowsDeleted: 0,
    agent: true,
  };
}
