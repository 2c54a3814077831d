/** A mail server that answers wrongly, refuses, or numbers its mails anew. */
import { describe, expect, test } from 'vitest';
import type { FetchedMail, MailboxPorts } from '../../src/ingest/mailbox-ports.ts';
import { byForm } from './form.ts';
import { accountAt, mail, mails, openInbox, sha, shas } from './imap/inbox.ts';
import {
  CAPABILITIES,
  fetched,
  matching,
  type Script,
  type ScriptedServer,
  startScriptedServer,
  type Talk,
} from './imap/scripted-server.ts';
import { injected } from './tally.ts';

/** A server that holds a command back for ever is waited for so long. */
const IMPATIENT = { limits: { commandMs: 1_000, openMs: 1_500, withholdMs: 0 } };
const isSourceFetch = (talk: Talk) => talk.command === 'UID FETCH' && talk.rest.includes('BODY.PEEK');

type Lie = (talk: Talk, server: ScriptedServer) => void;

/** What a server may say instead of a right answer to a FETCH of sources. */
const LIES: Readonly<Record<string, Lie>> = {
  'a literal longer than announced': resized(-9),
  'a literal shorter than announced': resized(9),
  'a literal far longer than announced': resized(-200),
  'a literal announced without an end': (talk) =>
    talk.send('* 1 FETCH (UID 1 BODY[] {99999999999}\r\nFrom: '),
  'NIL for a source': answering((_talk, _server, found) => `* 1 FETCH (UID ${found.uid} BODY[] NIL)\r\n`),
  'an empty source': answering((_talk, _server, found) => `* 1 FETCH (UID ${found.uid} BODY[] {0}\r\n)\r\n`),
  'no FETCH response at all': (talk) => talk.ok(),
  'the same mail twice': answering((talk, server, found) => [
    fetched(talk, server, found),
    fetched(talk, server, found),
  ]),
  'a UID that nobody asked for': answering((talk, server, found) => [
    '* 99 FETCH (UID 4000000 BODY[] {3}\r\nabc)\r\n',
    fetched(talk, server, found),
  ]),
  'noise between the mails': answering((talk, server, found) => [
    '* OK still here\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* OK [ALERT] the disk is full\r\n* FLAGS (\\Seen)\r\n',
    fetched(talk, server, found),
    '* 3 RECENT\r\n* VANISHED 77\r\n* BOGUS )(\r\n',
  ]),
  'bytes that are no protocol': (talk) =>
    talk.send(Buffer.from([0, 255, 13, 10, 40, 41, 41, 13, 10, 123, 13, 10])),
  NO: (talk) => talk.no('not now'),
  'NO [SERVERBUG]': (talk) => talk.no('[SERVERBUG] internal error'),
  BAD: (talk) => talk.send(`${talk.tag} BAD what\r\n`),
  'OK for another command': (talk) => talk.send('zzz OK done\r\n'),
  'a BYE': (talk) => {
    talk.send('* BYE maintenance\r\n');
    talk.drop();
  },
  'a BYE in the middle of a mail': (talk, server) => {
    const [first] = matching(talk.rest, server);
    if (first !== undefined) talk.send(fetched(talk, server, first).subarray(0, 120));
    talk.send('* BYE maintenance\r\n');
    talk.drop();
  },
  'the end of the connection': (talk) => talk.drop(),
  silence: () => undefined,
};

/** The first mail is announced as so many bytes longer than it is. */
function resized(by: number): Lie {
  return answering((talk, server, found) => {
    const right = fetched(talk, server, found).toString('latin1');
    return Buffer.from(right.replace(`{${found.raw.length}}`, `{${found.raw.length + by}}`), 'latin1');
  });
}

/** The lie is about the first mail, the others come as they are. */
function answering(
  say: (
    talk: Talk,
    server: ScriptedServer,
    first: ScriptedServer['mails'][number],
  ) => string | Buffer | (string | Buffer)[],
): Lie {
  return (talk, server) => {
    const [first, ...others] = matching(talk.rest, server);
    if (first !== undefined) for (const part of [say(talk, server, first)].flat()) talk.send(part);
    for (const other of others) talk.send(fetched(talk, server, other));
    talk.ok();
  };
}

/** Every mail of the set is answered so. */
function saying(source: string): Lie {
  return (talk, server) => {
    for (const { uid } of matching(talk.rest, server)) {
      const number = server.mails.findIndex((found) => found.uid === uid) + 1;
      talk.send(`* ${number} FETCH (UID ${uid} BODY[] ${source})\r\n`);
    }
    talk.ok();
  };
}

describe('F10 a server that answers wrongly', () => {
  test('once to each FETCH: every mail is taken in whole, and once', async () => {
    await using server = await startScriptedServer();
    await using inbox = await openInbox();
    const sent: Buffer[] = [];
    for (const [name, lie] of Object.entries(LIES)) {
      for (const raw of mails(sent.length + 1, sent.length + 4)) {
        sent.push(raw);
        server.add(raw);
      }
      let told = 0;
      server.script = (talk) => {
        if (!isSourceFetch(talk) || told > 0) return false;
        told += 1;
        lie(talk, server);
        return true;
      };
      await inbox.watch(accountAt(server.url), IMPATIENT);
      await inbox.untilTakenIn(sent.length);
      expect.soft(await inbox.stored(), name).toEqual(shas(sent));
      injected('F10', told);
    }
    expect(server.mails).toEqual([]);
  });

  test('to a search, a move and a flag: no mail is lost', async () => {
    await using server = await startScriptedServer();
    await using inbox = await openInbox();
    const sent: Buffer[] = [];
    const wrong: ((talk: Talk) => void)[] = [
      (talk) => talk.no('[UNAVAILABLE] not now'),
      (talk) => talk.send('* SEARCH 1 2 0 -4 99999999999 x\r\n* SEARCH (MODSEQ\r\n'),
      (talk) => talk.drop(),
      (talk) => {
        talk.send('* BYE maintenance\r\n');
        talk.drop();
      },
      () => undefined,
      (talk) => talk.ok(),
    ];
    for (const command of ['UID SEARCH', 'UID MOVE', 'SELECT', 'LOGIN', 'CREATE']) {
      for (const lie of wrong) {
        sent.push(mail(sent.length + 1));
        server.add(sent.at(-1)!);
        let told = 0;
        server.script = (talk) => {
          if (talk.command !== command || told > 0) return false;
          told += 1;
          lie(talk);
          return true;
        };
        await inbox.watch(accountAt(server.url, { pollSeconds: 1 }), {
          limits: { ...IMPATIENT.limits, reopenMs: 50 },
        });
        await inbox.untilTakenIn(sent.length);
        injected('F10', told);
      }
    }
    expect(await inbox.stored()).toEqual(shas(sent));
  });
});

describe('F10 one mail that the server never gives', () => {
  const culprit = 37;
  const about = (talk: Talk, server: ScriptedServer) =>
    isSourceFetch(talk) && matching(talk.rest, server).some(({ uid }) => uid === culprit);

  test.each<{ title: string; lie: Lie }>([
    { title: 'because the connection ends each time', lie: (talk) => talk.drop() },
    { title: 'because it refuses each time', lie: (talk) => talk.no('[SERVERBUG] cannot read it') },
    { title: 'because it says nothing each time', lie: () => undefined },
    { title: 'although it says OK each time', lie: (talk) => talk.ok() },
    { title: 'but NIL each time', lie: saying('NIL') },
    { title: 'but an empty string each time', lie: saying('""') },
  ])('$title is taken in empty at last, and does not block the others', async ({ lie }) => {
    await using server = await startScriptedServer(mails(1, 60));
    await using inbox = await openInbox();
    let lies = 0;
    server.script = (talk) => {
      if (!about(talk, server)) return false;
      lies += 1;
      // Others of the same FETCH come, as far as the server gets.
      lie(talk, server);
      return true;
    };
    await inbox.watch(accountAt(server.url), { limits: { ...IMPATIENT.limits, commandMs: 300 } });
    await inbox.untilTakenIn(60);
    injected('F10', lies);
    const others = mails(1, 60).filter((_, index) => index + 1 !== culprit);
    expect(await inbox.stored()).toEqual([...shas(others), sha(Buffer.alloc(0))].sort());
    expect(inbox.logged('"withheld":1')).toBe(1);
    expect(server.mails).toEqual([]);
    // What comes later is read as ever.
    server.add(mail(61));
    server.announce('* 1 EXISTS');
    await inbox.untilTakenIn(61);
  });

  test('is not given up while the server gives no mail at all', async () => {
    await using server = await startScriptedServer(mails(1, 6));
    await using inbox = await openInbox();
    const tries = byForm({ short: 40, long: 400 });
    let lies = 0;
    const outage: Script = (talk) => {
      if (!isSourceFetch(talk) || lies >= tries) return false;
      lies += 1;
      if (lies % 3 === 0) talk.drop();
      else if (lies % 3 === 1) talk.no('[SERVERBUG] no storage');
      else talk.ok();
      return true;
    };
    server.script = outage;
    await inbox.watch(accountAt(server.url), IMPATIENT);
    await inbox.untilTakenIn(6);
    injected('F10', lies);
    expect(lies).toBe(tries);
    expect(await inbox.stored()).toEqual(shas(mails(1, 6)));
  });
});

describe('F18 a mail without a byte', () => {
  test('is taken in as it is, among others and alone', async () => {
    await using server = await startScriptedServer([mail(1), Buffer.alloc(0), mail(2)]);
    await using inbox = await openInbox();
    await inbox.watch(accountAt(server.url, { pollSeconds: 1 }));
    await inbox.untilTakenIn(3);
    server.add(mail(3));
    server.announce('* 1 EXISTS');
    await inbox.untilTakenIn(4);
    server.add(Buffer.alloc(0));
    server.announce('* 1 EXISTS');
    await inbox.untilTakenIn(5);
    injected('F18', 2);
    expect(await inbox.stored()).toEqual(shas([...mails(1, 3), Buffer.alloc(0), Buffer.alloc(0)]));
    expect(inbox.logged('"withheld":1')).toBe(0);
  });
});

describe('F10 an outage of the storage behind a server', () => {
  test.each<{ title: string; lie: Lie; sizeless?: boolean }>([
    { title: 'NO', lie: (talk) => talk.no('[SERVERBUG] no storage') },
    { title: 'NIL', lie: saying('NIL') },
    { title: 'an empty string', lie: saying('""') },
    { title: 'an empty literal', lie: saying('{0}\r\n') },
    { title: 'an empty literal and a size of 0', lie: saying('{0}\r\n'), sizeless: true },
  ])(
    'that answers each FETCH of a source with $title, in every folder: no mail is skipped or emptied',
    async ({ lie, sizeless }) => {
      await using server = await startScriptedServer(mails(1, 3));
      await using inbox = await openInbox();
      await inbox.watch(accountAt(server.url, { pollSeconds: 1 }), IMPATIENT);
      await inbox.untilTakenIn(3);
      let lies = 0;
      server.script = (talk) => {
        if (!/^(UID )?FETCH$/.test(talk.command)) return false;
        if (!talk.rest.includes('BODY.PEEK')) {
          if (sizeless !== true) return false;
          for (const found of matching(talk.rest, server))
            talk.send(
              fetched(talk, server, found)
                .toString()
                .replace(/RFC822.SIZE \d+/, 'RFC822.SIZE 0'),
            );
          talk.ok();
          return true;
        }
        lies += 1;
        lie(talk, server);
        return true;
      };
      for (const raw of mails(4, 6)) server.add(raw);
      server.announce('* 3 EXISTS');
      await inbox.until('it was asked often', async () => lies >= 12);
      server.script = () => false;
      await inbox.untilTakenIn(6);
      injected('F10', lies);
      expect(await inbox.stored()).toEqual(shas(mails(1, 6)));
      expect(server.mails).toEqual([]);
    },
  );
});

describe('F10 one mail of many that is refused or cannot be stored', () => {
  test('a large one, which is asked for alone within its range, is set aside and not asked for without a pause', async () => {
    const large = Buffer.concat([mail(1), Buffer.alloc(9 * 1_024 * 1_024, 'x\r\n')]);
    await using server = await startScriptedServer([large, ...mails(2, 5)]);
    await using inbox = await openInbox();
    let refused = 0;
    server.script = (talk) => {
      if (!isSourceFetch(talk) || !matching(talk.rest, server).some(({ uid }) => uid === 1)) return false;
      refused += 1;
      talk.no('[SERVERBUG] cannot read it');
      return true;
    };
    await inbox.watch(accountAt(server.url), IMPATIENT);
    await inbox.untilTakenIn(5);
    injected('F10', refused);
    expect(await inbox.stored()).toEqual([...shas(mails(2, 5)), sha(Buffer.alloc(0))].sort());
    expect(refused).toBeLessThan(20);
  });

  test('one that arrived in a year that PostgreSQL does not read is taken in whole', async () => {
    const dates = ['01-Jan-0001 00:00:00 +0000', '31-Dec-9999 23:59:59 -0100', '01-Jan-0000 00:00:00 +0000'];
    await using server = await startScriptedServer(mails(1, 4));
    await using inbox = await openInbox();
    server.script = (talk) => {
      if (talk.command !== 'UID FETCH' || !talk.rest.includes('INTERNALDATE')) return false;
      for (const found of matching(talk.rest, server)) {
        const right = fetched(talk, server, found).toString('latin1');
        talk.send(right.replace('01-Nov-2026 10:00:00 +0000', dates[found.uid - 1] ?? '$&'));
      }
      talk.ok();
      return true;
    };
    await inbox.watch(accountAt(server.url));
    await inbox.untilTakenIn(4);
    injected('F10', dates.length);
    expect(await inbox.stored()).toEqual(shas(mails(1, 4)));
  });

  // A size beyond PostgreSQL's bigint (22003) stands for whatever it may refuse.
  const refusing = (ports: MailboxPorts, isRefused: (found: FetchedMail) => boolean): MailboxPorts => ({
    ...ports,
    commit: ({ mails: all, ...batch }) =>
      ports.commit({
        ...batch,
        mails: all.map((found) => (isRefused(found) ? { ...found, sizeBytes: 2 ** 70 } : found)),
      }),
  });

  test('one that the database refuses for its data is narrowed down and taken in empty; the others are whole', async () => {
    await using server = await startScriptedServer(mails(1, 20));
    await using inbox = await openInbox();
    let refused = 0;
    const ports = refusing(inbox.ports, ({ uid, raw }) => {
      if (uid !== 7 || raw.length === 0) return false;
      refused += 1;
      return true;
    });
    await inbox.watch(accountAt(server.url), { ...IMPATIENT, ports });
    await inbox.untilTakenIn(20);
    injected('F10', refused);
    const others = mails(1, 20).filter((_, index) => index + 1 !== 7);
    expect(await inbox.stored()).toEqual([...shas(others), sha(Buffer.alloc(0))].sort());
    expect(server.mails).toEqual([]);
  });

  test('is not given up while the database refuses every mail', async () => {
    await using server = await startScriptedServer(mails(1, 3));
    await using inbox = await openInbox();
    let refused = 0;
    const ports = refusing(inbox.ports, ({ raw }) => {
      if (raw.length === 0 || refused >= 40) return false;
      refused += 1;
      return true;
    });
    await inbox.watch(accountAt(server.url), { ...IMPATIENT, ports });
    await inbox.untilTakenIn(3);
    injected('F10', refused);
    expect(await inbox.stored()).toEqual(shas(mails(1, 3)));
  });
});

describe('F11 UIDVALIDITY', () => {
  test('of a folder that was empty when it was opened: its first mail is no sign that numbers are given again', async () => {
    await using server = await startScriptedServer();
    await using inbox = await openInbox();
    let came = 0;
    server.script = (talk) => {
      if (talk.command === 'UID SEARCH' && came++ === 0) server.add(mail(1));
      return false;
    };
    await inbox.watch(accountAt(server.url, { pollSeconds: 1 }));
    await inbox.untilTakenIn(1);
    server.add(mail(2));
    server.announce('* 1 EXISTS');
    await inbox.untilTakenIn(2);
    expect(inbox.logged('counts from below')).toBe(0);
  });

  test.each([
    { title: 'at once', newcomers: 1 },
    { title: 'late, when it has given more numbers than before', newcomers: 4 },
  ])(
    'that stays after a restore while a mail is owed, noticed $title: its numbers hide no mail',
    async ({ newcomers }) => {
      await using server = await startScriptedServer(mails(1, 8));
      await using inbox = await openInbox();
      const outage: Script = (talk) => {
        if (!isSourceFetch(talk) || !matching(talk.rest, server).some(({ uid }) => uid === 5)) return false;
        talk.no('[SERVERBUG] cannot read it');
        return true;
      };
      server.script = outage;
      const patient = { limits: { ...IMPATIENT.limits, withholdMs: 600_000 } };
      await inbox.watch(accountAt(server.url, { pollSeconds: 1 }), patient);
      await inbox.until('only the owed one is left', async () => server.mails.length === 1);
      await inbox.until('the others are marked', async () => (await inbox.unmoved()) === 0);
      // As it was after the fifth mail; then others come under the numbers 6, 7, …
      server.lastUid = 5;
      const late = mails(20, 19 + newcomers);
      for (const raw of late) server.add(raw);
      server.announce('* BYE restored');
      await inbox.until('the late ones are there', async () => server.mails.length === 1);
      server.script = () => false;
      await inbox.untilTakenIn(8 + newcomers);
      injected('F11');
      expect(await inbox.stored()).toEqual(shas([...mails(1, 8), ...late]));
    },
  );

  test('that changes to higher, lower, none and 0, also while connected: all is read anew, nothing twice', async () => {
    await using server = await startScriptedServer(mails(1, 8));
    await using inbox = await openInbox();
    const sent = mails(1, 8);
    await inbox.watch(accountAt(server.url, { pollSeconds: 1 }), { limits: { reopenMs: 50 } });
    await inbox.untilTakenIn(8);
    for (const validity of ['9', '3', '0', null, '0', '4294967295', '7']) {
      // The folder as it comes back from a backup: what was moved is there again, and the numbers begin with 1.
      server.mails.push(...server.processed.splice(0));
      for (const raw of mails(sent.length + 1, sent.length + 2)) {
        sent.push(raw);
        server.add(raw);
      }
      server.mails.reverse().forEach((found, index) => {
        found.uid = index + 1;
      });
      server.lastUid = server.mails.length;
      server.uidValidity = validity;
      server.announce(`* ${server.mails.length} EXISTS`);
      await inbox.untilTakenIn(sent.length);
      await inbox.until('the folder is empty', async () => server.mails.length === 0);
      injected('F11');
    }
    expect(await inbox.stored()).toEqual(shas(sent));
  });

  test('that stays although the server was restored from a backup: numbers given a second time hide no mail', async () => {
    await using server = await startScriptedServer(mails(1, 9));
    await using inbox = await openInbox();
    await inbox.watch(accountAt(server.url, { pollSeconds: 1 }), { limits: { reopenMs: 50 } });
    await inbox.untilTakenIn(9);
    // As it was after the fourth mail; then others come under the numbers of those that are lost.
    server.processed.splice(0);
    server.lastUid = 4;
    for (const raw of mails(10, 12)) server.add(raw);
    server.announce('* 3 EXISTS');
    await inbox.untilTakenIn(12);
    injected('F11');
    expect(await inbox.stored()).toEqual(shas(mails(1, 12)));
    expect(inbox.logged('counts from below')).toBe(1);
  });

  test('0 says that numbers hold for one session only: each session reads all that is there', async () => {
    await using server = await startScriptedServer();
    await using inbox = await openInbox();
    server.uidValidity = '0';
    server.capabilities = 'IMAP4rev1'; // nothing is moved, so all stays
    const sent: Buffer[] = [];
    for (let session = 1; session <= 4; session += 1) {
      sent.push(mail(session));
      server.mails.unshift({ uid: 0, raw: mail(session), flags: new Set() });
      server.mails.forEach((found, index) => {
        found.uid = index + 1;
      });
      await inbox.watch(accountAt(server.url));
      await inbox.untilTakenIn(session);
      injected('F11');
    }
    expect(await inbox.stored()).toEqual(shas(sent));
  });
});

describe('F14 a folder that takes no changes', () => {
  test.each([
    { title: 'opens read-only', refuse: [] as string[], readOnly: true },
    { title: 'may only be examined', refuse: ['SELECT'], readOnly: true },
    { title: 'refuses to move and to flag', refuse: ['UID MOVE', 'UID STORE'], readOnly: false },
  ])('and $title: each mail is taken in once, and people are told once', async ({ refuse, readOnly }) => {
    await using server = await startScriptedServer(mails(1, 3));
    await using inbox = await openInbox();
    server.readOnly = readOnly;
    let refused = 0;
    server.script = (talk) => {
      if (!refuse.includes(talk.command)) return false;
      refused += 1;
      talk.no('[NOPERM] no');
      return true;
    };
    await inbox.watch(accountAt(server.url), { limits: { reopenMs: 0 } });
    for (let count = 3; count <= 6; count += 1) {
      await inbox.until(`${count} are stored`, async () => (await inbox.stored()).length === count);
      server.add(mail(count + 1));
      server.announce(`* ${server.mails.length} EXISTS`);
      if (count === 4) server.announce('* BYE see you'); // a new session tells nobody again
    }
    await inbox.until('all are stored', async () => (await inbox.stored()).length === 7);
    injected('F14', refused + (readOnly ? 7 : 0));
    expect(await inbox.stored()).toEqual(shas(mails(1, 7)));
    expect(inbox.logged('neither moved nor flagged')).toBe(1);
    expect(await inbox.unmoved()).toBe(7);
    // Once it takes changes, all that was left is moved.
    server.script = () => false;
    server.readOnly = false;
    server.announce('* BYE see you');
    await inbox.untilTakenIn(7);
    expect(server.mails).toEqual([]);
  });
});

describe('F14 a server that can do little', () => {
  test.each([
    { title: 'no MOVE', lacks: 'MOVE' },
    { title: 'no UIDPLUS', lacks: 'UIDPLUS' },
    { title: 'no IDLE', lacks: 'IDLE' },
    { title: 'nothing but the base protocol', lacks: /(ID|UIDPLUS|MOVE|IDLE|NAMESPACE|UNSELECT)/g },
  ])('$title: mail is taken in once', async ({ lacks }) => {
    await using server = await startScriptedServer(mails(1, 3));
    await using inbox = await openInbox();
    server.capabilities = CAPABILITIES.replaceAll(lacks, '');
    await inbox.watch(accountAt(server.url, { pollSeconds: 1 }));
    await inbox.untilTakenIn(3);
    server.add(mail(4)); // announced to nobody
    await inbox.untilTakenIn(4);
    expect(await inbox.stored()).toEqual(shas(mails(1, 4)));
    const flagged = server.mails.map((found) => found.flags.has('stored'));
    expect(flagged).toEqual(server.capabilities.includes('MOVE') ? [] : Array(4).fill(true));
  });
});
