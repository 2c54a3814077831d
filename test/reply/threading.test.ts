import { expect, test } from 'vitest';
import type { Standing } from '../../src/domain/evidence.ts';
import { handlePending } from '../../src/ingest/message-queue.ts';
import { handleMail } from '../../src/tickets/handle-mail.ts';
import { passedBySpf, queueDeps, readHere, storeMail } from '../ingest/reader.ts';
import { ada, openTestDesk, type TestDesk } from '../tickets/desk.ts';

/** A raw mail through the real reader and the real tickets; who sent it is the test's to tell. */
async function receive(desk: TestDesk, standing: Standing, text: string): Promise<void> {
  const raw = Buffer.from(
    [
      `From: ${ada}`,
      'To: desk@desk.example',
      'Subject: Deletion',
      'Message-ID: <third@acme.example>',
      'References: <first@acme.example> <second@acme.example>',
      'In-Reply-To: <second@acme.example>',
      '',
      ...text.split('\n'),
    ].join('\r\n'),
  );
  await storeMail(desk.db, raw);
  const deps = queueDeps(desk.db, {
    ...readHere(passedBySpf('acme.example')),
    standingOf: () => standing,
    handle: (trx, mail) => handleMail(trx, desk.deps, mail),
  });
  await handlePending(deps, new AbortController().signal);
}

const threadOf = async (desk: TestDesk) => {
  const rows = await desk
    .db('outbox')
    .select<{ in_reply_to: string | null; reference_ids: string[] }[]>('in_reply_to', 'reference_ids');
  return rows.map((row) => [row.in_reply_to, row.reference_ids]);
};

const REQUEST = 'Please delete the source Website Prod in workspace acme-inc, all time.';
const [FIRST, SECOND, THIRD] = ['<first@acme.example>', '<second@acme.example>', '<third@acme.example>'];

test.each([
  { title: 'a request', text: REQUEST },
  { title: 'a question', text: 'What is the status of my deletion request?' },
  { title: 'a cancellation', text: 'Please cancel the deletion of workspace acme-inc.' },
])('the answer to $title that is proven to be theirs stands below it', async ({ text }) => {
  await using desk = await openTestDesk();
  await receive(desk, 'authenticated', text);
  expect(await threadOf(desk)).toEqual([[THIRD, [FIRST, SECOND, THIRD]]]);
  expect(await desk.db('messages').select('message_id_header', 'in_reply_to', 'reference_ids')).toEqual([
    { message_id_header: THIRD, in_reply_to: SECOND, reference_ids: [FIRST, SECOND] },
  ]);
});

test('what may be a forged mail names no thread to whoever is asked', async () => {
  await using desk = await openTestDesk();
  await receive(desk, 'unproven', REQUEST);
  expect(await threadOf(desk)).toEqual([[null, []]]);
});
