/** Joins what agents write with the tickets and mails it is about, and with what makes and sends mail. */
import type { Area } from '../../console/areas.ts';
import { replyArea } from '../../console/reply/area.ts';
import type { ReplyPorts, Words } from '../../console/reply/ports.ts';
import { takeOffList } from '../../ingest/agent-mails.ts';
import {
  AGENT_MAILS_A_DAY,
  AGENT_TEMPLATES,
  agentReplyFacts,
  hasStatusLink,
  queueAgentReply,
} from '../../tickets/agent-reply.ts';
import { mailboxOfMail, mailboxOfTicket } from '../../tickets/mailbox-of.ts';
import type { Desk } from '../desk.ts';
import { addresseeOf } from './addressee.ts';
import type { MailPreviews } from './mail-preview.ts';

export function replyOf(desk: Desk, previews: MailPreviews): Area {
  return replyArea(replyPorts(desk, previews));
}

function replyPorts(desk: Desk, previews: MailPreviews): ReplyPorts {
  const { db, tickets } = desk;
  const languages = [...previews.templates.values()].map(({ language }) => ({
    tag: language,
    name: NAMES.of(language) ?? language,
  }));
  const known = (locale: string): string => languages.find(({ tag }) => tag === locale)?.tag ?? 'en';
  return {
    db,
    languages,
    takeOff: (mail, agent) => takeOffList(db, mail, agent),
    async recipient(about) {
      const found = await addresseeOf(desk, about);
      if (found === null || found.kind === 'nobody') return found;
      const { to, warnings, locale, templates } = found;
      return { kind: 'recipient', address: to.address, warnings, locale: known(locale), templates };
    },
    async preview(about, words) {
      const found = await addresseeOf(desk, about);
      if (found?.kind !== 'addressee' || !isOffered(found.templates, words)) return null;
      const said = await agentReplyFacts(db, tickets, found.to, chosen(words), await desk.now());
      const facts = hasStatusLink(found.to) ? { ...said, statusLink: { id: 'preview' } } : said;
      const { address, ticketId, mail } = found.to;
      const ofMail = mail === null ? null : await mailboxOfMail(db, mail.id);
      const mailbox = ticketId === null ? ofMail : await mailboxOfTicket(db, ticketId);
      const addressing = { to: address, messageId: null, inReplyTo: null, references: [], mailbox };
      return { ...previews.rendered(facts, mailbox), source: await previews.source(facts, addressing) };
    },
    async send(about, words, { form, agent }) {
      const found = await addresseeOf(desk, about);
      if (found === null) return { kind: 'refused', why: 'What it is about is not there any more.' };
      if (found.kind === 'nobody') return { kind: 'refused', why: found.why };
      if (!isOffered(found.templates, words)) return { kind: 'refused', why: NOT_OFFERED };
      const reply = { ...chosen(words), form, agent };
      const sent = await db.transaction((trx) => queueAgentReply(trx, tickets, found.to, reply));
      return sent.kind === 'queued'
        ? { kind: 'queued', mail: sent.outboxId }
        : { kind: 'refused', why: REFUSED[sent.why] };
    },
  };
}

/** Who was entitled when the draft was written may be nobody now. */
const isOffered = (templates: readonly string[], { template }: Words): boolean =>
  templates.includes(template);

const NOT_OFFERED = 'This mail can no longer go to them: they are not confirmed any more.';

const NAMES = new Intl.DisplayNames(['en'], { type: 'language' });

const REFUSED = {
  undeliverable: 'Mails to this address come back. Clear it in the outbox once somebody there was reached.',
  cap: `Agents have written ${AGENT_MAILS_A_DAY} mails to this address within a day already. Wait until tomorrow.`,
  closed: 'The ticket was erased, and nothing can be noted about it any more.',
} as const;

/** @throws TypeError when it is none that an agent can send; forms were read before */
function chosen({ template, locale, words }: Words) {
  const known = AGENT_TEMPLATES.find((name) => name === template);
  if (known === undefined) throw new TypeError('agents do not send this mail');
  return { template: known, locale, words };
}
