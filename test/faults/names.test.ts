/** Name servers that fail, or say that a customer's domain does not exist. A real desk, a real name server. */
import { expect, test } from 'vitest';
import { handlePending } from '../../src/ingest/message-queue.ts';
import { ada, openMailDesk, REQUEST } from '../security/desk.ts';
import { injected } from './tally.ts';

const NEVER = new AbortController().signal;
const NAMES = ['acme.example', '_dmarc.acme.example'];

test('F34 T06 while the sender’s names cannot be looked up a mail is tried for a day, then agents have it, and nobody is answered', async () => {
  await using whole = await openMailDesk({}, NAMES);
  const { desk } = whole;
  const first = await whole.write({ from: ada, text: REQUEST });
  injected('F34');
  expect(first).toMatchObject({ disposition: 'pending', sent: [] });
  for (let hours = 0; hours < 24; hours += 3) {
    expect(await desk.db('messages').first('status', 'disposition')).toEqual({
      status: 'pending',
      disposition: null,
    });
    await whole.pass(3);
    await handlePending(desk.ingest, NEVER);
    injected('F34');
  }
  await whole.pass(1);
  await handlePending(desk.ingest, NEVER);
  expect(await desk.db('messages').first('status', 'needs_agent')).toEqual({
    status: 'done',
    needs_agent: true,
  });
  expect((await whole.tickets()).filter(({ verified_at }) => verified_at !== null)).toEqual([]);
  expect(await desk.db('outbox').pluck('recipient')).toEqual([]);
});

test('F34 T06 D05 a name that is poisoned away proves nothing: the code goes to the directory’s address, and by mail it does not count', async () => {
  await using whole = await openMailDesk(Object.fromEntries(NAMES.map((name) => [name, {}])));
  const asked = await whole.write({ from: ada, text: REQUEST });
  injected('F34');
  expect(asked.sent.map(({ recipient, template }) => `${template} ${recipient}`)).toEqual([
    `verify_request ${ada}`,
  ]);
  const [code] = /\b\d{6}\b/.exec(asked.sent[0]!.text) ?? [];
  const answer = await whole.write({ from: ada, subject: 'Re: [PD-1001] code', text: `The code is ${code}` });
  expect(answer.sent.map(({ template }) => template)).not.toContain('grace_started');
  expect(await whole.tickets()).toMatchObject([{ state: 'verifying', verified_at: null }]);
});
