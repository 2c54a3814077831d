import { instantInShort, plain } from '../../domain/words.ts';
import type { NewMail, SampleMail, SamplePerson } from './ports.ts';
import { type SampleText, sampleTexts } from './samples.ts';

export interface MailboxView {
  readonly page: {
    readonly title: string;
    readonly mark: string;
    readonly isWide: boolean;
    readonly refreshSeconds: number | null;
  };
  readonly person: { readonly name: string; readonly address: string; readonly role: string };
  readonly field: string;
  readonly here: string;
  readonly home: string;
  readonly isWaiting: boolean;
  readonly mails: readonly MailLine[];
  readonly open: OpenMail | null;
  readonly samples: readonly (SampleText & { readonly href: string })[];
  readonly draft: Draft;
  readonly problem: string | null;
}

interface MailLine {
  readonly href: string;
  readonly subject: string;
  readonly at: string | null;
  readonly when: string;
  readonly isOpen: boolean;
}

interface OpenMail
  extends Pick<SampleMail, 'no' | 'subject' | 'text' | 'hasHtml' | 'code' | 'links' | 'attachments'> {
  readonly frame: string;
  /** One click sends such an answer. */
  readonly answers: readonly { readonly label: string; readonly text: string }[];
}

interface Draft {
  readonly subject: string;
  readonly text: string;
}

export interface MailboxState {
  readonly person: SamplePerson;
  readonly mails: readonly SampleMail[];
  /** The mail that was chosen; `null` = the newest. */
  readonly chosen: number | null;
  /** As many mails were there when something was written; `null` = nobody waits for an answer. */
  readonly after: number | null;
  readonly sample: string | null;
  readonly refused: { readonly mail: NewMail; readonly problem: string } | null;
}

export function mailboxView(
  { person, mails, chosen, after, sample, refused }: MailboxState,
  { base, field }: { readonly base: string; readonly field: string },
): MailboxView {
  const here = `${base}/sandbox/people/${person.key}`;
  const isWaiting = after !== null && mails.length <= after;
  const open = isWaiting ? undefined : (mails.find(({ no }) => no === chosen) ?? mails[0]);
  const samples = sampleTexts(person.role.split(' ').at(-1) ?? '');
  const begun = samples.find(({ key }) => key === sample) ?? { subject: 'Data deletion request', text: '' };
  return {
    page: {
      title: `Mailbox of ${plain(person.name)}`,
      mark: 'sandbox',
      isWide: true,
      refreshSeconds: isWaiting ? WAIT_SECONDS : null,
    },
    person: { name: plain(person.name), address: plain(person.address), role: plain(person.role) },
    field,
    here,
    home: `${base}/`,
    isWaiting,
    mails: mails.map((mail) => lineOf(mail, here, mail === open)),
    open: open === undefined ? null : openOf(open, here),
    samples: samples.map((text) => ({ ...text, href: `${here}?sample=${text.key}#write` })),
    draft: refused === null ? begun : refused.mail,
    problem: refused?.problem ?? null,
  };
}

const WAIT_SECONDS = 2;

const lineOf = ({ no, subject, at }: SampleMail, here: string, isOpen: boolean): MailLine => ({
  href: `${here}?mail=${no}`,
  subject: plain(subject),
  at,
  when: at === null ? '' : instantInShort(at),
  isOpen,
});

const openOf = (mail: SampleMail, here: string): OpenMail => ({
  no: mail.no,
  subject: plain(mail.subject),
  text: mail.text,
  hasHtml: mail.hasHtml,
  code: mail.code,
  links: mail.links,
  attachments: mail.attachments.map(plain),
  frame: `${here}/mails/${mail.no}`,
  answers: [
    ...(mail.code === null
      ? []
      : [{ label: `Answer with the code ${mail.code}`, text: `The code is ${mail.code}` }]),
    { label: 'Answer “status”', text: 'status' },
    { label: 'Answer “cancel”', text: 'cancel' },
  ],
});
