/**
 * Secrets and words of people are planted wherever a desk could see them, faults are made that tempt it to quote them, and
 * then everything that it says to anybody but the people themselves is searched.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { PEOPLE } from '../../src/sandbox/samples.ts';
import { type DeskProcess, spawnDesk } from './desk-process.ts';
import { type Ground, prepareGround } from './ground.ts';
import { codeIn } from './received-mail.ts';
import { openScene, type Scene } from './scene.ts';
import { passGrace, untilCompleted } from './steps.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround();
});
afterAll(() => ground.stop());

/** In mails, settings and addresses; each is nowhere else. */
const CANARY = {
  subject: 'Zanzibarsubject',
  word: 'quokkabody',
  stranger: 'wombatstranger',
  name: 'Nandu Namenlos',
  smtp: 'smtpcanarypassword',
  store: 'storecanarypassword',
  webhook: 'd2ViaG9va2NhbmFyeXNlY3JldA==',
  path: 'pathcanarytoken',
  cookie: 'cookiecanarysession',
} as const;

const ASKED = {
  from: 'ada',
  subject: `${CANARY.subject} please delete`,
  text: `Please delete the workspace acme-inc with all its data. ${CANARY.word}\n\nThanks, ${PEOPLE.ada.name}\n`,
} as const;

/** Everything that a process prints, to a file, whatever its length. */
async function serveInto(
  scene: Scene,
  file: string,
  over: Readonly<Record<string, string>>,
): Promise<DeskProcess> {
  const settings = { ...scene.settings, LOG_LEVEL: 'trace', ...over };
  const starts = async () =>
    (await readFile(file, 'utf8').catch(() => '')).split('purgedesk is running').length;
  const before = await starts();
  const desk = spawnDesk(settings, { through: ['sh', '-c', 'exec "$@" >>"$0" 2>&1', file] });
  running.push(desk);
  await scene.until('the desk runs', async () => (await starts()) > before);
  return desk;
}

/** Ended with the test, however that ends. */
const running: DeskProcess[] = [];
afterEach(async () => {
  for (const desk of running) desk.kill('SIGKILL');
  await Promise.all(running.splice(0).map((desk) => desk.exit));
});

const saying = (file: string, words: string) => async () => (await readFile(file, 'utf8')).includes(words);

test('D25 nobody and no secret is in a log, an error page, the metrics, the audit chain or a receipt', async () => {
  await using scene = await openScene(ground);
  const file = join(ground.folder, 'canary.log');
  const smtp = new URL(scene.relay.url);
  const broken = {
    SMTP_URL: `smtp://canary:${CANARY.smtp}@${smtp.host}`,
    CUSTOMERS_URL: `postgres://canary:${CANARY.store}@127.0.0.1:9/none`,
  };

  // Mails that nobody can send: the server is not there.
  await scene.relay.stop();
  let desk = await serveInto(scene, file, broken);
  const asked = await scene.write(ASKED);
  await scene.put(
    Buffer.from(
      `From: "${CANARY.name}" <${CANARY.stranger}@elsewhere.test>\r\nTo: desk\r\nSubject: ${CANARY.subject}\r\n` +
        `Message-ID: <${CANARY.stranger}@elsewhere.test>\r\nDate: ${new Date().toUTCString()}\r\n\r\nDelete everything, ${CANARY.word}\r\n`,
    ),
  );
  await scene.put(
    Buffer.from(
      `From: a\r\nFrom: ${CANARY.stranger}@b.test\r\nSubject: ${CANARY.subject}\r\n\r\n${CANARY.word}\r\n`,
    ),
  );
  await scene.until('a mail could not go out', async () =>
    scene.db('outbox').whereNotNull('last_error').first('id'),
  );

  // A database that answers with the row that it does not take.
  await scene.db.raw(`create function canary() returns trigger language plpgsql as $$
    begin raise exception 'no: %', new using detail = new::text; end $$;
    create trigger canary before insert on conversations for each row execute function canary()`);
  await scene.write({
    from: 'priya',
    subject: CANARY.subject,
    text: `Please delete the workspace globex. ${CANARY.word}\n`,
  });
  await scene.until('a mail could not be handled', saying(file, 'could not be handled'));
  await scene.db.raw('drop trigger canary on conversations');

  desk.kill('SIGTERM');
  await desk.exit;
  await scene.relay.start();
  desk = await serveInto(scene, file, broken);
  await scene.db('outbox').where({ status: 'pending' }).update({ next_attempt_at: new Date() });
  const said = await readFile(file, 'utf8');
  const url =
    /purgedesk is running: (\S+)/.exec(said.slice(said.lastIndexOf('purgedesk is running')))?.[1] ?? '';

  // Pages that go wrong, with what visitors show them.
  const asking = await scene.until('Ada is asked for a code', async () =>
    scene.inboxOf('ada').find((mail) => mail.template === 'verify_request'),
  );
  const links = [...asking.text.matchAll(/https?:\/\/\S+\/([cs])\/([\w-]{20,})/g)];
  expect(links.length).toBeGreaterThan(0);
  const headers = { cookie: `session=${CANARY.cookie}`, authorization: `Bearer ${CANARY.cookie}` };
  const pages: string[] = [];
  for (const path of [
    `/${CANARY.path}?q=${CANARY.word}`,
    `/tickets/${CANARY.path}`,
    `/api/v1/tickets/${CANARY.path}`,
    '/metrics',
    '/healthz',
    '/readyz',
  ]) {
    pages.push(await (await fetch(`${url}${path}`, { headers })).text());
  }
  const away = ['challenges', 'status_links'];
  for (const table of away) await scene.db.raw(`alter table ${table} rename to ${table}_away`);
  for (const [, kind, token] of links) pages.push(await (await fetch(`${url}/${kind}/${token}`)).text());
  for (const table of away) await scene.db.raw(`alter table ${table}_away rename to ${table}`);
  await scene.until('a page went wrong', saying(file, 'a page could not be made'));

  // The store is not there at the rehearsal, and comes back.
  await scene.write({
    from: 'ada',
    subject: `Re: ${asking.subject}`,
    text: `The code is ${codeIn(asking)}\n`,
    answers: asking,
  });
  await scene.until('the store failed', saying(file, 'a store failed'));
  desk.kill('SIGTERM');
  await desk.exit;
  desk = await serveInto(scene, file, {});
  await scene.db.raw(
    'update store_brakes set probe_at = now() where probe_at is not null; update graphile_worker._private_jobs set run_at = now()',
  );
  const ticket = await scene.until('the ticket has its plan', async () =>
    scene
      .db('tickets')
      .select<{ id: number }[]>('id')
      .where({ state: 'grace' })
      .whereNotNull('plan_hash')
      .first(),
  );
  await passGrace(scene, ticket.id);
  await untilCompleted(scene, ticket.id);
  desk.kill('SIGTERM');
  await desk.exit;

  const log = await readFile(file, 'utf8');
  expect(log.split('\n').length).toBeGreaterThan(20);
  const receipts = await scene.db('receipts').select('signed');
  const events = await scene.db('ticket_events').select('type', 'actor', 'details');
  const own = await scene.db('mailboxes').select('last_error');
  const kept = await scene.db('outbox').select('last_error');
  expect(receipts.length).toBeGreaterThan(0);
  const places = {
    log,
    pages: pages.join('\n'),
    receipts: JSON.stringify(receipts),
    events: JSON.stringify(events),
    errors: JSON.stringify([own, kept]),
  };
  const secrets: Readonly<Record<string, string>> = {
    ...CANARY,
    ...Object.fromEntries(
      Object.entries(PEOPLE).flatMap(([key, { name, address }]) => [
        [`${key}'s name`, name],
        [`${key}'s address`, address],
      ]),
    ),
    'Message-ID of a mail': asked,
    'password of the mailbox': new URL(scene.settings.IMAP_URL ?? '').password,
    'secret key': scene.settings.SECRET_KEY ?? '',
    ...Object.fromEntries(links.map(([, , token = ''], at) => [`link ${at}`, token])),
  };
  const found = Object.entries(secrets).flatMap(([what, text]) =>
    Object.entries(places).flatMap(([place, content]) =>
      text !== '' && content.includes(text) ? [`${what} in ${place}: ${around(content, text)}`] : [],
    ),
  );
  expect(found).toEqual([]);
  // Six digits may stand anywhere by chance; as a word of their own in a line of the log they may not.
  expect(log).not.toMatch(new RegExp(`\\b${codeIn(asking)}\\b`));
});

const around = (content: string, text: string): string => {
  const at = content.indexOf(text);
  return content.slice(Math.max(0, at - 200), at + 100);
};
