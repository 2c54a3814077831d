/** Mails as they stand in the database once the desk has handled them. */
import { createHash, randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { MailEvidence } from '../../src/domain/evidence.ts';
import type { Disposition } from '../../src/domain/mail.ts';

export interface SeededMail {
  readonly author?: string | null;
  readonly subject?: string;
  readonly text?: string;
  readonly raw?: string;
  readonly disposition?: Disposition;
  readonly reason?: string;
  readonly needsAgent?: boolean;
  readonly evidence?: MailEvidence | null;
}

const PROVEN: MailEvidence = {
  source: 'own',
  spf: { result: 'none', domain: null, aligned: false },
  dkim: { result: 'pass', domains: ['acme.example'], aligned: true },
  dmarc: { result: 'pass', policy: 'reject' },
  notes: [],
};

export const UNPROVEN: MailEvidence = {
  ...PROVEN,
  dkim: { result: 'none', domains: [], aligned: false },
  dmarc: { result: 'none', policy: null },
};

export const FORGED: MailEvidence = { ...UNPROVEN, dmarc: { result: 'fail', policy: 'reject' } };

/** @returns its number */
export async function seedMail(db: Knex, mail: SeededMail = {}): Promise<number> {
  const {
    author = 'ada@acme.example',
    subject = 'A question',
    text = 'Hello, please help me.',
    disposition = 'other',
    reason = 'not a deletion request',
    needsAgent = true,
    evidence = PROVEN,
  } = mail;
  const raw = Buffer.from(
    mail.raw ??
      `From: ${author ?? 'a@x, b@y'}\r\nTo: desk@desk.example\r\nSubject: ${subject}\r\nMessage-ID: <${randomUUID()}@mail.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n`,
  );
  const [row] = await db('messages')
    .insert({
      content_hash: createHash('sha256').update(randomUUID()).digest('hex'),
      size_bytes: raw.length,
      raw,
      arrived_at: db.raw('desk_now()'),
      status: 'done',
      disposition,
      disposition_reason: reason,
      needs_agent: needsAgent,
      author,
      subject,
      message_id_header: `<${randomUUID()}@mail.example>`,
      evidence: evidence === null ? null : JSON.stringify(evidence),
      handled_at: db.raw('desk_now()'),
    })
    .returning<{ id: number }[]>('id');
  return row!.id;
}
