import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { identityOf } from './assume.ts';
import { hmacStart } from './hmac-search.ts';
import { readOptions, UsageError } from './options.ts';
import { wantedTickets } from './wanted.ts';
import { zoneOf } from './zone.ts';

const untold = { deskAddress: null, trustedReceivedBy: null, trustedAuthservId: null };
const mail = (header: string) => ({ file: 'a.eml', raw: Buffer.from(`${header}\r\n\r\nbody\r\n`) });

describe('the zone file', () => {
  test('is taken in every shape that people write', () => {
    const records = {
      'a.example': {
        txt: ['v=spf1 -all', ['in ', 'two']],
        A: '192.0.2.1',
        MX: [{ exchange: 'mx1', priority: 5 }, { exchange: 'mx2', preference: 6 }, '7 mx3', 'mx4'],
        CNAME: ['b.example'],
      },
    };
    expect(zoneOf({ records, servfail: ['down.example'] }, 'zone.json')).toEqual({
      records: {
        'a.example': {
          TXT: ['v=spf1 -all', ['in ', 'two']],
          A: ['192.0.2.1'],
          MX: [
            { exchange: 'mx1', preference: 5 },
            { exchange: 'mx2', preference: 6 },
            { exchange: 'mx3', preference: 7 },
            { exchange: 'mx4', preference: 10 },
          ],
          CNAME: 'b.example',
        },
      },
      servfail: ['down.example'],
    });
  });

  test('is refused with the place of what is wrong', () => {
    expect(() => zoneOf({ records: { 'a.example': { A: [5] } } }, 'zone.json')).toThrow(/a\.example/);
  });
});

describe('who the desk is, when nobody says so', () => {
  test('is what most of the mails say, by their topmost hop', () => {
    const top = 'Received: from x by in.desk.test with ESMTPS\r\n for <help+PD-1@desk.test>; Mon, 2 Mar 2026';
    const below = 'Received: from y by elsewhere.test for <victim@elsewhere.test>';
    const mails = [mail(`${top}\r\n${below}`), mail(top), mail(`${below}\r\nTo: victim@elsewhere.test`)];
    expect(identityOf(untold, mails).identity).toMatchObject({
      deskAddress: 'help@desk.test',
      trustedReceivedBy: 'in.desk.test',
    });
  });

  test('is the well-known desk without any such mail, and what is told stands', () => {
    expect(identityOf(untold, [mail('X: y')]).identity).toMatchObject({
      deskAddress: 'support@purgedesk.example',
      trustedReceivedBy: 'in.purgedesk.example',
    });
    const told = identityOf({ ...untold, deskAddress: 'a@b.test' }, [mail('To: c@d.test')]);
    expect(told.identity.deskAddress).toBe('a@b.test');
  });
});

describe('the state file', () => {
  const ticket = {
    reference: 'PD-1042',
    state: 'verifying',
    requester: 'Ada@Acme.example',
    workspace: 'acme',
  };

  test('is a list, or an object with one', () => {
    const read = wantedTickets([{ ...ticket, code: 7 }], 'state.json');
    expect(read).toEqual(
      wantedTickets({ tickets: [{ ...ticket, reference: 1042, code: '000007' }] }, 'state.json'),
    );
    expect(read).toMatchObject([
      { reference: 1042, requester: 'ada@acme.example', workspace: ['acme'], code: '000007' },
    ]);
  });

  test.each([
    {
      title: 'a state that is none',
      tickets: [{ ...ticket, state: 'deleted' }],
      says: /state is not one of/,
    },
    { title: 'a code of five letters', tickets: [{ ...ticket, code: 'abcde' }], says: /six digits/ },
    { title: 'one reference twice', tickets: [ticket, ticket], says: /PD-1042 is listed twice/ },
  ])('$title is refused in plain words', ({ tickets, says }) => {
    expect(() => wantedTickets(tickets, 'state.json')).toThrow(UsageError);
    expect(() => wantedTickets(tickets, 'state.json')).toThrow(says);
  });
});

describe('the search for a challenge with a known code', () => {
  test('tries the true HMAC', () => {
    for (const text of ['', 'a', 'code\0', 'x'.repeat(55)]) {
      for (const key of [randomBytes(1), randomBytes(32), randomBytes(64)]) {
        const wanted = createHmac('sha256', key).update(text).digest().readUIntBE(0, 6);
        expect(hmacStart(key)(Buffer.from(text))).toBe(wanted);
      }
    }
  });
});

describe('the clock', () => {
  const at = (clock: string) =>
    readOptions(
      ['--mails', 'm', '--directory', 'd', '--zone', 'z', '--clock', clock],
      {},
    ).clock.toISOString();

  test.each([
    ['2026-03-02T09:00:00Z', '2026-03-02T09:00:00.000Z'],
    ['2026-03-02T09:00:00+02:00', '2026-03-02T07:00:00.000Z'],
    ['2026-03-02T09:00:00', '2026-03-02T09:00:00.000Z'],
    ['2026-03-02', '2026-03-02T00:00:00.000Z'],
  ])('%s is %s', (given, wanted) => {
    expect(at(given)).toBe(wanted);
  });
});
