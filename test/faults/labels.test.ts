import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { moveClock } from '../../src/commands/move-clock.ts';
import type { CrashLabel } from '../../src/domain/crash-label.ts';
import {
  type Checksums,
  expectAnsweredOnce,
  expectOnlyAdasRowsGone,
  expectProofsHold,
  expectRepeatsAreTheSame,
  expectTakenInOnce,
} from '../flow/assertions.ts';
import { type DeskProcess, runCommand } from '../flow/desk-process.ts';
import { type Ground, prepareGround } from '../flow/ground.ts';
import { ADAS_REQUEST, TWELVE_REQUESTS } from '../flow/letters.ts';
import { codeIn } from '../flow/received-mail.ts';
import { openScene, type Scene } from '../flow/scene.ts';
import {
  confirmAsAda,
  passGrace,
  untilAnswered,
  untilCompleted,
  untilNothingPends,
  untilTakenIn,
} from '../flow/steps.ts';
import { buryTheDead, dieAt, hurry, settleOutbox } from './crash.ts';
import { checkInvariants } from './invariants.ts';
import { injected } from './tally.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround();
});
afterAll(() => ground?.stop());

const MAIL_LABELS: readonly CrashLabel[] = [
  'ingest.fetched',
  'ingest.committed',
  'ingest.moved',
  'ingest.marked',
  'ingest.deciding',
  'ingest.decided',
  'reply.claiming',
  'reply.before_send',
  'reply.sent',
  'reply.recorded',
];
const NEWS_LABELS: readonly CrashLabel[] = ['notify.before_send', 'notify.sent', 'notify.recorded'];
const DUE_LABELS: readonly CrashLabel[] = [
  'tick.deciding',
  'tick.decided',
  'audit.anchoring',
  'audit.anchored',
  'purge.taken',
  'purge.counted',
  'purge.restricted',
];
const PURGE_LABELS: readonly CrashLabel[] = [
  'purge.guarded',
  'purge.batch.erased',
  'purge.batch.recorded',
  'purge.read_back',
  'purge.step.finishing',
  'purge.step.finished',
  'purge.finishing',
  'purge.finished',
];
const CONTEXT_LABELS: readonly CrashLabel[] = ['context.batch.erased', 'context.batch.recorded'];

/** A few desks at once, since each waits at times. Migrations are killed in upgrade.test.ts. */
describe.concurrent('F01 a kill -9', () => {
  test('F04 at every point between mailbox and customer, one after the other, loses no mail and doubles none', async () => {
    await using scene = await openScene(ground);
    const sent: string[] = [];
    for (const [no, label] of MAIL_LABELS.entries()) {
      await dieAt(scene, label, async () => {
        const letter = TWELVE_REQUESTS[sent.length % TWELVE_REQUESTS.length];
        if (letter !== undefined && sent.length <= no) sent.push(await scene.write(letter));
      });
      if (label === 'reply.sent') injected('F04');
    }
    await buryTheDead(scene);
    await scene.serve();
    await untilTakenIn(scene, sent.length);
    await untilNothingPends(scene);
    const uncertain = await settleOutbox(scene);
    await untilAnswered(scene, sent);
    expectRepeatsAreTheSame(scene, uncertain);
    await expectTakenInOnce(scene, sent);
    expect(await checkInvariants(scene, { mails: scene.written })).toEqual([]);
  });

  test('in the page of a mail, and when a purge becomes due and begins, leaves each step undone or done', async () => {
    await using scene = await openScene(ground);
    const before = await scene.customers.checksums();
    const request = await scene.write(ADAS_REQUEST);
    const click = (desk: DeskProcess) => confirmOnPage(scene, desk, request).catch(() => undefined);
    await dieAt(scene, 'page.deciding', click);
    expect(await stateOf(scene)).toBe('verifying');
    await dieAt(scene, 'page.decided', click);
    expect(await stateOf(scene)).toBe('grace');
    const ticket = await dieLater(scene, DUE_LABELS, () => untilPlanned(scene));
    await expectPurged(scene, { ticket, request, before });
  });

  test('in a purge and at its end, at one point after the other, ends with the right rows gone and no others', async () => {
    await using scene = await openScene(ground);
    const before = await scene.customers.checksums();
    const request = await scene.write(ADAS_REQUEST);
    const ticket = await dieLater(scene, PURGE_LABELS, async () => {
      const confirmed = await confirmAsAda(scene, request);
      await untilTakenIn(scene, 2);
      await untilNothingPends(scene);
      return confirmed;
    });
    await expectPurged(scene, { ticket, request, before });
    await expectProofsHold(scene);
  });

  test('around the news for other systems still tells each of them, and while the desk erases of its own is made up for', async () => {
    await using hearer = await startHearer();
    await using scene = await openScene(ground, { PURGEDESK_CONFIG: await configTelling(hearer.url) });
    for (const [no, label] of NEWS_LABELS.entries()) {
      const letter = TWELVE_REQUESTS[no];
      await dieAt(scene, label, () => (letter === undefined ? hurry(scene) : scene.write(letter)));
    }
    // Once a day, and what was not finished is taken up before.
    await scene.db('desk_clock').update({ movable: true });
    for (const label of CONTEXT_LABELS)
      await dieAt(scene, label, () => moveClock(scene.db, { byMs: DAY_MS }));
    await buryTheDead(scene);
    await scene.serve();
    await hurry(scene);
    await scene.until('all news is told', async () => {
      const left = await scene.db('deliveries').select('id').whereNot({ status: 'delivered' }).first();
      return left === undefined && (await scene.db('deliveries').select('id').first());
    });
    const told = await scene.db('deliveries').select<{ id: string }[]>('id');
    expect(new Set(hearer.ids)).toEqual(new Set(told.map(({ id }) => id)));
    await scene.until('what the desk need not keep is erased', async () => {
      const open = await scene.db('own_context_runs').select('id').whereNull('finished_at').first();
      return open === undefined && (await scene.db('own_context_runs').select('id').first());
    });
    await untilTakenIn(scene, scene.written.length);
    await settleOutbox(scene);
    expect(await checkInvariants(scene, { mails: scene.written })).toEqual([]);
  });

  test('of a command that imports the directory leaves all of it or nothing', async () => {
    await using scene = await openScene(ground);
    const file = join(ground.folder, `${scene.name}-directory.json`);
    await writeFile(file, JSON.stringify(await directoryWithOneMore()));
    const importing = (CRASH_AT: string) =>
      runCommand({ ...scene.settings, CRASH_AT }, 'directory', 'import', file);
    const isThere = async () =>
      (await scene.db('workspaces').select('id').where({ id: 'OneMore001' }).first()) !== undefined;
    expect((await importing('directory.importing')).code).toBeNull();
    expect(await isThere()).toBe(false);
    expect((await importing('directory.imported')).code).toBeNull();
    expect(await isThere()).toBe(true);
    expect(await scene.command('directory', 'import', file)).toMatchObject({ code: 0 });
    injected('F01', 2);
  });
});

/**
 * Has the first desk live until a ticket is in its grace, and die once the grace is over, and the others after it.
 * @param begin - brings a ticket into its grace with a plan, and says its number
 */
async function dieLater(
  scene: Scene,
  labels: readonly CrashLabel[],
  begin: () => Promise<number>,
): Promise<number> {
  let ticket = 0;
  for (const label of labels) {
    await dieAt(scene, label, async () => {
      if (ticket !== 0) return hurry(scene);
      ticket = await begin();
      return passGrace(scene, ticket);
    });
  }
  return ticket;
}

/** Lets a desk live, and looks at everything that it leaves. */
async function expectPurged(
  scene: Scene,
  {
    ticket,
    request,
    before,
  }: { readonly ticket: number; readonly request: string; readonly before: Checksums },
): Promise<void> {
  await buryTheDead(scene);
  await scene.serve();
  await hurry(scene);
  await settleOutbox(scene);
  await untilCompleted(scene, ticket);
  await expectTakenInOnce(scene, [request]);
  expectAnsweredOnce(scene, [request]);
  await expectOnlyAdasRowsGone(scene, before);
  expect(await checkInvariants(scene, { mails: scene.written })).toEqual([]);
}

const DAY_MS = 86_400_000;

/** As the button of the page does, once Ada was asked and nothing is under way that the kill would leave uncertain. */
async function confirmOnPage(scene: Scene, desk: DeskProcess, request: string): Promise<void> {
  const asked = await scene.until('Ada is asked for a code', async () =>
    scene.inboxOf('ada').find((mail) => mail.inReplyTo === request && mail.template === 'verify_request'),
  );
  await untilNothingPends(scene);
  const path = /\/c\/[\w-]+/.exec(asked.text)?.[0] ?? '';
  const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(desk.output())?.[1];
  await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    body: new URLSearchParams({ code: codeIn(asked) }),
    redirect: 'manual',
  });
}

/** Waits for the plan of the only ticket. @returns its number */
async function untilPlanned({ db, until }: Scene): Promise<number> {
  const ticket = await until('the ticket has a plan', async () =>
    db('tickets').select<{ id: number }[]>('id').where({ state: 'grace' }).whereNotNull('plan_hash').first(),
  );
  return ticket.id;
}

async function stateOf(scene: Scene): Promise<string | undefined> {
  return (await scene.db('tickets').select<{ state: string }[]>('state').first())?.state;
}

/** Takes webhooks and keeps their ids. */
async function startHearer(): Promise<AsyncDisposable & { readonly url: string; readonly ids: string[] }> {
  const ids: string[] = [];
  const server = createServer((request, response) => {
    ids.push(String(request.headers['webhook-id']));
    request.resume();
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    ids,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The ground's configuration, and a webhook. */
async function configTelling(url: string): Promise<string> {
  const file = join(ground.folder, 'telling.yaml');
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const common = await readFile(ground.settings.PURGEDESK_CONFIG ?? '', 'utf8');
  await writeFile(file, `${common}\nwebhooks:\n  - name: hearer\n    url: ${url}\n    secret: ${secret}\n`);
  return file;
}

async function directoryWithOneMore(): Promise<object> {
  const { workspaces } = JSON.parse(await readFile(join(ground.folder, 'directory.json'), 'utf8')) as {
    readonly workspaces: readonly object[];
  };
  const one = {
    ...workspaces[0],
    id: 'OneMore001',
    slug: 'one-more',
    name: 'One More',
    sources: [],
    spaces: [],
    projects: [],
  };
  return { workspaces: [...workspaces, one] };
}
