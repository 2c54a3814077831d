import type { MailEvidence } from '../../src/domain/evidence.ts';
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
