import { describe, expect, test } from 'vitest';
import type { Standing } from '../../src/domain/evidence.ts';
import { ada, openTestDesk, type TestDesk, told } from './desk.ts';

const challenges = (desk: TestDesk) =>
  desk.db('challenges').select('tries_left', 'answered_at', 'voided_at').orderBy('created_at');
const untouched = [{ tries_left: 5, answered_at: null, voided_at: null }];
const another = (code: string): string => (code === '123456' ? '654321' : '123456');
const provesNothing = 'unproven' satisfies Standing;

describe('T40 a code in a mail that proves nothing', () => {
  test.each([
    { title: 'the right one', given: (code: string) => code },
    { title: 'a wrong one', given: another },
    { title: 'none that is clearly meant', given: () => null },
  ])(
    '$title is not looked at: nothing moves, no try is counted, and the answer is the same',
    async ({ given }) => {
      await using desk = await openTestDesk();
      const { id } = await desk.asked();
      const code = given(await desk.code());
      const { handled, mails } = await desk.mail({
        from: ada,
        intent: 'verify',
        code,
        standing: provesNothing,
      });
      expect(handled).toMatchObject({ disposition: 'joined', needsAgent: false });
      expect(handled.reason).toBe('a code in a mail that could not be checked to be theirs: not looked at');
      expect(await desk.ticket(id)).toMatchObject({ state: 'verifying', verified_at: null, holds: [] });
      expect(await challenges(desk)).toEqual(untouched);
      expect(told(mails)).toEqual([`verify_failed > ${ada}`]);
      expect(mails[0]?.facts.challenge).toMatchObject({ unproven: true, triesLeft: 5 });
      const events = await desk.db('ticket_events').where({ ticket_id: id }).orderBy('seq').pluck('type');
      expect(events).toEqual(['judged', 'code_unproven']);
    },
  );

  test('goes no way around: the same code in an authenticated mail counts afterwards, and on the page it would', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    const code = await desk.code();
    await desk.mail({ from: ada, intent: 'verify', code, standing: provesNothing });
    await desk.mail({ from: ada, intent: 'verify', code });
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace' });
  });

  test('however often it comes, locks nobody out and makes three mails a day', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    const code = await desk.code();
    const before = (await desk.outbox()).length;
    for (let count = 0; count < 9; count += 1) {
      const written = { from: ada, intent: 'verify', code: another(code), standing: provesNothing } as const;
      const { handled } = await desk.mail(written);
      expect(handled.needsAgent).toBe(count >= 3);
    }
    expect((await desk.outbox()).length - before).toBe(3);
    expect(await challenges(desk)).toEqual(untouched);
    await desk.mail({ from: ada, intent: 'verify', code });
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace' });
  });

  test('for a challenge that takes no more answers is a question about the status, as ever', async () => {
    await using desk = await openTestDesk();
    await desk.asked();
    const code = await desk.code();
    await desk.db('challenges').update({ tries_left: 0 });
    const { mails } = await desk.mail({ from: ada, intent: 'verify', code, standing: provesNothing });
    expect(told(mails)).toEqual([`status > ${ada}`]);
  });

  test('that failed authentication is for agents, and no mail goes out', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    const code = await desk.code();
    const { handled, mails } = await desk.mail({ from: ada, intent: 'verify', code, standing: 'failed' });
    expect(handled).toMatchObject({ disposition: 'other', needsAgent: true });
    expect(mails).toEqual([]);
    expect(await desk.ticket(id)).toMatchObject({ state: 'verifying', verified_at: null });
    expect(await challenges(desk)).toEqual(untouched);
  });
});
