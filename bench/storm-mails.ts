/** Mails of a storm: what a desk gets when programs answer each other, backscatter comes in and somebody forges. */

/** One mail of the storm by its number; the same number gives the same bytes. */
export function stormMail(index: number, now: Date): Buffer {
  const kind = KINDS[index % KINDS.length] ?? acknowledgement;
  return Buffer.from(kind(index, now).join('\r\n'));
}

type Kind = (index: number, now: Date) => readonly string[];

const DESK = 'privacy@desk.example';

const fields = (from: string, subject: string, id: string, now: Date): readonly string[] => [
  `From: ${from}`,
  `To: ${DESK}`,
  `Subject: ${subject}`,
  `Date: ${now.toUTCString().replace('GMT', '+0000')}`,
  `Message-ID: <${id}>`,
  'MIME-Version: 1.0',
];

const trace = (index: number, now: Date): readonly string[] => [
  `Return-Path: <sender${index % 7}@relay.example>`,
  `Received: from relay${index}.example (relay${index}.example [192.0.2.${index % 250}])`,
  `\tby mx.desk.example with ESMTPS id q${index}; ${now.toUTCString().replace('GMT', '+0000')}`,
];

const PLAIN = ['Content-Type: text/plain; charset=utf-8', ''];

/** One content, delivered again and again by other ways. */
const copy: Kind = (index, now) => [
  ...trace(index, now),
  ...fields('Erin <erin@stranger.example>', 'Deletion', 'same@stranger.example', now),
  ...PLAIN,
  'Please delete the workspace bench-0.',
];

/** Another desk that thanks for each mail of ours, without a field that says so. */
const acknowledgement: Kind = (index, now) => [
  ...trace(index, now),
  ...fields(
    'Help <help@other-desk.example>',
    `[#${index}] We have it`,
    `ack${index}@other-desk.example`,
    now,
  ),
  ...PLAIN,
  `Thank you for contacting us. Your request to delete the workspace bench-0 has been received: ticket #${index + 1000}.`,
];

/** The same desk, repeating what it was asked. */
const echo: Kind = (index, now) => [
  ...trace(index, now),
  ...fields('Help <help@other-desk.example>', `Case ${index}`, `echo${index}@other-desk.example`, now),
  ...PLAIN,
  `Case ${index}: please delete the workspace bench-0.`,
];

const bounce: Kind = (index, now) => [
  'Return-Path: <>',
  ...fields('MAILER-DAEMON@relay.example', 'Undelivered mail', `dsn${index}@relay.example`, now),
  'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
  '',
  '--b',
  'Content-Type: text/plain',
  '',
  'I could not deliver the mail below.',
  '--b',
  'Content-Type: message/delivery-status',
  '',
  'Reporting-MTA: dns; relay.example',
  '',
  `Final-Recipient: rfc822; user${index}@nowhere.example`,
  'Action: failed',
  'Status: 5.1.1',
  '--b',
  'Content-Type: message/rfc822',
  '',
  `From: ${DESK}`,
  `Message-ID: <pd.${index}.${index}.verify_request.${'0'.repeat(32)}@desk.example>`,
  'Subject: [PD-1] Data deletion request',
  '',
  'Your code is 123 456.',
  '--b--',
];

const away: Kind = (index, now) => [
  ...trace(index, now),
  ...fields(
    `P${index} <person${index}@away.example>`,
    `Re: [PD-${index}] Data deletion request`,
    `a${index}@away.example`,
    now,
  ),
  ...PLAIN,
  'I am out of the office until Monday. For urgent matters please contact Bob.',
  '',
  '> Please delete the workspace bench-0.',
];

/** In the name of an owner whose domain has no policy. */
const forged: Kind = (index, now) => [
  ...trace(index, now),
  ...fields(`owner${index % 40}@plain.example`, `Deletion ${index}`, `f${index}@forger.example`, now),
  ...PLAIN,
  `Please delete the data of the user u_${index} in the workspace plain-${index % 40}.`,
];

const stranger: Kind = (index, now) => [
  ...trace(index, now),
  ...fields(
    `s${index}@strangers${index % 90}.example`,
    `Deletion ${index}`,
    `s${index}@strangers.example`,
    now,
  ),
  ...PLAIN,
  `Please delete the workspace bench-${index % 50}.`,
];

const list: Kind = (index, now) => [
  ...trace(index, now),
  'List-Id: <privacy.lists.example>',
  'Precedence: list',
  ...fields(`m${index}@members.example`, `[privacy] News ${index}`, `l${index}@lists.example`, now),
  ...PLAIN,
  `Issue ${index}: how vendors delete a workspace.`,
];

const KINDS: readonly Kind[] = [
  copy,
  acknowledgement,
  bounce,
  copy,
  away,
  echo,
  forged,
  bounce,
  stranger,
  list,
];
