import { open } from 'node:fs/promises';

import { MESSAGE_BYTES_MAX } from '../domain/raw-header.ts';
import { isUnreadable, parseMessage } from '../ingest/parse-message.ts';
import { explanationOf } from '../ingest/understand/explanation.ts';
import { explain, type MailToRead, mailToRead, understand } from '../ingest/understand/understand.ts';
import { explainMail } from './explain-mail.ts';
import { escaped, safeJson } from './terminal-text.ts';

export interface ParseIo {
  readonly stdin: AsyncIterable<Buffer>;
  /** Takes one document without the end of its last line. */
  readonly out: (line: string) => void;
}

export interface ParseOptions {
  /** How each mail was understood, in words for a person. */
  readonly explain?: boolean;
  /** With `explain`: as JSON. */
  readonly json?: boolean;
  /** One JSON document a line, which is what files give anyway. */
  readonly batch?: boolean;
}

/**
 * `purgedesk parse [FILE…]`, see docs. Without files one document for the mail on standard input; with files one document
 * a line. Files are read one after the other, so that memory holds a single mail whatever the batch. Nothing that is
 * printed can steer a terminal.
 * @returns the exit code: 1 when a message could not be read
 */
export async function runParse(
  files: readonly string[],
  io: ParseIo,
  options: ParseOptions = {},
): Promise<number> {
  if (files.length === 0) {
    const { code, text } = await printed(await collect(io.stdin), null, options);
    io.out(text);
    return code;
  }
  let worst = 0;
  for (const file of files) {
    const { code, text } = await printed(await load(file), file, options);
    worst = Math.max(worst, code);
    io.out(text);
  }
  return worst;
}

async function printed(
  raw: Buffer | Failure,
  file: string | null,
  { explain: explains, json, batch }: ParseOptions,
): Promise<{ readonly code: number; readonly text: string }> {
  const mail = await mailOf(raw);
  const failed = 'error' in mail;
  const code = failed ? 1 : 0;
  if (explains !== true) return { code, text: asJson(failed ? mail : understand(mail), file) };
  const explanation = failed ? mail : explanationOf(explain(mail));
  if (json || batch) return { code, text: asJson(explanation, file) };
  const words = 'error' in explanation ? `cannot be read: ${explanation.error}` : explainMail(explanation);
  return { code, text: file === null ? words : `${escaped(file)}\n\n${words}\n` };
}

type Failure = { readonly error: string };

const asJson = (document: object, file: string | null): string =>
  file === null ? safeJson(document, 2) : safeJson({ file, ...document });

async function mailOf(raw: Buffer | Failure): Promise<MailToRead | Failure> {
  if ('error' in raw) return raw;
  const message = await parseMessage(raw);
  return isUnreadable(message) ? { error: message.unreadable } : mailToRead(message);
}

/** Stops reading behind the cap: the rest would only be refused. */
async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MESSAGE_BYTES_MAX) break;
  }
  return Buffer.concat(chunks);
}

async function load(file: string): Promise<Buffer | Failure> {
  try {
    await using handle = await open(file);
    return await collect(handle.createReadStream({ autoClose: false, end: MESSAGE_BYTES_MAX }));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    return { error: `the file cannot be read (${code})` };
  }
}
