/** Connections to a real Dovecot that end anywhere, and other clients in the same mailbox. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROCESSED_KEYWORD } from '../../src/ingest/mailbox.ts';
import type { MailboxPorts } from '../../src/ingest/mailbox-ports.ts';
import { type Dovecot, startDovecot } from '../flow/dovecot.ts';
import { byForm } from './form.ts';
import { accountAt, mails, openInbox, shas } from './imap/inbox.ts';
import { signIn } from './imap/person.ts';
import { injected } from './tally.ts';
import { type Fault, startTcpProxy } from './tcp-proxy.ts';

let folder: string;
let dovecot: Dovecot;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purgedesk-imap-'));
  await chmod(folder, 0o711); // as root Dovecot opens mail under another account
  dovecot = await startDovecot(folder);
});
afterAll(async () => {
  await dovecot?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('F09 a connection that is cut anywhere', () => {
  test('loses no mail, stores none in part and none twice', async () => {
    await using inbox = await openInbox();
    const url = await dovecot.addUser('cut');
    await using proxy = await startTcpProxy({ target: { port: Number(new URL(url).port) } });
    const sent: Buffer[] = [];
    await inbox.watch({ ...accountAt(url), port: proxy.port });
    const faults = cutsEverywhere();
    let replaced = 0;
    for (let at = 0; at < faults.length; at += CUTS_AT_ONCE) {
      const batch = faults.slice(at, at + CUTS_AT_ONCE);
      proxy.next(...batch);
      proxy.sever(); // whoever is connected now has no fault
      const soFar = proxy.cuts() + batch.length;
      // Mail keeps coming, so that each connection has something to carry until it is cut.
      await inbox.until(`${soFar} connections are cut`, async () => {
        for (const raw of proxy.cuts() < soFar ? mails(sent.length + 1, sent.length + 3) : []) {
          sent.push(raw);
          await dovecot.deliver('cut', raw);
        }
        // One that ended otherwise took its fault along; the one in its place has none.
        const lost = proxy.passages().filter(({ ended }) => ended !== null && ended !== 'cut').length;
        for (; replaced < lost; replaced += 1) proxy.sever();
        return proxy.cuts() >= soFar;
      });
    }
    injected('F09', proxy.cuts());
    await inbox.untilTakenIn(sent.length);
    expect(await inbox.stored()).toEqual(shas(sent));
    expect(shas(await dovecot.mails('cut', 'Processed'))).toEqual(shas(sent));
    expect(await dovecot.mails('cut', 'INBOX')).toEqual([]);
  });
});

const CUTS_AT_ONCE = 100;

/** Byte by byte through greeting, login and commands, in wider steps through the mails; from both sides. */
function cutsEverywhere(): Fault[] {
  const steps = (from: number, to: number, step: number) =>
    Array.from({ length: Math.floor((to - from) / step) }, (_, index) => from + index * step);
  const answers = [
    ...steps(1, 2_400, byForm({ short: 30, long: 1 })),
    ...steps(2_400, 24_000, byForm({ short: 200, long: 40 })),
  ];
  const commands = steps(1, 900, byForm({ short: 20, long: 1 }));
  return [
    ...answers.map((bytes, index): Fault => ({ cutAfter: { toClient: bytes }, reset: index % 4 === 3 })),
    ...commands.map((bytes): Fault => ({ cutAfter: { toServer: bytes } })),
  ];
}

describe('F12 a person who moves and deletes mails while the desk reads them', () => {
  test('stops nothing: what the person left is taken in, whole and once', async () => {
    await using inbox = await openInbox();
    const url = await dovecot.addUser('tidied');
    const sent = mails(1, 260);
    for (const raw of sent) await dovecot.deliver('tidied', raw);
    const person = await signIn(url);
    await person.mailboxCreate('Elsewhere');
    let removed = 0;
    const tidy = async () => {
      const found = await person.search({ all: true }, { uid: true });
      const victims = (found || []).filter((_, index) => index % 7 === 0).slice(0, 6);
      if (victims.length === 0) return;
      removed += victims.length;
      await person.messageDelete(victims.slice(0, 3).join(','), { uid: true });
      if (victims.length > 3)
        await person.messageMove(victims.slice(3).join(','), 'Elsewhere', { uid: true });
    };
    // Between search and fetch, between fetch and commit, between commit and move.
    await inbox.watch(accountAt(url), { ports: around(inbox.ports, tidy) });
    // One whose move the person got in the way of again and again is flagged where it is.
    await inbox.until('every mail is moved or flagged', async () => {
      const left = await person.search({ unKeyword: PROCESSED_KEYWORD }, { uid: true });
      return Array.isArray(left) && left.length === 0;
    });
    await inbox.until('nothing waits to be moved', async () => (await inbox.unmoved()) === 0);
    await person.logout();
    injected('F12', removed);
    expect(removed).toBeGreaterThan(6);
    const stored = await inbox.stored();
    expect(new Set(stored).size).toBe(stored.length);
    expect(shas(sent)).toEqual(expect.arrayContaining([...stored]));
    expect(stored.length).toBeGreaterThanOrEqual(sent.length - removed);
    expect(inbox.logged('PD_MAILBOX')).toBe(0);
  });
});

const around = (ports: MailboxPorts, tidy: () => Promise<void>): MailboxPorts => ({
  ...ports,
  cursor: async () => {
    await tidy();
    return ports.cursor();
  },
  commit: async (batch) => {
    await tidy();
    await ports.commit(batch);
    await tidy();
  },
});

describe('F13 mails that another client has marked as read', () => {
  test('are taken in like any other', async () => {
    await using inbox = await openInbox();
    const url = await dovecot.addUser('seen');
    const sent = mails(1, 20);
    for (const raw of sent) await dovecot.deliver('seen', raw);
    const person = await signIn(url);
    await person.messageFlagsAdd('1:*', ['\\Seen'], { uid: true });
    await inbox.watch(accountAt(url));
    await inbox.untilTakenIn(20);
    // Also while the desk is there.
    const late = mails(21, 22);
    for (const raw of late) await dovecot.deliver('seen', raw);
    await person.noop();
    await person.messageFlagsAdd('1:*', ['\\Seen'], { uid: true }).catch(() => undefined);
    await person.logout();
    await inbox.untilTakenIn(22);
    injected('F13', 22);
    expect(await inbox.stored()).toEqual(shas([...sent, ...late]));
  });
});
