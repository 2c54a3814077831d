import type { MailEvidence } from '../../src/domain/evidence.ts';
import { contentHash } from '../../src/ingest/content-hash.ts';
import type { IngestDeps } from '../../src/ingest/ports.ts';
import { readCloser, readMail } from '../../src/ingest/read-mail.ts';

/** The desk's reader without threads and without look-ups: what mail authentication says is the test's to tell. */
export const readHere = (
  evidence: MailEvidence | ((raw: Buffer) => Promise<MailEvidence>),
): Pick<IngestDeps, 'read' | 'closer'> => ({
  async read(raw, answersForm) {
    const reading = await readMail(raw, answersForm);
    if ('unreadable' in reading) return reading;
    return { reading, evidence: typeof evidence === 'function' ? await evidence(raw) : evidence };
  },
  closer: (raw, form) => ({
    corrects: () => readCloser(raw, form, { kind: 'corrects' }),
    workspace: () => readCloser(raw, form, { kind: 'workspace' }),
    answersTo: (questions, language) => readCloser(raw, form, { kind: 'answers', questions, language }),
  }),
});

export const UNPROVEN: MailEvidence = {
  source: 'own',
  spf: { result: 'none', domain: null, aligned: false },
  dkim: { result: 'none', domains: [], aligned: false },
  dmarc: { result: 'none', policy: null },
  notes: [],
};

export const passedBySpf = (domain: string): MailEvidence => ({
  ...UNPROVEN,
  spf: { result: 'pass', domain, aligned: true },
});

/** What becomes of a mail that a test does not care about. */
export const OTHER = {
  disposition: 'other',
  reason: 'a test',
  conversationId: null,
  needsAgent: false,
} as const;

/** A queue with the real reader, at which a mail means nothing unless the test says otherwise. */
export const queueDeps = (db: IngestDeps['db'], overrides: Partial<IngestDeps> = {}): IngestDeps => ({
  db,
  deskAddresses: ['desk@desk.example', 'privacy@desk.example'],
  localeOf: () => null,
  bounceOf: () => null,
  instanceId: 'this-desk',
  ...readHere(UNPROVEN),
  standingOf: () => 'unproven',
  ownMail: () => null,
  handle: async () => OTHER,
  bounced: async () => 0,
  crashPoint: () => undefined,
  log: () => undefined,
  ...overrides,
});

/** Puts a mail into the queue, as the poller does. */
export async function storeMail(db: IngestDeps['db'], raw: Buffer): Promise<void> {
  await db('messages').insert({
    content_hash: contentHash(raw),
    size_bytes: raw.length,
    raw,
    arrived_at: db.raw('desk_now()'),
  });
}
