/** Joins what a mail goes through before it is decided: its look-ups here, everything else in worker threads. */

import type { CleanHtml } from '../console/ticket/ports.ts';
import type { CloserReading } from '../domain/mail.ts';
import { type CloserAnswer, type CloserQuestion, saysNothing } from '../ingest/closer-question.ts';
import type { MailLook } from '../ingest/look-at-mail.ts';
import type { Unreadable } from '../ingest/parse-message.ts';
import type { IngestDeps } from '../ingest/ports.ts';
import { rawGate } from '../ingest/raw-gate.ts';
import { type PoolLimits, readPool } from '../ingest/read-pool.ts';
import { type AuthenticationOptions, beginAuthentication } from '../verify/authentication.ts';
import type { CloserTask, LookTask, ReadTask } from './read-worker.ts';
import { readInGroups } from './reading-groups.ts';
import { LOST, READ_WORKER } from './reading-threads.ts';

export interface MailReader extends Pick<IngestDeps, 'read' | 'closer'> {
  /** For an agent: what the mail says, whoever sent it. */
  look(raw: Buffer, answersForm: boolean): Promise<MailLook | Unreadable>;
  /** For an agent: its HTML with nothing in it that runs or loads; `null` = it has none, or cannot be read. */
  html(raw: Buffer): Promise<CleanHtml | null>;
  attachment(raw: Buffer, no: number): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

export function mailReader(
  options: Omit<AuthenticationOptions, 'now'>,
  log: IngestDeps['log'],
  limits: Partial<PoolLimits> = {},
): MailReader {
  const pool = readPool(READ_WORKER, limits);
  const readOne = readInGroups(pool);
  const ask = async <Q extends CloserQuestion>(
    raw: Buffer,
    answersForm: boolean,
    question: Q,
  ): Promise<CloserAnswer<Q>> => {
    const task: CloserTask = { raw, answersForm, question };
    const ran = await pool.run<CloserAnswer<Q>>('closer', task);
    return ran.kind === 'done' ? ran.value : saysNothing(question);
  };
  return {
    async read(raw, answersForm, arrivedAt) {
      const gate = rawGate(raw);
      if (gate.kind === 'unreadable') return { unreadable: gate.reason };
      const begun = await beginAuthentication(raw, gate.author, { ...options, now: arrivedAt });
      const task: ReadTask = { raw, gate, answersForm, signatures: begun.job };
      const ran = await readOne(task);
      if (ran.kind === 'lost') {
        log('error', 'a mail was more than its reader could take', { reason: ran.reason, code: ran.code });
        return { unreadable: LOST[ran.reason] };
      }
      const { reading, findings } = ran.value;
      if ('unreadable' in reading) return reading;
      return { reading, evidence: await begun.conclude(findings) };
    },
    closer: (raw, answersForm): CloserReading => ({
      corrects: once(() => ask(raw, answersForm, { kind: 'corrects' })),
      workspace: once(() => ask(raw, answersForm, { kind: 'workspace' })),
      answersTo: (questions, language) => ask(raw, answersForm, { kind: 'answers', questions, language }),
    }),
    async look(raw, answersForm) {
      const task: LookTask = { raw, answersForm };
      const ran = await pool.run<MailLook | Unreadable>('look', task);
      return ran.kind === 'done' ? ran.value : { unreadable: LOST[ran.reason] };
    },
    async html(raw) {
      const ran = await pool.run<CleanHtml | null>('html', { raw });
      return ran.kind === 'done' ? ran.value : null;
    },
    async attachment(raw, no) {
      const ran = await pool.run<Uint8Array | null>('attachment', { raw, no });
      return ran.kind === 'done' ? ran.value : null;
    },
    close: () => pool.close(),
  };
}

const once = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let answer: Promise<T> | null = null;
  return () => {
    answer ??= ask();
    return answer;
  };
};
