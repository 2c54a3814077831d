import { open } from 'node:fs/promises';

import { isUnreadable, MESSAGE_BYTES_MAX, parseMessage } from '../ingest/parse-message.ts';
import { mailToRead, understand } from '../ingest/understand/understand.ts';

export interface ParseIo {
  readonly stdin: AsyncIterable<Buffer>;
  /** Takes one line without its end. */
  readonly out: (line: string) => void;
}

/**
 * `purgedesk parse [FILE…] [--batch]`, see docs. Without files one document for the mail on standard input; with files
 * one document a line. Files are read one after the other, so that memory holds a single mail whatever the batch.
 * @returns the exit code: 1 when a message could not be read
 */
export async function runParse(files: readonly string[], io: ParseIo): Promise<number> {
  if (files.length === 0) {
    const document = await documentOf(await collect(io.stdin));
    io.out(JSON.stringify(document, null, 2));
    return 'error' in document ? 1 : 0;
  }
  let code = 0;
  for (const file of files) {
    const document = await documentOf(await load(file));
    if ('error' in document) code = 1;
    io.out(JSON.stringify({ file, ...document }));
  }
  return code;
}

type Document = { readonly error: string } | ReturnType<typeof understand>;

async function documentOf(raw: Buffer | { readonly unreadable: string }): Promise<Document> {
  if ('unreadable' in raw) return { error: raw.unreadable };
  const message = await parseMessage(raw);
  return isUnreadable(message) ? { error: message.unreadable } : understand(mailToRead(message));
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

async function load(file: string): Promise<Buffer | { readonly unreadable: string }> {
  try {
    await using handle = await open(file);
    return await collect(handle.createReadStream({ autoClose: false, end: MESSAGE_BYTES_MAX }));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    return { unreadable: `the file cannot be read (${code})` };
  }
}
