/** T50 to T53: what machines send, each with words in it that a person would be answered for. */

import { type Attack, DELETE_GLOBEX } from './attack.ts';
import { type LetterOptions, letter, multipart } from './letter.ts';
import { automatic, either, neutral, nothing } from './outcomes.ts';
import { delivered, fromEvil, fromGlobex } from './post-office.ts';
import { signed } from './signature.ts';
import { DESK, EVE, GWEN } from './world.ts';

/** From an owner, authenticated: nothing but the sign of the machine keeps it from being answered. */
const gwen =
  (options: Partial<LetterOptions>): Attack['build'] =>
  (keys) =>
    fromGlobex(
      signed(
        letter({ from: GWEN, subject: 'Deletion', text: DELETE_GLOBEX, ...options }),
        keys('mail.globex.example'),
      ),
    );

const FIELDS: readonly (readonly [id: string, name: string, what: string, ...fields: readonly string[]])[] = [
  ['T50', 'auto-replied', 'an automatic answer (RFC 3834)', 'Auto-Submitted: auto-replied'],
  ['T50', 'auto-generated', 'made by a machine', 'Auto-Submitted: auto-generated'],
  [
    'T50',
    'auto-notified',
    'with a comment and parameters',
    'Auto-Submitted: (x) auto-notified; owner-email="x@y.example"',
  ],
  ['T50', 'precedence-bulk', 'bulk mail', 'Precedence: bulk'],
  ['T50', 'precedence-junk', 'junk, in capitals', 'PRECEDENCE: JUNK'],
  ['T50', 'precedence-auto-reply', 'an answer by an old program', 'Precedence: auto_reply'],
  ['T50', 'x-autoreply', 'an answer by a hoster’s program', 'X-Autoreply: yes'],
  ['T50', 'x-autorespond', 'an answer with its subject in a field', 'X-Autorespond: your mail'],
  ['T50', 'autoresponder-delivered-to', 'Delivered-To: autoresponder', 'Delivered-To: Autoresponder'],
  ['T50', 'x-auto-reply-from', 'an answer of a panel', `X-Mail-Autoreply: ${GWEN}`],
  [
    'T51',
    'list-id',
    'a mailing list (RFC 2919)',
    'List-Id: Owners <owners.globex.example>',
    'Precedence: list',
  ],
  ['T51', 'list-unsubscribe', 'a newsletter (RFC 2369)', 'List-Unsubscribe: <mailto:leave@globex.example>'],
  ['T51', 'list-post', 'a list by its address alone', 'List-Post: <mailto:owners@globex.example>'],
  [
    'T51',
    'mailing-list',
    'a list by the field of an old program',
    'Mailing-List: list owners@globex.example; contact owners-owner@globex.example',
  ],
  [
    'T53',
    'jira',
    'a tracker’s notice',
    'X-JIRA-FingerPrint: 0123456789abcdef',
    'Auto-Submitted: auto-generated',
  ],
  ['T53', 'otrs-loop', 'another help desk’s loop mark', 'X-OTRS-Loop: desk@globex.example'],
  [
    'T53',
    'exchange-inbox-rule',
    'an answer by a rule of Exchange',
    'X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent',
    'X-MS-Exchange-Inbox-Rules-Loop: gwen@globex.example',
  ],
  ['T53', 'amazon-auto-reply', 'an answer of a provider', 'X-Amazon-Auto-Reply: true'],
  [
    'T53',
    'calendar-class',
    'a calendar’s message by its class',
    'Content-Class: urn:content-classes:calendarmessage',
  ],
];

const SUBJECTS: readonly (readonly [name: string, subject: string, text: string])[] = [
  [
    'out-of-office-english',
    'Out of Office: Deletion',
    'I am out of the office until Monday with no access to mail.\n',
  ],
  ['out-of-office-german', 'Automatische Antwort: Löschung', 'Ich bin bis Montag nicht im Büro.\n'],
  ['out-of-office-french', 'Réponse automatique : suppression', 'Je suis absente du bureau jusqu’à lundi.\n'],
  ['out-of-office-japanese', '自動応答: 削除', '月曜日まで不在にしております。\n'],
];

export const AUTOMATIC: readonly Attack[] = [
  ...FIELDS.map(
    ([id, name, what, ...below]): Attack => ({
      id,
      name,
      what,
      build: gwen({ below }),
      outcome: automatic(),
    }),
  ),
  ...SUBJECTS.map(
    ([name, subject, text]): Attack => ({
      id: 'T50',
      name,
      what: 'an absence note without a field that says so',
      build: gwen({ subject: `=?utf-8?B?${Buffer.from(subject).toString('base64')}?=`, text }),
      outcome: automatic(),
    }),
  ),
  {
    id: 'T50',
    name: 'null-path',
    what: 'the null path alone',
    build: (keys) =>
      fromGlobex(signed(letter({ from: GWEN, text: DELETE_GLOBEX }), keys('mail.globex.example')), ''),
    outcome: automatic(),
  },
  {
    id: 'T50',
    name: 'daemon-with-a-path',
    what: 'a bounce in words from MAILER-DAEMON with a path of its own',
    build: () =>
      delivered(
        letter({
          from: 'Mail Delivery System <MAILER-DAEMON@globex.example>',
          subject: 'failure notice',
          text: `Hi. This is the qmail-send program at globex.example.\nI wasn’t able to deliver your message.\n\n--- Below this line is a copy of the message.\n\n${DELETE_GLOBEX}`,
        }),
        { ip: '192.0.2.20', helo: 'mail.globex.example', mailFrom: 'mailer-daemon@globex.example' },
      ),
    outcome: automatic(),
  },
  {
    id: 'T50',
    name: 'delivery-report',
    what: 'a delivery report (RFC 3464) about a mail that was never ours',
    build: () =>
      delivered(
        letter({
          from: 'postmaster@globex.example',
          subject: 'Undeliverable: Deletion',
          contentType: 'multipart/report; report-type=delivery-status; boundary=rep',
          text: multipart('rep', [
            { head: ['Content-Type: text/plain'], body: DELETE_GLOBEX },
            {
              head: ['Content-Type: message/delivery-status'],
              body: 'Reporting-MTA: dns; mail.globex.example\n\nFinal-Recipient: rfc822; x@globex.example\nAction: failed\nStatus: 5.1.1',
            },
          ]),
        }),
        { ip: '192.0.2.20', helo: 'mail.globex.example', mailFrom: '' },
      ),
    outcome: automatic(),
  },
  {
    id: 'T50',
    name: 'abuse-report',
    what: 'a complaint about spam (RFC 5965)',
    build: (keys) =>
      fromGlobex(
        signed(
          letter({
            from: 'fbl@globex.example',
            subject: 'Deletion',
            contentType: 'multipart/report; report-type=feedback-report; boundary=rep',
            text: multipart('rep', [
              { head: ['Content-Type: text/plain'], body: DELETE_GLOBEX },
              { head: ['Content-Type: message/feedback-report'], body: 'Feedback-Type: abuse\nVersion: 1' },
            ]),
          }),
          keys('mail.globex.example'),
        ),
        'fbl@globex.example',
      ),
    outcome: automatic(),
  },
  {
    id: 'T50',
    name: 'read-receipt',
    what: 'a receipt (RFC 8098) with a request in its text',
    build: gwen({
      contentType: 'multipart/report; report-type=disposition-notification; boundary=rep',
      text: multipart('rep', [
        { head: ['Content-Type: text/plain'], body: DELETE_GLOBEX },
        {
          head: ['Content-Type: message/disposition-notification'],
          body: `Final-Recipient: rfc822;${GWEN}\nDisposition: manual-action/MDN-sent-manually; displayed`,
        },
      ]),
    }),
    outcome: automatic(),
  },
  {
    id: 'T53',
    name: 'calendar-answer',
    what: 'an accepted invitation (RFC 6047)',
    build: gwen({
      subject: 'Accepted: Deletion of workspace globex',
      contentType: 'text/calendar; method=REPLY; charset=utf-8',
      text: `BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nSUMMARY:please delete our workspace globex\nATTENDEE;PARTSTAT=ACCEPTED:mailto:${GWEN}\nEND:VEVENT\nEND:VCALENDAR\n`,
    }),
    outcome: automatic(),
  },
  {
    id: 'T52',
    name: 'own-mail-returned',
    what: 'a mail in the desk’s own name comes back',
    build: () =>
      fromGlobex(
        letter({
          from: `Privacy <${DESK}>`,
          subject: '[PD-1001] We received your request',
          text: DELETE_GLOBEX,
          messageId: '<pd.1001.1.received.0123456789abcdef0123456789abcdef@desk.test>',
        }),
        DESK,
      ),
    outcome: { ...nothing(['own', 'automatic']) },
  },
  {
    id: 'T52',
    name: 'other-help-desk',
    what: 'another help desk’s acknowledgement, without any field that says so',
    build: (keys) =>
      fromEvil(
        signed(
          letter({
            from: 'Support <support@evil.example>',
            subject: '[#48151623] We have received your request',
            text: 'Thank you for contacting us. We have received your request and created ticket #48151623. Please do not reply to this automatic message.\n',
          }),
          keys('mail.evil.example'),
        ),
        'support@evil.example',
      ),
    outcome: either(automatic(), neutral('support@evil.example')),
  },
  {
    id: 'T52',
    name: 'loop-mark-of-ours',
    what: 'somebody else’s mail with a loop mark such as ours',
    build: (keys) =>
      fromEvil(
        signed(
          letter({ from: EVE, text: DELETE_GLOBEX, below: ['X-Purgedesk-Loop: some-instance'] }),
          keys('mail.evil.example'),
        ),
      ),
    outcome: { ...nothing(['own', 'automatic']) },
  },
  {
    id: 'OK',
    name: 'auto-submitted-no',
    what: 'a person’s mail that says it is none of a machine',
    build: gwen({ below: ['Auto-Submitted: no', 'X-Auto-Response-Suppress: OOF'] }),
    outcome: {
      ...neutral(GWEN),
      dispositions: ['opened'],
      opened: {
        max: 1,
        min: 1,
        states: ['received', 'verifying', 'expired'],
        mustReach: ['verifying'],
        verified: false,
      },
      mails: [{ to: GWEN, max: 3, templates: ['verify_request', 'expired'], must: 'verify_request' }],
    },
  },
];
