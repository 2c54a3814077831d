/** Our own mails by what they say. */
const TEMPLATE_WORDS: Readonly<Record<string, string>> = {
  received: 'We have your request',
  needs_details: 'Asks for details',
  verify_request: 'Asks for the code',
  verify_failed: 'The code was wrong',
  not_authorised: 'Not authorised',
  blocked: 'Something has to be settled first',
  grace_started: 'The waiting time has begun',
  owner_notice: 'Tells the others in charge',
  grace_reminder: 'Reminder before the deletion',
  cancelled: 'It is cancelled',
  cancel_paused: 'Asks whether the cancel is theirs',
  cancel_too_late: 'Too late to cancel',
  purge_started: 'The deletion has begun',
  status: 'How it stands',
  completed: 'It is done, with the receipt',
  residue_released: 'The backups have expired too',
  rejected: 'It is not accepted',
  expired: 'It has expired',
  pointers: 'Where to find help',
  agent_reply: 'Words of an agent',
};

export const templateWords = (template: string): string =>
  TEMPLATE_WORDS[template] ?? template.replaceAll('_', ' ');

export interface Delivery {
  readonly label: string;
  readonly tone: 'info' | 'wait' | 'risk' | 'good' | 'quiet';
}

const DELIVERY: Readonly<Record<string, Delivery>> = {
  pending: { label: 'Queued', tone: 'info' },
  sending: { label: 'Being sent', tone: 'info' },
  sent: { label: 'Sent', tone: 'good' },
  unknown: { label: 'Sent, not confirmed', tone: 'wait' },
  failed: { label: 'Given up', tone: 'risk' },
  bounced: { label: 'Came back', tone: 'risk' },
};

export const deliveryOf = (status: string, attempts: number): Delivery =>
  status === 'pending' && attempts > 0
    ? { label: `Queued again, ${attempts} tries so far`, tone: 'wait' }
    : (DELIVERY[status] ?? { label: status, tone: 'quiet' });
