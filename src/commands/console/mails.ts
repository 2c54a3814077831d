/** Joins the pages about mails with what reads mails and opens tickets from them. */

import type { Area } from '../../console/areas.ts';
import { mailsArea } from '../../console/mails/area.ts';
import type { MailContent, MailsPorts } from '../../console/mails/ports.ts';
import { referenceOf, ticketId } from '../../domain/ids.ts';
import { mailRow, rawMail, takeOffList } from '../../ingest/agent-mails.ts';
import { answersForm } from '../../ingest/ingest-message.ts';
import type { MailLook } from '../../ingest/look-at-mail.ts';
import { standingOf } from '../../verify/judge.ts';
import type { Desk } from '../desk.ts';
import { requestWords } from '../explain-mail.ts';
import { openMail } from '../open-mail.ts';
import { WHY_WORDS } from '../why-words.ts';
import { mailShields, type Shield, shieldedExplanation, shieldedText } from './kept-back.ts';
import { labelOf, linesOf } from './mail-lines.ts';
import { ticketMails } from './ticket-mail.ts';

export const mailsOf = (desk: Desk): Area => mailsArea(mailsPorts(desk));

export function mailsPorts(desk: Desk): MailsPorts {
  const { db } = desk;
  const shields = mailShields(desk);
  const mails = ticketMails(desk, shields);
  return {
    db,
    standing: standingOf,
    raw: async (id) => {
      const raw = await rawMail(db, id);
      if (raw === null) return null;
      const { codes, links } = await shields.of(id);
      return codes ?? links ?? raw;
    },
    html: (id) => mails.html(id),
    attachment: (id, no) => mails.attachment(id, no),
    takeOff: (id, agent) => takeOffList(db, id, agent),
    read: async (id) => {
      const row = await mailRow(db, id);
      if (row === null) return null;
      const raw = await rawMail(db, id);
      if (raw === null)
        return { unreadable: row.erased_at === null ? 'its bytes are missing' : 'its bytes were erased' };
      if (raw.length < row.size_bytes) return { unreadable: 'it is larger than the desk accepts' };
      const look = await desk.look(raw, answersForm(desk.ingest, raw));
      return 'unreadable' in look ? look : contentOf(look, await shields.of(id));
    },
    open: async (id, order) => {
      const opened = await openMail(desk, id, order);
      if (opened.kind === 'refused') return opened;
      const row = await mailRow(db, id);
      return { kind: 'opened', tickets: (row?.tickets ?? []).map((one) => referenceOf(ticketId(one))) };
    },
  };
}

function contentOf(look: MailLook, shield: Shield): MailContent {
  const explanation = shieldedExplanation(look.explanation, shield);
  const hide = (text: string): string => shieldedText(text, shield);
  const { understanding } = explanation;
  return {
    author: look.author,
    subject: hide(look.subject),
    addressedTo: look.addressedTo,
    automatic: look.automatic,
    sealed: look.sealed,
    language: explanation.language,
    intent: understanding.intent,
    rule: explanation.rule,
    requests: understanding.requests.map((request) => hide(requestWords(request, understanding.intent))),
    missing: understanding.missing.map(labelOf),
    notTaken: explanation.notTaken.map(({ text, why }) => ({ text, why: WHY_WORDS[why] })),
    lines: linesOf(explanation),
    hasHtml: look.hasHtml,
    attachments: look.attachments.map(({ contentType, sizeBytes }) => ({ type: contentType, sizeBytes })),
  };
}
