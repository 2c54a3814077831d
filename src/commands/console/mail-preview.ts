/** A mail of ours as its reader gets it, for agents: without anything that only its reader may have. */
import type { MailFacts, RenderedMail } from '../../domain/mail-facts.ts';
import { composeMessage } from '../../reply/message.ts';
import { render, type Templates } from '../../reply/render.ts';
import { sourceOf } from '../../reply/smtp.ts';
import type { Secrets } from '../../reply/views.ts';
import type { Environment } from '../environment.ts';
import { mailTemplates } from '../mail-templates.ts';
import { identityOf } from '../outgoing.ts';

/** How a mail of the outbox is addressed. */
export interface Addressing {
  readonly to: string;
  readonly messageId: string | null;
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
  /** Through which it leaves; `null` or left out = the first one. */
  readonly mailbox?: string | null;
}

export interface MailPreviews {
  readonly templates: Templates;
  /** @throws PurgedeskError `PD_TEMPLATE_INVALID` when the facts lack what the mail must say */
  rendered(facts: MailFacts, mailbox?: string | null): RenderedMail;
  /** All of it as it goes over the line, but for what is attached. */
  source(facts: MailFacts, addressing: Addressing): Promise<string>;
}

type Publishing = Pick<Environment, 'desk' | 'mailboxes'>;

export function mailPreviews(publishing: Publishing): MailPreviews {
  const templates = mailTemplates();
  const hidden = hiddenSecrets(publishing.desk.publicUrl);
  const rendered = (facts: MailFacts, mailbox: string | null = null): RenderedMail =>
    render(templates, facts, identityOf(publishing, mailbox), {
      ...hidden,
      ...(facts.statusLink === undefined ? { status: null } : {}),
    });
  return {
    templates,
    rendered,
    source: (facts, { to, messageId, inReplyTo, references, mailbox = null }) => {
      const desk = identityOf(publishing, mailbox);
      return sourceOf(
        composeMessage({
          facts,
          rendered: rendered(facts, mailbox),
          desk,
          messageId: messageId ?? '<made.when.it.is.sent@desk.invalid>',
          inReplyTo,
          references,
          to,
          instanceId: 'hidden',
          returnPath: null,
          ...(facts.tag === null || facts.test === true
            ? {}
            : { replyTo: hiddenReplyAddress(facts.tag, desk.address) }),
        }),
      );
    },
  };
}

/**
 * Whoever has a code or a link can confirm or cancel in the name of its reader, so no agent sees one: what stands in its
 * place is of the same shape and opens nothing.
 */
function hiddenSecrets(publicUrl: string): Required<Secrets> {
  return { code: '••••••', link: `${publicUrl}/c/hidden`, status: `${publicUrl}/s/hidden` };
}

/** `support+pd1042.hidden@desk.example.org`: the real one lets a mail into the conversation. */
function hiddenReplyAddress(tag: string, deskAddress: string): string {
  const at = deskAddress.lastIndexOf('@');
  return `${deskAddress.slice(0, at)}+${tag.toLowerCase().replace('-', '')}.hidden${deskAddress.slice(at)}`;
}
