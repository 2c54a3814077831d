import { describe, expect, test } from 'vitest';
import { failedMails, type ReportEnvelope } from '../../src/ingest/bounce-report.ts';

const OURS = '<pd.1042.7.verify_request.00@desk.example>';
const isOurs = (id: string) => id.startsWith('<pd.');

const QUOTED = ['Content-Type: message/rfc822', '', `Message-ID: ${OURS}`, 'Subject: [PD-1042]', '', 'Hello'];

const report = (fields: readonly string[], words = 'This is the mail system.'): string =>
  [
    'From: MAILER-DAEMON@mx.example',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=x',
    '',
    '--x',
    'Content-Type: text/plain',
    '',
    words,
    '--x',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example',
    '',
    ...fields,
    '',
    '--x',
    ...QUOTED,
    '--x--',
  ].join('\n');

const plainly = (words: string, head: readonly string[] = []): string =>
  ['From: MAILER-DAEMON@mx.example', ...head, '', words, '', `Message-ID: ${OURS}`, ''].join('\n');

const failed = (text: string, envelope: Partial<ReportEnvelope> = {}): readonly string[] | null =>
  failedMails(
    Buffer.from(text.replaceAll('\n', '\r\n')),
    { reportType: null, returnPath: '', subject: 'Mail', isOurs: false, ...envelope },
    isOurs,
  );
const dsn = { reportType: 'delivery-status', returnPath: null };

describe('T41 F08 a report with a machine-readable part (RFC 3464)', () => {
  test.each([
    ['failed', true],
    ['Failed (bad mailbox)', true],
    ['delayed', false],
    ['delivered', false],
    ['relayed', false],
    ['expanded', false],
  ])('Action: %s', (action, isFailure) => {
    const fields = ['Final-Recipient: rfc822; ada@acme.example', `Action: ${action}`, 'Status: 5.1.1'];
    expect(failed(report(fields), dsn)).toEqual(isFailure ? [OURS] : null);
    expect(failed(report(fields), { ...dsn, returnPath: '' })).toEqual(isFailure ? [OURS] : null);
  });

  test('of several recipients one that failed is enough', () => {
    expect(failed(report(['Action: relayed', '', 'Action: failed']), dsn)).toEqual([OURS]);
  });

  test('what other parts say is no action', () => {
    const text = report(['Action: delayed'], 'Action: failed');
    expect(failed(text, dsn)).toBeNull();
    expect(failed(text.replace('Hello', 'Action: failed'), dsn)).toBeNull();
  });

  test('of an internationalised kind counts the same (RFC 6533)', () => {
    const text = report(['Action: failed']).replace('message/delivery', 'message/global-delivery');
    expect(failed(text, dsn)).toEqual([OURS]);
  });

  test('about somebody else’s mail is none of ours', () => {
    expect(failed(report(['Action: failed']).replaceAll('<pd.', '<xy.'), dsn)).toBeNull();
  });
});

describe('T41 F08 a bounce for people to read', () => {
  test.each([
    'Hi. This is the qmail-send program at mx.example. I’m afraid I wasn’t able to deliver it. This is a permanent error; I’ve given up.',
    'A message that you sent could not be delivered to one or more of its recipients.',
    'Delivery to the following recipient failed permanently.',
    'User unknown',
    'Ihre Nachricht konnte nicht zugestellt werden.',
  ])('counts from the null path: %s', (words) => {
    expect(failed(plainly(words))).toEqual([OURS]);
    expect(failed(plainly(words), { returnPath: 'daemon@mx.example' })).toBeNull();
    expect(failed(plainly(words), { returnPath: null })).toBeNull();
  });

  test('counts by its header too', () => {
    expect(failed(plainly('Details below.', ['X-Failed-Recipients: ada@acme.example']))).toEqual([OURS]);
  });

  test.each([
    'Warning: your message could not be delivered for 4 hours. It will be retried.',
    'Delivery has been delayed; the mail was not delivered yet.',
    'Ihre Nachricht wurde noch nicht zugestellt (verzögert).',
  ])('of a delay does not: %s', (words) => {
    expect(failed(plainly(words))).toBeNull();
  });

  test('that says nothing about delivery does not: an out-of-office note quotes our mail as well', () => {
    expect(failed(plainly('I am away until Monday.'))).toBeNull();
    const answer = [
      'From: ada@acme.example',
      `In-Reply-To: ${OURS}`,
      `References: ${OURS}`,
      '',
      'User unknown: see below.',
    ];
    expect(failed(answer.join('\n'))).toBeNull();
  });

  test('that is a receipt for reading does not (RFC 8098)', () => {
    const words = 'The mail was deleted without being read; this is a failure of nobody.';
    expect(failed(plainly(words), { reportType: 'disposition-notification' })).toBeNull();
  });

  test('what our own quoted mail says counts for neither', () => {
    const text = plainly('I am away.').concat('Nothing was rejected. User unknown.\n');
    expect(failed(text)).toBeNull();
    expect(failed(plainly('User unknown.').concat('Your purge was delayed.\n'))).toEqual([OURS]);
  });
});

test('a report without an end of its header, and an empty one, say nothing', () => {
  expect(failed(`Message-ID: ${OURS}`)).toBeNull();
  expect(failed('')).toBeNull();
});
