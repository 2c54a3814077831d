/** The raw mails are gone, from the disk or by a hand: tickets go on, and what is missing says so. */
import { expect, test } from 'vitest';
import { mailsPorts } from '../../src/commands/console/mails.ts';
import { openMail } from '../../src/commands/open-mail.ts';
import { contentHash } from '../../src/ingest/content-hash.ts';
import { handlePending } from '../../src/ingest/message-queue.ts';
import { tick } from '../../src/tickets/tick.ts';
import { ada, codeIn, openMailDesk, REQUEST, rawOf, zoe } from '../security/desk.ts';
import { injected } from './tally.ts';

const NEVER = new AbortController().signal;

test('F40 tickets whose mails are lost are verified and purged, and the mails are marked missing', async () => {
  await using whole = await openMailDesk();
  const { desk } = whole;
  const request = await whole.write({ from: ada, text: REQUEST });
  const asked = request.sent.at(-1)!;
  await desk.db('messages').update({ raw: null });
  injected('F40');
  const answer = await whole.write({ from: ada, subject: `Re: [PD-1001] code`, text: codeIn(asked) });
  expect(answer.sent.map((mail) => mail.template)).toContain('grace_started');
  await desk.db('messages').update({ raw: null });
  injected('F40');
  const [ticket] = await whole.tickets();
  expect(ticket).toMatchObject({ state: 'grace', requester: ada });
  // What is still to be done needs no mail: the status, the purge, the list for agents.
  const status = await whole.write({
    from: ada,
    subject: 'Re: [PD-1001] status',
    text: 'How far is my deletion?',
  });
  expect(status.sent.map((mail) => mail.template)).toEqual(['status']);
  const opened = await openMail(desk, request.id, { agent: 'grace', reason: 'to see what was asked' });
  expect(opened).toMatchObject({ kind: 'refused' });
  expect(await mailsPorts(desk).read(request.id)).toEqual({ unreadable: 'its bytes are missing' });
  const errors: unknown[] = [];
  await whole.pass(24 * 7);
  await tick(desk.db, desk.tickets, (error) => errors.push(error));
  expect(errors).toEqual([]);
});

test('F40 a mail that is lost before it was read goes to the agents, and the next one is handled', async () => {
  await using whole = await openMailDesk();
  const { desk } = whole;
  const raw = rawOf({ from: ada, text: REQUEST });
  const arrived = { arrived_at: desk.db.raw('desk_now()') };
  const [lost] = await desk
    .db('messages')
    .insert({ content_hash: contentHash(raw), size_bytes: raw.length, raw: null, ...arrived }, 'id');
  injected('F40');
  await handlePending(desk.ingest, NEVER);
  expect(await desk.db('messages').where({ id: lost.id }).first()).toMatchObject({
    status: 'done',
    disposition: 'unreadable',
    needs_agent: true,
  });
  const next = await whole.write({
    from: zoe,
    text: REQUEST.replace('acme-inc', 'globex').replace('Website Prod', 'Globex Web'),
  });
  expect(next.disposition).toBe('opened');
});
