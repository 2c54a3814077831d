/** A whole desk whose database is put back to an older state: docs/backup.md, step by step. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PEOPLE } from '../../src/sandbox/samples.ts';
import { type Ground, prepareGround } from '../flow/ground.ts';
import { ADAS_REQUEST, deletionOf } from '../flow/letters.ts';
import { openScene, type Scene } from '../flow/scene.ts';
import { confirmAsAda, untilNothingPends } from '../flow/steps.ts';
import { injected } from './tally.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround();
});
afterAll(() => ground?.stop());

/** Makes `to` what `from` is, as reading a dump into an empty database does. */
async function copyDatabase(from: string, to: string): Promise<void> {
  const client = new pg.Client({ connectionString: ground.postgres.urlOf('postgres') });
  await client.connect();
  try {
    for (const name of [from, to])
      await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    await client.query(`drop database if exists ${to}`);
    await client.query(`create database ${to} template ${from}`);
  } finally {
    await client.end();
  }
}

const ticketOf = (scene: Scene, id: number) =>
  scene.db('tickets').first<{ id: number; state: string } | undefined>('id', 'state').where({ id });

test('F25 D14 a database that is put back purges nothing, sends nothing twice, and has its mails handled again', async () => {
  await using scene = await openScene(ground);
  const [own, backup] = [`${scene.name}_own`, `${scene.name}_backup`];
  let desk = await scene.serve();
  const id = await confirmAsAda(scene, await scene.write(ADAS_REQUEST));
  await untilNothingPends(scene);
  const graceMail = scene.inboxOf('ada').at(-1)!;

  // A mail that waits when the backup is made …
  await scene.relay.stop();
  const waiting = await scene.write(deletionOf('priya', 'globex', 'Website Prod'));
  await scene.until('an answer waits', () =>
    scene.db('outbox').where({ status: 'pending' }).where('attempts', '>', 0).first('id'),
  );
  desk.kill('SIGTERM');
  await desk.exit;
  await copyDatabase(own, backup);
  const known = (await ground.dovecot.mails(scene.name, 'Processed')).length;

  // … goes out after it, and so does more.
  await scene.relay.start();
  desk = await scene.serve();
  await scene.until('the answer goes out', async () =>
    scene.delivered.some((mail) => mail.inReplyTo === waiting),
  );
  await scene.write({
    from: 'ada',
    subject: `Re: ${graceMail.subject}`,
    text: 'Please cancel the deletion.\n',
    answers: graceMail,
  });
  await scene.until('the cancel counts', async () => (await ticketOf(scene, id))?.state === 'cancelled');
  await scene.write(deletionOf('hana', 'hooli', 'Website Prod'));
  const lost = await scene.until('Hana has a ticket', () =>
    scene.db('tickets').where({ requester: PEOPLE.hana.address }).first<{ id: number }>('id'),
  );
  await untilNothingPends(scene);
  desk.kill('SIGTERM');
  await desk.exit;
  const before = scene.delivered.length;

  await copyDatabase(backup, own);
  injected('F25');
  desk = await scene.serve();
  expect(desk.output()).toContain('the database was restored, moved or failed over: all purges are halted');
  expect(await scene.db('purge_quarantines').pluck('kind')).toEqual(['restored']);
  expect((await ticketOf(scene, id))?.state).toBe('grace');
  expect(await scene.db('outbox').whereIn('status', ['pending', 'sending']).pluck('id')).toEqual([]);
  expect((await scene.command('restored', '--as', 'Grace', '--reason', 'the disk broke')).output).toContain(
    'has noticed that already',
  );

  // Whatever was read since the backup goes back into the mailbox, with some that the backup knows.
  const processed = await ground.dovecot.mails(scene.name, 'Processed');
  for (const raw of processed.slice(known - 1)) await ground.dovecot.deliver(scene.name, raw);
  await scene.until(
    'the cancel counts again',
    async () => (await ticketOf(scene, id))?.state === 'cancelled',
  );
  const again = await scene.until('Hana has a ticket again', () =>
    scene.db('tickets').where({ requester: PEOPLE.hana.address }).first<{ id: number }>('id'),
  );
  expect(again.id).toBeGreaterThan(lost.id);
  await untilNothingPends(scene);
  expect(await scene.db('messages').where({ disposition: 'duplicate' })).toHaveLength(1);
  const since = scene.delivered.slice(before);
  expect(since.filter((mail) => mail.inReplyTo === waiting)).toEqual([]);
  expect(new Set(scene.delivered.map((mail) => mail.messageId)).size).toBe(
    new Set(scene.delivered.map((mail) => `${mail.messageId} ${mail.recipient}`)).size,
  );

  // Purges stay halted over the five days, until somebody says so.
  await scene.db('purge_quarantines').update({ ends_at: null });
  expect((await scene.command('purge', 'status')).output).toContain('All purges are halted');
  expect(
    (await scene.command('purge', 'resume', '--as', 'Grace', '--reason', 'all is there')).output,
  ).toContain('Purges run again.');
  expect(await scene.db('purge_quarantines').whereNull('ended_at')).toEqual([]);
});
