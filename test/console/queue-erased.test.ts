import { expect, test } from 'vitest';
import { search } from '../../src/console/queue/search.ts';
import { eraseOwnContext } from '../../src/purge/erase-own-context.ts';
import { tick } from '../../src/tickets/tick.ts';
import { ada, eve, openMailDesk } from '../security/desk.ts';

const NEVER = new AbortController().signal;

test('a mail is found by its words from when it was read, and by none once it was erased', async () => {
  await using whole = await openMailDesk();
  const { desk, pass } = whole;
  await whole.write({
    from: ada,
    text: 'Please delete the workspace acme-inc. Kind regards, the Quokka team',
  });
  await whole.write({ from: eve, text: 'Good morning, has a quokka been seen?' });
  await desk.db('messages').where({ author: eve }).update({ needs_agent: false });
  const hits = async (text: string) => {
    const end = await search(desk.db, { text, ticketsBefore: null, mailsBefore: null });
    return end.kind === 'found' ? [end.found.tickets.length, end.found.mails.length] : end.kind;
  };
  const words = ['quokka', 'QUOKKA', ada, 'acme.example'];
  expect(await Promise.all(words.map(hits))).toEqual([
    [0, 2],
    [0, 2],
    [1, 1],
    [0, 1],
  ]);

  for (const days of [4, 31, 91]) {
    await pass(days * 24);
    await tick(desk.db, desk.tickets, (error) => {
      throw error;
    });
    await desk.db('outbox').where({ status: 'pending' }).update({ status: 'sent' });
    await eraseOwnContext(desk.ownContext, NEVER);
  }
  expect(await desk.db('messages').whereNotNull('words')).toEqual([]);
  expect(await Promise.all([...words, eve].map(hits))).toEqual([...words, eve].map(() => [0, 0]));
});
