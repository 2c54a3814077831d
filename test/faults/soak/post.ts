/** Writing to the desk, and a book of everything that was written. */
import { openCustomerTransport } from '../../../src/sandbox/signing.ts';
import { DESK_DOMAIN, MX_NAME } from '../../flow/ground.ts';
import { messageIdOf, type ReceivedMail } from '../../flow/received-mail.ts';
import type { Scene } from '../../flow/scene.ts';
import { startSmtpServer } from '../../flow/smtp-server.ts';
import type { Random } from '../random.ts';

export type MailKind =
  | 'request'
  | 'code'
  | 'wrong code'
  | 'cancel'
  | 'status'
  | 'noise'
  | 'automatic'
  | 'forged'
  | 'stranger'
  | 'poison'
  | 'copy';

export interface Written {
  readonly kind: MailKind;
  readonly messageId: string;
  /** Monotonic milliseconds at which it lay in the mailbox. */
  readonly deliveredAt: number;
}

export interface Draft {
  readonly kind: MailKind;
  readonly from: string;
  readonly name?: string;
  readonly subject: string;
  readonly text: string;
  readonly answers?: ReceivedMail;
  readonly forgedBy?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Post extends AsyncDisposable {
  readonly book: readonly Written[];
  /** Every mail as it was put into the mailbox, in order. */
  readonly mails: readonly Buffer[];
  write(draft: Draft): Promise<string>;
  /** Puts a mail into the mailbox that no program of a customer's would write. */
  put(kind: MailKind, raw: Buffer): Promise<void>;
  /** Delivers an earlier mail once more, as a second server on the way would. */
  again(random: Random): Promise<void>;
}

const COPYABLE: readonly MailKind[] = ['request', 'noise', 'cancel', 'code'];

/** @param now - desk time, also while the database is away: mail comes all the same */
export async function openPost(scene: Scene, now: () => Date): Promise<Post> {
  const book: Written[] = [];
  const mails: Buffer[] = [];
  const copyable: Buffer[] = [];
  const put = async (kind: MailKind, raw: Buffer) => {
    await scene.ground.dovecot.deliver(scene.name, raw, now());
    mails.push(raw);
    book.push({ kind, messageId: messageIdOf(raw), deliveredAt: performance.now() });
    if (COPYABLE.includes(kind)) copyable.push(raw);
    if (copyable.length > 200) copyable.shift();
  };
  const mx = await startSmtpServer(MX_NAME, ({ raw }) => put(kindOf(raw), raw));
  const transport = openCustomerTransport(mx.url, scene.ground.keys);
  return {
    book,
    mails,
    put,
    write: async ({ kind, answers, subject, headers, ...draft }) =>
      transport.send({
        ...draft,
        subject: answers === undefined ? subject : `Re: ${answers.subject}`,
        to: answers?.replyTo ?? `${scene.name}@${DESK_DOMAIN}`,
        date: now(),
        headers: { ...headers, [KIND_FIELD]: kind },
        ...(answers === undefined ? {} : { inReplyTo: answers.messageId, references: [answers.messageId] }),
      }),
    again: async (random) => {
      if (copyable.length === 0) return;
      const trace = `Received: from backup.flow.test ([127.0.0.1])\r\n\tby ${MX_NAME} with ESMTP id ${random.below(1e9)};\r\n\t${new Date().toUTCString().replace('GMT', '+0000')}\r\n`;
      await put('copy', Buffer.concat([Buffer.from(trace), random.pick(copyable)]));
    },
    [Symbol.asyncDispose]: async () => {
      transport.close();
      await mx.stop();
    },
  };
}

const KIND_FIELD = 'X-Soak-Kind';

const kindOf = (raw: Buffer): MailKind =>
  (new RegExp(`^${KIND_FIELD}: (.*)\\r$`, 'm').exec(raw.toString('latin1'))?.[1] ?? 'noise') as MailKind;
