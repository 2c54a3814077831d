/** What an agent is shown of a mail, and what the desk takes from it when the agent says so. */
import { type AttachmentMeta, isUnreadable, parseMessage, type Unreadable } from './parse-message.ts';
import { isSealed } from './sealed-body.ts';
import { type Explanation, explanationOf } from './understand/explanation.ts';
import { explain, mailToRead } from './understand/understand.ts';

export interface MailLook {
  /** The one author's plain address, ASCII lower case; `null` = there is not exactly one. */
  readonly author: string | null;
  readonly subject: string;
  readonly addressedTo: readonly string[];
  /** Message-IDs in References and In-Reply-To, newest last. */
  readonly references: readonly string[];
  /** A machine or a list sent it. */
  readonly automatic: boolean;
  /** Automatic, and somebody asks for something in it with all that it needs. */
  readonly asksAnyway: boolean;
  /** Its words lie in a part that is not read: encrypted, or packed. */
  readonly sealed: boolean;
  readonly attachments: readonly AttachmentMeta[];
  readonly hasHtml: boolean;
  /** Its words, weighed as those of a person, whoever sent it. */
  readonly explanation: Explanation;
}

/** @param answersForm - it is known to answer a form of ours */
export async function lookAtMail(raw: Buffer, answersForm: boolean): Promise<MailLook | Unreadable> {
  const message = await parseMessage(raw);
  if (isUnreadable(message)) return message;
  const mail = mailToRead(message, answersForm);
  const { understanding, asksAnyway, ownText } = explain(mail);
  const { author, subject, to, cc, references, inReplyTo } = message;
  return {
    author,
    subject,
    addressedTo: [...to, ...cc],
    references: [...references, ...(inReplyTo === null ? [] : [inReplyTo])],
    automatic: understanding.autoReply,
    asksAnyway,
    sealed: isSealed(message),
    attachments: message.attachments,
    hasHtml: message.html !== null,
    explanation: explanationOf(explain(mail, ownText, { asWritten: true })),
  };
}
