import { open } from 'node:fs/promises';

import { MESSAGE_BYTES_MAX } from '../domain/raw-header.ts';
import { type ReadPool, readPool } from '../ingest/read-pool.ts';
import { explainMail } from './explain-mail.ts';
import type { ParseResult, ParseTask } from './read-worker.ts';
import { LOST, READ_WORKER } from './reading-threads.ts';
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
 * a line. A few files are read ahead, so that memory holds a few mails whatever the batch. A mail that takes too long or
 * too much memory is a document with an error like any that cannot be read. Nothing that is printed can steer a terminal.
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
  for await (const { code, text } of inOrder(files, async (file) =>
    printed(await load(file), file, options),
  )) {
    worst = Math.max(worst, code);
    io.out(text);
  }
  return worst;
}

/** Mails that are read at the same time. */
const READ_AHEAD = 8;

/** Does the work for a few at the same time, and gives the results in the order asked for. */
async function* inOrder<T, R>(all: readonly T[], work: (each: T) => Promise<R>): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  for (const each of all) {
    const started = work(each);
    started.catch(() => undefined); // heard when its turn comes
    running.push(started);
    const [first] = running;
    if (running.length < READ_AHEAD || first === undefined) continue;
    running.shift();
    yield await first;
  }
  for (const rest of running) yield await rest;
}

async function printed(
  raw: Buffer | Failure,
  file: string | null,
  { explain: explains = false, json, batch }: ParseOptions,
): Promise<{ readonly code: number; readonly text: string }> {
  const result = await resultOf(raw, explains);
  if ('error' in result) {
    const words = `cannot be read: ${result.error}`;
    return { code: 1, text: explains && !json && !batch ? headed(words, file) : asJson(result, file) };
  }
  if ('said' in result) return { code: 0, text: asJson(result.said, file) };
  const { explained } = result;
  return {
    code: 0,
    text: json || batch ? asJson(explained, file) : headed(explainMail(explained), file),
  };
}

const headed = (words: string, file: string | null): string =>
  file === null ? words : `${escaped(file)}\n\n${words}\n`;

type Failure = { readonly error: string };

const asJson = (document: object, file: string | null): string =>
  file === null ? safeJson(document, 2) : safeJson({ file, ...document });

let threads: ReadPool | null = null;

/** The threads end with the process, or a while after the last mail. */
async function resultOf(
  raw: Buffer | Failure,
  explains: boolean,
): Promise<Exclude<ParseResult, { unreadable: string }> | Failure> {
  if ('error' in raw) return raw;
  threads ??= readPool(READ_WORKER, { atOnce: READ_AHEAD });
  const task: ParseTask = { raw, explains };
  const ran = await threads.run<ParseResult>('parse', task);
  if (ran.kind === 'lost') return { error: LOST[ran.reason] };
  return 'unreadable' in ran.value ? { error: ran.value.unreadable } : ran.value;
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
