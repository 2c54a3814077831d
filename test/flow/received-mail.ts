import { simpleParser } from 'mailparser';

/** A mail of the desk, as it came to a customer. */
export interface ReceivedMail {
  readonly raw: Buffer;
  /** The envelope's recipient. */
  readonly recipient: string;
  readonly messageId: string;
  readonly inReplyTo: string | null;
  /** It answers the mail that it follows; a notice only stands in the same thread (RFC 3834 section 5). */
  readonly isReply: boolean;
  readonly replyTo: string;
  readonly template: string;
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly Buffer[];
}

export async function readMail(recipient: string, raw: Buffer): Promise<ReceivedMail> {
  const parsed = await simpleParser(raw);
  return {
    raw,
    recipient,
    messageId: parsed.messageId ?? '',
    inReplyTo: parsed.inReplyTo ?? null,
    isReply: parsed.headers.get('auto-submitted') === 'auto-replied',
    replyTo: parsed.replyTo?.value[0]?.address ?? '',
    template: String(parsed.headers.get('x-purgedesk-mail-type') ?? ''),
    subject: parsed.subject ?? '',
    text: parsed.text ?? '',
    attachments: parsed.attachments.map((attachment) => attachment.content),
  };
}

/** The six digits that stand alone in a line. @throws Error when the mail has none */
export function codeIn(mail: ReceivedMail): string {
  const code = /^\s*(\d{6})\s*$/m.exec(mail.text)?.[1];
  if (code === undefined) throw new Error(`a mail of type ${mail.template} holds no code`);
  return code;
}

/** The Message-ID of a raw mail. */
export const messageIdOf = (raw: Buffer): string =>
  /^Message-ID:\s*(<[^>]+>)/im.exec(raw.toString('latin1'))?.[1] ?? '';
