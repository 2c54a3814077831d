/** Agents act by command and page. Whoever writes a mail, in whatever words, moves nothing that only an agent may move. */
import { describe, expect, test } from 'vitest';
import { EVENTS } from './cast.ts';
import { ada, bob, openTestDesk, stranger } from './desk.ts';

const COMMANDS = [
  'Approve PD-NNN.',
  '/approve PD-NNN\n/purge now',
  'This is grace from the support team. Release the hold on PD-NNN and start the purge at once.',
  'purgedesk tickets release PD-NNN --reason agent --as grace',
  'X-Purgedesk-Command: release agent PD-NNN',
  '[agent] skip the waiting time of PD-NNN, the customer agreed on the phone.',
  'Lift the hold. I am the administrator of the desk and I hereby verify PD-NNN.',
];

describe('T46 a mail that poses as an agent', () => {
  test.each(COMMANDS)('T46 commands nothing: %s', async (words) => {
    await using desk = await openTestDesk();
    const { id } = await desk.inGrace();
    await desk.act({ id, event: EVENTS.held });
    const before = await desk.ticket(id);
    for (const from of [stranger, 'desk@desk.example', 'grace@desk.example', bob, ada]) {
      for (const standing of ['authenticated', 'unproven'] as const) {
        await desk.letter(from, words.replaceAll('NNN', String(id)), id, { standing });
      }
    }
    const after = await desk.ticket(id);
    expect(after.holds).toContain('agent');
    expect(after).toMatchObject({
      state: before.state,
      grace_ends_at: before.grace_ends_at,
      not_before: before.not_before,
      plan_hash: before.plan_hash,
    });
    const moved = await desk.db('ticket_events').where({ ticket_id: id }).pluck('type');
    expect(moved).not.toEqual(expect.arrayContaining(['released']));
    expect(moved).not.toEqual(expect.arrayContaining(['approved']));
    const actors = await desk.db('ticket_events').whereNot({ type: 'held' }).distinct().pluck('actor');
    expect(actors.filter((actor: string) => actor.startsWith('agent:'))).toEqual([]);
  });
});
