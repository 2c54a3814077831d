/** What forwarding leaves of a mail. */

export const LIST_IP = '203.0.113.25';

export const edited = (mail: Buffer, from: string | RegExp, to: string): Buffer =>
  Buffer.from(mail.toString('latin1').replace(from, to), 'latin1');

/** As it arrives at our server from lists.example, with the envelope that that one gave it. */
export const delivered = (mail: Buffer, mailFrom: string): Buffer =>
  Buffer.concat([
    Buffer.from(
      `Return-Path: <${mailFrom}>\r\nReceived: from lists.example (lists.example [${LIST_IP}])\r\n\tby in.purgedesk.example with ESMTPS; Sun, 22 Nov 2026 15:00:00 +0000\r\n`,
    ),
    mail,
  ]);

/** By an address that hands on to many and writes into the mail as lists do, without the fields of a list. */
export const byRelay = (mail: Buffer): Buffer => relayed(mail, []);

/** With tag, footer, and the fields of Mailman. */
export const byMailingList = (mail: Buffer): Buffer =>
  relayed(mail, [
    'Sender: acme-ops-bounces@lists.example',
    'List-Id: Operations <acme-ops.lists.example>',
    'List-Post: <mailto:acme-ops@lists.example>',
    'Precedence: list',
    'Errors-To: acme-ops-bounces@lists.example',
    'X-BeenThere: acme-ops@lists.example',
  ]);

function relayed(mail: Buffer, fields: readonly string[]): Buffer {
  const tagged = edited(mail, /^Subject: /m, 'Subject: [acme-ops] ').toString('latin1');
  const [head = '', ...body] = tagged.split('\r\n\r\n');
  const footer = '_______________________________________________\r\nacme-ops mailing list\r\n';
  const text = `${[head, ...fields].join('\r\n')}\r\n\r\n${body.join('\r\n\r\n')}${footer}`;
  return delivered(Buffer.from(text, 'latin1'), 'acme-ops-bounces@lists.example');
}
