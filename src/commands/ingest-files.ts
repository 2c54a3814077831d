/** The poller's path without IMAP: commit the raw mails first, then handle them like any other. */
import { setTimeout as sleep } from 'node:timers/promises';
import { referenceOf, ticketId } from '../domain/ids.ts';
import { contentHash } from '../ingest/content-hash.ts';
import { handlePending } from '../ingest/message-queue.ts';
import type { Desk } from './desk.ts';
import { readInput } from './read-input.ts';

export interface FileDisposition {
  readonly file: string;
  readonly disposition: string;
  readonly reason: string;
  readonly tickets: readonly string[];
}

/** Another process may take a message first; it is waited for this long. */
const WAIT_MS = 60_000;

/** Every file is read before the first is committed: one that cannot be read changes nothing. */
export async function ingestFiles(desk: Desk, files: readonly string[]): Promise<readonly FileDisposition[]> {
  const raws = await Promise.all(files.map(readInput));
  const ids: number[] = [];
  for (const raw of raws) ids.push(await commit(desk, raw));
  await handlePending(desk.ingest, AbortSignal.timeout(WAIT_MS));
  const results: FileDisposition[] = [];
  for (const [index, id] of ids.entries()) results.push(await dispositionOf(desk, id, files[index] ?? ''));
  return results;
}

async function commit(desk: Desk, raw: Buffer): Promise<number> {
  const [row] = await desk
    .db('messages')
    .insert({
      content_hash: contentHash(raw),
      size_bytes: raw.length,
      raw,
      arrived_at: desk.db.raw('desk_now()'),
    })
    .returning<{ id: number }[]>('id');
  if (row === undefined) throw new TypeError('insert returned no row');
  return row.id;
}

interface MessageRow {
  readonly status: string;
  readonly disposition: string | null;
  readonly disposition_reason: string | null;
  readonly retry_at: Date | null;
}

async function dispositionOf(desk: Desk, id: number, file: string): Promise<FileDisposition> {
  const deadline = performance.now() + WAIT_MS;
  while (true) {
    const row = await desk
      .db('messages')
      .select<MessageRow[]>('status', 'disposition', 'disposition_reason', 'retry_at')
      .where({ id })
      .first();
    if (row?.status === 'done') {
      const tickets = await desk
        .db('tickets')
        .select<{ id: number }[]>('id')
        .where({ message_id: id })
        .orderBy('id');
      return {
        file,
        disposition: row.disposition ?? '',
        reason: row.disposition_reason ?? '',
        tickets: tickets.map((ticket) => referenceOf(ticketId(ticket.id))),
      };
    }
    if (row?.retry_at != null) {
      const reason = 'is read again later: who sent it cannot be looked up now';
      return { file, disposition: 'pending', reason, tickets: [] };
    }
    if (performance.now() > deadline)
      return { file, disposition: 'pending', reason: 'is still being handled', tickets: [] };
    await sleep(100);
  }
}
