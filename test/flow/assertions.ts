/** What has to hold after any fault, read from the outside: mailboxes, databases, files, commands. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { CustomerDatabase } from '../../src/sandbox/customer-database.ts';
import { ADAS_ROWS } from './letters.ts';
import { messageIdOf } from './received-mail.ts';
import type { Scene } from './scene.ts';

const sorted = (values: readonly string[]): readonly string[] => [...values].sort();

/** Each mail was taken in once, opened one ticket, and lies in the processed folder once and in no other. */
export async function expectTakenInOnce(scene: Scene, sent: readonly string[]): Promise<void> {
  const messages = await scene
    .db('messages')
    .select<{ id: number; message_id_header: string; disposition: string }[]>(
      'id',
      'message_id_header',
      'disposition',
    )
    .whereIn('message_id_header', sent);
  expect(sorted(messages.map((message) => message.message_id_header))).toEqual(sorted(sent));
  expect(messages.filter((message) => message.disposition !== 'opened')).toEqual([]);
  const tickets = await scene
    .db('tickets')
    .select<{ message_id: number }[]>('message_id')
    .whereIn(
      'message_id',
      messages.map((message) => message.id),
    );
  expect(tickets.map((ticket) => ticket.message_id).sort()).toEqual(messages.map(({ id }) => id).sort());
  await expectProcessedOnce(scene, sent);
}

/** The watched folder is empty, and of these mails the processed folder holds each exactly once. */
export async function expectProcessedOnce(scene: Scene, sent: readonly string[]): Promise<void> {
  const { dovecot } = scene.ground;
  const inbox = await dovecot.mails(scene.name, 'INBOX');
  expect(inbox.map(messageIdOf)).toEqual([]);
  const processed = (await dovecot.mails(scene.name, 'Processed')).map(messageIdOf);
  expect(sorted(processed.filter((id) => sent.includes(id)))).toEqual(sorted(sent));
}

/** Each of these mails was answered by exactly one mail. Nothing is folded together: mails are counted. */
export function expectAnsweredOnce(scene: Scene, sent: readonly string[]): void {
  const answered = scene.delivered.filter((mail) => mail.isReply).map((mail) => mail.inReplyTo ?? '');
  expect(sorted(answered.filter((id) => sent.includes(id)))).toEqual(sorted(sent));
}

/** Every mail that the desk decided to send arrived once, and none that it did not. */
export async function expectOutboxDeliveredOnce(scene: Scene): Promise<void> {
  const { sent, uncertain } = await outboxOf(scene);
  expect(uncertain).toEqual([]);
  expect(sorted(scene.delivered.map((mail) => mail.messageId))).toEqual(sorted(sent));
}

/**
 * The same after a kill that may have met mails on their way: those, and at most one a connection, are of unknown
 * outcome. They arrived once or not at all, and are not sent again before somebody could have noticed.
 */
export async function expectOutboxDeliveredAtMostOnce(scene: Scene): Promise<void> {
  const { sent, uncertain } = await outboxOf(scene);
  expect(uncertain.length).toBeLessThanOrEqual(SMTP_CONNECTIONS);
  const arrived = scene.delivered.map((mail) => mail.messageId);
  expect(new Set(arrived).size).toBe(arrived.length);
  expect(sorted(arrived.filter((id) => !uncertain.includes(id)))).toEqual(sorted(sent));
}

/**
 * Of mails whose outcome was unknown, each came once or twice; of all others, once. A repeat has the same Message-ID and
 * the same bytes below the trace headers of the server that took it.
 */
export function expectRepeatsAreTheSame(scene: Scene, uncertain: readonly string[]): void {
  for (const [id, copies] of Map.groupBy(scene.delivered, (mail) => mail.messageId)) {
    expect(copies.length, id).toBeLessThanOrEqual(uncertain.includes(id) ? 2 : 1);
    const bodies = copies.map(({ raw }) =>
      raw.toString('latin1').split('\r\n').slice(TRACE_LINES).join('\r\n'),
    );
    expect(new Set(bodies).size, id).toBe(1);
  }
}

/** What our own relay writes on top. */
const TRACE_LINES = 4;

/** How many mails the desk hands over at the same time. */
const SMTP_CONNECTIONS = 4;

async function outboxOf(
  scene: Scene,
): Promise<{ readonly sent: readonly string[]; readonly uncertain: readonly string[] }> {
  const rows = await scene
    .db('outbox')
    .select<{ id: number; message_id_header: string | null; status: string }[]>(
      'id',
      'message_id_header',
      'status',
    );
  const ids = (wanted: readonly string[]) =>
    rows
      .filter((row) => wanted.includes(row.status))
      .map((row) => row.message_id_header ?? `outbox ${row.id}`);
  expect(rows.map((row) => row.status)).not.toContain('pending');
  expect(rows.map((row) => row.status)).not.toContain('failed');
  return { sent: ids(['sent']), uncertain: ids(['sending', 'unknown']) };
}

export type Checksums = Awaited<ReturnType<CustomerDatabase['checksums']>>;

/** Ada's source is gone, to the last row, and every other part of every table is what it was, to the last byte. */
export async function expectOnlyAdasRowsGone(scene: Scene, before: Checksums): Promise<void> {
  const purged = `archive.events ${ADAS_ROWS.workspaceId}/${ADAS_ROWS.sourceId}`;
  expect(before.get(purged)?.rows).toBe(24_000);
  const expected = new Map(before);
  expected.delete(purged);
  expect(await scene.customers.checksums()).toEqual(expected);
}

/** The audit chains hold, and the receipt that customers got verifies offline and names as many rows as went. */
export async function expectProofsHold(scene: Scene): Promise<void> {
  const audit = await scene.command('audit', 'verify');
  expect(audit).toMatchObject({ code: 0, output: expect.stringContaining('All chains hold') });
  const files = scene.delivered.flatMap((mail) => mail.attachments);
  const isPage = (file: Buffer) => file.subarray(0, 5).toString() === '%PDF-';
  const receipts = files.filter((file) => !isPage(file)).map((file) => file.toString());
  expect(files.filter(isPage), 'a certificate for each receipt').toHaveLength(receipts.length);
  const [receipt, ...others] = new Set(receipts);
  expect(others, 'everybody gets the same receipt').toEqual([]);
  const file = join(scene.ground.folder, `${scene.name}-receipt.json`);
  await writeFile(file, receipt ?? '');
  const check = await scene.command('receipt', 'verify', file);
  expect(check).toMatchObject({ code: 0, output: expect.stringContaining('24000 deleted, 0 found') });
}

/** A locked job of a process that has gone would wait until somebody notices. */
export async function expectNoLockedJob(scene: Scene): Promise<void> {
  const locked = await scene.db('graphile_worker.jobs').select('task_identifier').whereNotNull('locked_by');
  expect(locked).toEqual([]);
}
