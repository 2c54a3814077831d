/** Why a mail has not arrived, in words. What is stored are codes of ours and of the server that takes our mail. */

const KNOWN: Readonly<Record<string, string>> = {
  bounced: 'A report came back that it could not be delivered.',
  'refused for five days': 'The mail server did not take it for five days.',
  refused: 'It could not be made, or the mail server did not want it.',
  'given up by an agent': 'An agent gave it up.',
  'the sender died before the answer came':
    'The desk was stopped while it was handed over, so nobody knows whether it arrived.',
  'the connection was lost before the answer came':
    'The connection was lost after it was handed over, so nobody knows whether it arrived.',
  closed: 'No mail server is configured here to send with.',
  connection: 'The mail server could not be reached.',
  timeout: 'The mail server did not answer in time.',
  dns: 'The name of the mail server could not be looked up.',
  tls: 'No safe connection to the mail server could be made.',
  login: 'The mail server did not accept our login.',
  answer: 'The mail server did not take it for now.',
};

export function errorInWords(error: string): string {
  const known = KNOWN[error];
  if (known !== undefined) return known;
  const [, reason, code] = /^([a-z]+)? ?([45]\d\d)$/.exec(error) ?? [];
  if (code === undefined) return 'It could not be delivered.';
  const about = ANSWERS[code];
  const sentence =
    reason === undefined
      ? 'The mail server refused it for good'
      : (KNOWN[reason] ?? 'The mail server did not take it for now').replace(/\.$/, '');
  return `${sentence}: its answer was ${code}${about === undefined ? '' : ` (${about})`}.`;
}

/** RFC 5321 section 4.2.3. */
const ANSWERS: Readonly<Record<string, string>> = {
  421: 'busy or going down',
  450: 'the mailbox is not there for now',
  451: 'an error of its own',
  452: 'no room left',
  530: 'it wants a login',
  535: 'wrong name or password',
  550: 'there is no such mailbox, or it takes no mail from us',
  551: 'the reader is elsewhere',
  552: 'the mailbox is full',
  553: 'the address is not allowed',
  554: 'no reason given',
};
