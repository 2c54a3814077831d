/** What runs in a worker thread: a mail is parsed, understood and its signatures are checked. Nothing here waits for anything. */
import { threadId } from 'node:worker_threads';
import type { CleanHtml } from '../console/ticket/ports.ts';
import type { Understanding } from '../domain/request.ts';
import type { CloserQuestion } from '../ingest/closer-question.ts';
import { lookAtMail, type MailLook } from '../ingest/look-at-mail.ts';
import {
  attachmentOf,
  isUnreadable,
  parseBehind,
  parseMessage,
  type Unreadable,
} from '../ingest/parse-message.ts';
import type { RawGate } from '../ingest/raw-gate.ts';
import { type MailReading, readCloser, readingOf } from '../ingest/read-mail.ts';
import { type Explanation, explanationOf } from '../ingest/understand/explanation.ts';
import { explain, mailToRead, understand } from '../ingest/understand/understand.ts';
import { noteBeginning, type WorkClock } from '../ingest/work-clock.ts';
import { type SignatureFindings, type SignatureJob, verifySignatures } from '../verify/signatures.ts';

export interface ReadTask {
  /** A Buffer loses its class on the way. */
  readonly raw: Uint8Array;
  /** Of these bytes. */
  readonly gate: RawGate;
  readonly answersForm: boolean;
  readonly signatures: SignatureJob | null;
}

export interface ReadResult {
  readonly reading: MailReading | Unreadable;
  /** `null` = there was nothing to check, or it could not be. */
  readonly findings: SignatureFindings | null;
}

/**
 * Step by step for all of them: most of what a parser takes for a small mail goes into waiting for its own next turn, and
 * code that has just run is the fastest to run again. A mail alone has its time for all of it. Of a group parsing has it
 * together, and so has the checking of signatures; understanding, where most can be hidden in a mail, has it for each.
 */
export async function readAll({
  tasks,
  clock,
}: {
  readonly tasks: readonly ReadTask[];
  readonly clock: WorkClock;
}): Promise<readonly ReadResult[]> {
  noteBeginning(clock, threadId);
  const nextStep = (): void => {
    if (tasks.length > 1) noteBeginning(clock, threadId);
  };
  const parsed = await Promise.all(
    tasks.map(async (task) => ({ task, message: await parseBehind(task.gate, bytesOf(task.raw)) })),
  );
  const read = parsed.map(({ task, message }) => {
    nextStep();
    return { task, reading: isUnreadable(message) ? message : readingOf(message, task.answersForm) };
  });
  nextStep();
  return Promise.all(
    read.map(async ({ task, reading }) => ({ reading, findings: await findingsOf(task, reading) })),
  );
}

async function findingsOf(
  { raw, signatures }: ReadTask,
  reading: ReadResult['reading'],
): Promise<SignatureFindings | null> {
  if (signatures === null || 'unreadable' in reading) return null;
  return verifySignatures(bytesOf(raw), signatures).catch(() => null);
}

export interface CloserTask {
  readonly raw: Uint8Array;
  readonly answersForm: boolean;
  readonly question: CloserQuestion;
}

export function closer(task: CloserTask & { readonly clock: WorkClock }): Promise<unknown> {
  noteBeginning(task.clock, threadId);
  return readCloser(bytesOf(task.raw), task.answersForm, task.question);
}

export interface LookTask {
  readonly raw: Uint8Array;
  readonly answersForm: boolean;
}

export function look(task: LookTask & { readonly clock: WorkClock }): Promise<MailLook | Unreadable> {
  noteBeginning(task.clock, threadId);
  return lookAtMail(bytesOf(task.raw), task.answersForm);
}

/** A mail's HTML for agents; `null` = it has none, or too much. */
export async function html({
  raw,
  clock,
}: {
  readonly raw: Uint8Array;
  readonly clock: WorkClock;
}): Promise<CleanHtml | null> {
  // Only agents need it: loaded by the first of them, and none of the mail's time.
  const { cleanHtml } = await import('../console/ticket/mail-html.ts');
  noteBeginning(clock, threadId);
  const message = await parseMessage(bytesOf(raw));
  return isUnreadable(message) || message.html === null ? null : cleanHtml(message.html);
}

export function attachment({
  raw,
  no,
  clock,
}: {
  readonly raw: Uint8Array;
  readonly no: number;
  readonly clock: WorkClock;
}): Promise<Uint8Array | null> {
  noteBeginning(clock, threadId);
  return attachmentOf(bytesOf(raw), no);
}

export interface ParseTask {
  readonly raw: Uint8Array;
  readonly explains: boolean;
}

export type ParseResult = Unreadable | { readonly said: Understanding } | { readonly explained: Explanation };

/** What `purgedesk parse` prints of one mail. */
export async function parse(task: ParseTask & { readonly clock: WorkClock }): Promise<ParseResult> {
  noteBeginning(task.clock, threadId);
  const message = await parseMessage(bytesOf(task.raw));
  if (isUnreadable(message)) return message;
  const mail = mailToRead(message);
  return task.explains ? { explained: explanationOf(explain(mail)) } : { said: understand(mail) };
}

const bytesOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
