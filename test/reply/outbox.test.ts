import { describe, expect, test } from 'vitest';
import type { TemplateName } from '../../src/domain/mail-facts.ts';
import { type Lane, openLane } from '../../src/reply/lane.ts';
import { flushOutbox, markBounced, type OutboxDeps } from '../../src/reply/outbox.ts';
import { outboxTurns } from '../../src/reply/outbox-turns.ts';
import type { SendResult } from '../../src/reply/smtp.ts';
import { freshDatabase } from '../support/database.ts';

type Fresh = Awaited<ReturnType<typeof freshDatabase>>;

const SENT: SendResult = { kind: 'sent', response: '250 ok' };
const FIRST = { messageIds: ['<pd.1@desk.example>'], outboxIds: [] };
const forEver = new AbortController().signal;

interface Seen {
  readonly sent: string[];
  readonly lost: number[];
}

function depsOf(fresh: Fresh, answer: (id: number) => SendResult | Error, seen: Seen): OutboxDeps {
  return {
    db: fresh.db,
    messageIdOf: ({ id }) => `<pd.${id}@desk.example>`,
    deliver: async (mail) => {
      seen.sent.push(mail.message_id_header);
      const result = answer(mail.id);
      if (result instanceof Error) throw result;
      return result;
    },
    lanes: [lane(4)],
    crashPoint: () => undefined,
    undeliverable: async (_trx, mail) => {
      seen.lost.push(mail.id);
    },
    log: () => undefined,
  };
}

/** Its clock runs so fast that no pause is felt. */
const lane = (connections: number): Lane => {
  let ms = 0;
  return openLane({ kind: 'all_but', mailboxes: [] }, { connections, now: () => (ms += 100_000) });
};

const nothingSeen = (): Seen => ({ sent: [], lost: [] });

async function queue(fresh: Fresh, count: number, template: TemplateName = 'verify_request'): Promise<void> {
  await fresh.db('outbox').insert(
    Array.from({ length: count }, (_, index) => ({
      key: `test:${template}:${index}`,
      template,
      locale: 'en',
      recipient: 'ada@acme.example',
      recipient_hash: 'hash',
      before_verification: true,
      facts: JSON.stringify({ template, tag: 'PD-1' }),
      created_at: new Date(),
    })),
  );
}

const statuses = async (fresh: Fresh): Promise<string[]> =>
  (await fresh.db('outbox').select<{ status: string }[]>('status').orderBy('id')).map((row) => row.status);

/** As if the sender had died in the middle and its lease were over. */
const killSender = (fresh: Fresh) =>
  fresh.db('outbox').update({
    status: 'sending',
    attempts: 1,
    lease_until: fresh.db.raw(`clock_timestamp() - interval '1 second'`),
    message_id_header: fresh.db.raw(`'<pd.' || id || '@desk.example>'`),
  });

const letTimePass = (fresh: Fresh) =>
  fresh.db('outbox').update({ next_attempt_at: fresh.db.raw(`clock_timestamp() - interval '1 second'`) });

test('everything that is due goes out, each mail once', async () => {
  await using fresh = await freshDatabase();
  const seen = nothingSeen();
  await queue(fresh, 45);
  const deps = depsOf(fresh, () => SENT, seen);
  const counts = await Promise.all([flushOutbox(deps, forEver), flushOutbox(deps, forEver)]);
  expect(counts[0] + counts[1]).toBe(45);
  expect(new Set(seen.sent).size).toBe(45);
  expect(seen.sent).toHaveLength(45);
  expect(new Set(await statuses(fresh))).toEqual(new Set(['sent']));
});

test('two processes share what is due: each mail once, and none is in hand that nobody is handing over', async () => {
  await using fresh = await freshDatabase();
  const [first, second] = [nothingSeen(), nothingSeen()];
  await queue(fresh, 150);
  let statements = 0;
  let most = 0;
  const look = async () => {
    const [row] = await fresh.db('outbox').where({ status: 'sending' }).count<{ n: number }[]>('* as n');
    most = Math.max(most, row?.n ?? 0);
  };
  const process = (seen: Seen): OutboxDeps => {
    const deps = depsOf(fresh, () => SENT, seen);
    return {
      ...deps,
      deliver: async (mail) => {
        if (mail.id % 10 === 0) await look();
        return deps.deliver(mail);
      },
    };
  };
  fresh.db.on('query', () => {
    statements += 1;
  });
  const sent = await Promise.all([first, second].map((seen) => flushOutbox(process(seen), forEver)));
  expect(sent[0] ?? 0).toBe(first.sent.length);
  expect(first.sent.length + second.sent.length).toBe(150);
  expect(new Set([...first.sent, ...second.sent]).size).toBe(150);
  expect(new Set(await statuses(fresh))).toEqual(new Set(['sent']));
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(8);
  // A claim and a result for each mail would be 300 and more.
  expect(statements).toBeLessThan(250);
});

test('what two processes look at together is handed over by one of them alone', async () => {
  await using fresh = await freshDatabase();
  await queue(fresh, 6);
  const seen = nothingSeen();
  const turns = Array.from({ length: 3 }, () =>
    outboxTurns(
      depsOf(fresh, () => SENT, seen),
      lane(4),
    ),
  );
  const claimed: (number | undefined)[] = [];
  for (let round = 0; round < 3; round += 1)
    claimed.push(...(await Promise.all(turns.map(async (each) => (await each.next(null))?.id))));
  const ids = claimed.filter((id) => id !== undefined);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(6);
});

test('a mail that waits in desk time goes out when the desk’s clock has come to it, and holds up no other', async () => {
  await using fresh = await freshDatabase();
  const seen = nothingSeen();
  await queue(fresh, 2);
  const [first] = await fresh.db('outbox').select<{ id: number }[]>('id').orderBy('id');
  await fresh
    .db('outbox')
    .where({ id: first?.id })
    .update({ not_before: fresh.db.raw(`desk_now() + interval '10 minutes'`) });
  const deps = depsOf(fresh, () => SENT, seen);
  await flushOutbox(deps, forEver);
  expect(await statuses(fresh)).toEqual(['pending', 'sent']);
  await fresh.db('desk_clock').update({ movable: true, offset_ms: 9 * 60_000 });
  await flushOutbox(deps, forEver);
  expect(await statuses(fresh)).toEqual(['pending', 'sent']);
  await fresh.db('desk_clock').update({ offset_ms: 10 * 60_000 });
  await flushOutbox(deps, forEver);
  expect(await statuses(fresh)).toEqual(['sent', 'sent']);
});

describe('what the server answers', () => {
  test('not now: the mail waits and keeps its Message-ID', async () => {
    await using fresh = await freshDatabase();
    const seen = nothingSeen();
    await queue(fresh, 1);
    let answer: SendResult = { kind: 'later', code: 451, reason: 'answer' };
    const deps = depsOf(fresh, () => answer, seen);
    await flushOutbox(deps, forEver);
    expect(await statuses(fresh)).toEqual(['pending']);
    await flushOutbox(deps, forEver);
    expect(seen.sent).toHaveLength(1); // not before its time
    await letTimePass(fresh);
    answer = SENT;
    await flushOutbox(deps, forEver);
    expect(seen.sent).toHaveLength(2);
    expect(new Set(seen.sent).size).toBe(1);
    expect(await statuses(fresh)).toEqual(['sent']);
  });

  test('never: the mail is given up and agents hear of it', async () => {
    await using fresh = await freshDatabase();
    const seen = nothingSeen();
    await queue(fresh, 1);
    await flushOutbox(
      depsOf(fresh, () => ({ kind: 'refused', code: 550 }), seen),
      forEver,
    );
    expect(await statuses(fresh)).toEqual(['failed']);
    expect(seen.lost).toHaveLength(1);
  });

  test('not now for five days: given up too', async () => {
    await using fresh = await freshDatabase();
    const seen = nothingSeen();
    await queue(fresh, 1);
    await fresh.db('outbox').update({ attempts: 39 });
    await flushOutbox(
      depsOf(fresh, () => ({ kind: 'later', code: 451, reason: 'answer' }), seen),
      forEver,
    );
    expect(await statuses(fresh)).toEqual(['failed']);
    expect(seen.lost).toHaveLength(1);
  });
});

describe('D14 when nobody knows whether a mail arrived', () => {
  test.each([
    { template: 'verify_request', again: 2, title: 'a challenge is repeated once, later, as the same mail' },
    {
      template: 'completed',
      again: 2,
      title: 'a final confirmation is repeated once, later, as the same mail',
    },
    { template: 'status', again: 1, title: 'anything else is not repeated' },
  ] as const)('$title', async ({ template, again }) => {
    await using fresh = await freshDatabase();
    const seen = nothingSeen();
    await queue(fresh, 1, template);
    const deps = depsOf(fresh, () => ({ kind: 'unknown' }), seen);
    await flushOutbox(deps, forEver);
    await flushOutbox(deps, forEver);
    expect(seen.sent).toHaveLength(1); // a quarter of an hour has to pass
    for (let round = 0; round < 4; round += 1) {
      await letTimePass(fresh);
      await flushOutbox(deps, forEver);
    }
    expect(seen.sent).toHaveLength(again);
    expect(new Set(seen.sent).size).toBe(1);
  });

  test('a mail whose sender died is not sent again at once', async () => {
    await using fresh = await freshDatabase();
    const seen = nothingSeen();
    await queue(fresh, 1);
    await killSender(fresh);
    await flushOutbox(
      depsOf(fresh, () => SENT, seen),
      forEver,
    );
    expect(seen.sent).toEqual([]);
    expect(await statuses(fresh)).toEqual(['unknown']);
  });

  test('a mail that is being sent by somebody else is left alone', async () => {
    await using fresh = await freshDatabase();
    const seen = nothingSeen();
    await queue(fresh, 1);
    await killSender(fresh);
    await fresh.db('outbox').update({ lease_until: fresh.db.raw(`clock_timestamp() + interval '1 minute'`) });
    await flushOutbox(
      depsOf(fresh, () => SENT, seen),
      forEver,
    );
    expect(seen.sent).toEqual([]);
    expect(await statuses(fresh)).toEqual(['sending']);
  });
});

test('a mail that cannot be made is for agents, and the next one goes out', async () => {
  await using fresh = await freshDatabase();
  const seen = nothingSeen();
  await queue(fresh, 2);
  const [first] = await fresh.db('outbox').select<{ id: number }[]>('id').orderBy('id');
  await flushOutbox(
    depsOf(fresh, (id) => (id === first?.id ? new Error('a template is wrong') : SENT), seen),
    forEver,
  );
  expect(await statuses(fresh)).toEqual(['failed', 'sent']);
  expect(seen.lost).toEqual([first?.id]);
});

test('an abort gives back what was claimed and not sent', async () => {
  await using fresh = await freshDatabase();
  const seen = nothingSeen();
  await queue(fresh, 20);
  const stop = new AbortController();
  const deps = depsOf(
    fresh,
    () => {
      stop.abort();
      return SENT;
    },
    seen,
  );
  await flushOutbox({ ...deps, lanes: [lane(1)] }, stop.signal);
  expect(await statuses(fresh)).toEqual(['sent', ...Array.from({ length: 19 }, () => 'pending')]);
});

test('a bounce marks its mail once', async () => {
  await using fresh = await freshDatabase();
  await queue(fresh, 2);
  await flushOutbox(
    depsOf(fresh, () => SENT, nothingSeen()),
    forEver,
  );
  const [row] = await fresh
    .db('outbox')
    .select<{ message_id_header: string }[]>('message_id_header')
    .orderBy('id');
  const ids = { messageIds: [row?.message_id_header ?? ''], outboxIds: [] };
  const [once, twice] = await fresh.db.transaction(async (trx) => [
    await markBounced(trx, ids),
    await markBounced(trx, ids),
  ]);
  expect(once).toHaveLength(1);
  expect(twice).toHaveLength(0);
  expect(await statuses(fresh)).toEqual(['bounced', 'sent']);
});

test.each(['pending', 'failed', 'bounced'])('a bounce of a mail that is %s says nothing', async (status) => {
  await using fresh = await freshDatabase();
  await queue(fresh, 1);
  await fresh.db('outbox').update({ status, message_id_header: '<pd.1@desk.example>' });
  expect(await fresh.db.transaction((trx) => markBounced(trx, FIRST))).toEqual([]);
  expect(await statuses(fresh)).toEqual([status]);
});

test.each(['sending', 'unknown'])('a bounce of a mail that is %s says what became of it', async (status) => {
  await using fresh = await freshDatabase();
  await queue(fresh, 1);
  await fresh.db('outbox').update({ status, message_id_header: '<pd.1@desk.example>' });
  expect(await fresh.db.transaction((trx) => markBounced(trx, FIRST))).toMatchObject([
    { recipient: 'ada@acme.example', recipient_hash: 'hash' },
  ]);
  expect(await statuses(fresh)).toEqual(['bounced']);
});
