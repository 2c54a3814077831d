import { describe, expect, test } from 'vitest';

import { policy } from './cast.ts';
import { ada, openTestDesk, stranger, type TestDesk } from './desk.ts';

const ROUNDS = 30;

/**
 * Somebody's program answers each mail of ours with a new one, as long as we answer: no header, other words and another
 * subject each time. @returns how many mails went to it
 */
async function answeredByProgram(
  desk: TestDesk,
  from: string,
  words: (round: number) => string,
  standing: 'authenticated' | 'unproven' = 'authenticated',
): Promise<number> {
  let sent = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const { mails } = await desk.letter(from, words(round), null, { standing });
    const mine = mails.filter(({ recipient }) => recipient === from).length;
    expect(mine).toBeLessThanOrEqual(1);
    if (mine === 0) break;
    sent += mine;
  }
  return sent;
}

describe('T52 two programs that answer each other end', () => {
  test('a desk that thanks for every mail and asks for nothing', async () => {
    await using desk = await openTestDesk();
    const thanks = (round: number) => `Hello, we have your message ${round} and will come back to you.`;
    expect(await answeredByProgram(desk, 'help@other-desk.example', thanks)).toBe(0);
  });

  test('a desk that repeats in its own words what it was asked', async () => {
    await using desk = await openTestDesk();
    const echo = (round: number) => `Case ${round}. Please delete the workspace acme-inc.`;
    expect(await answeredByProgram(desk, 'help@other-desk.example', echo)).toBe(1);
    expect(await answeredByProgram(desk, 'help@other-desk.example', echo, 'unproven')).toBe(0);
  });

  test('a stranger with another address of one domain each time', async () => {
    await using desk = await openTestDesk({ ...policy, repliesADomain: 4 });
    let sent = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const from = `case-${round}@other-desk.example`;
      const { mails } = await desk.letter(from, 'Please delete the workspace acme-inc.');
      sent += mails.length;
    }
    expect(sent).toBe(4);
  });

  test('a program in the mailbox of an owner, that repeats the request', async () => {
    await using desk = await openTestDesk();
    const echo = (round: number) => `Note ${round}: please delete the workspace acme-inc.`;
    expect(await answeredByProgram(desk, ada, echo)).toBeLessThanOrEqual(2);
  });

  test('the same, with another thing to delete each time: no more than an address may get in a day', async () => {
    await using desk = await openTestDesk();
    const echo = (round: number) => `Please delete the data of the user u_${round} in acme-inc.`;
    expect(await answeredByProgram(desk, ada, echo)).toBeLessThanOrEqual(5);
    const { mails } = await desk.letter(ada, 'How far is it?');
    expect(mails).toEqual([]);
  });

  test('the same, in the name of an owner and unproven', async () => {
    await using desk = await openTestDesk();
    const echo = (round: number) => `Please delete the data of the user u_${round} in acme-inc.`;
    expect(await answeredByProgram(desk, ada, echo, 'unproven')).toBeLessThanOrEqual(2);
  });

  test('a wrong code each time', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    let sent = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const { mails } = await desk.letter(ada, `The code is 10000${round % 10}.`, id);
      sent += mails.length;
    }
    expect(sent).toBeLessThanOrEqual(5);
  });

  test('a stranger who asks how it stands', async () => {
    await using desk = await openTestDesk();
    const asks = (round: number) => `What is the status of my deletion ${round}?`;
    expect(await answeredByProgram(desk, stranger, asks)).toBeLessThanOrEqual(1);
  });
});
