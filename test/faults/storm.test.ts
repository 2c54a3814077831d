/** A storm of mails from one sender and from a thousand, and somebody who has a right to an answer in the middle of it. */
import { expect, test } from 'vitest';
import { ada, openTestDesk, sourceRequest, type TestDesk, workspaceRequest, zoe } from '../tickets/desk.ts';
import { byForm } from './form.ts';
import { injected } from './tally.ts';

const MAILS = byForm({ short: 100, long: 10_000 });
/** D12: so many mails an hour to people who have not been verified. */
const HOURLY = 300;

const storm = async (desk: TestDesk, senderOf: (n: number) => string, from: number, to: number) => {
  for (let n = from; n < to; n += 1) {
    await desk.mail({
      from: senderOf(n),
      intent: n % 3 === 0 ? 'delete' : 'other',
      requests: n % 3 === 0 ? [workspaceRequest(n % 2 === 0 ? 'acme-inc' : `nowhere-${n}`)] : [],
      standing: 'unproven',
    });
  }
  injected('F38', to - from);
};

const SENDERS: readonly {
  readonly title: string;
  readonly senderOf: (n: number) => string;
  readonly most: number;
}[] = [
  { title: 'one stranger', senderOf: () => 'robot@helpdesk.example', most: 1 },
  { title: 'an owner whose name is forged', senderOf: () => ada, most: 5 },
  {
    title: 'a thousand strangers',
    senderOf: (n) => `robot${n % 1_000}@helpdesk${n % 97}.example`,
    most: HOURLY,
  },
];

test.each(SENDERS)(
  'F38 D12 a storm from $title gets no more than its budget, and the owner an answer',
  async ({ senderOf, most }) => {
    await using desk = await openTestDesk();
    await storm(desk, senderOf, 0, MAILS / 2);
    const owner = await desk.mail({
      from: zoe,
      intent: 'delete',
      requests: [sourceRequest({ workspace: { slug: 'globex' }, source: 'Globex Web' })],
    });
    expect(owner.mails.map(({ template, recipient }) => `${template} ${recipient}`)).toEqual([
      `verify_request ${zoe}`,
    ]);
    await storm(desk, senderOf, MAILS / 2, MAILS);
    const mails = (await desk.outbox()).filter(({ recipient }) => recipient !== zoe);
    expect(mails.length).toBeLessThanOrEqual(most);
    const one = Map.groupBy(mails, ({ recipient }) => recipient);
    expect(Math.max(0, ...[...one.values()].map((each) => each.length))).toBeLessThanOrEqual(5);
    expect((await desk.tickets()).filter(({ verified_at }) => verified_at !== null)).toEqual([]);
    // What follows a proof is not counted among them.
    const { mails: after } = await desk.mail({ from: zoe, intent: 'verify', code: await desk.code() });
    expect(after.map(({ template }) => template)).toContain('grace_started');
  },
);
