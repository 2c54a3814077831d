import { describe, expect, test } from 'vitest';
import { STATES } from '../../src/domain/ticket.ts';
import { challenge, consoleFor, fakeDesk, faultsOf, line, overview, TOKEN } from './desk.ts';

describe('the front door', () => {
  test('says first what agents should know, and shows nothing where there is nothing', async () => {
    const notices = ['Too many mails in an hour <b>: the desk is silent.'];
    const page = await (await consoleFor(fakeDesk({ overview: overview({ notices }) }))).inject('/');
    expect(page.body).toContain('role="status">Too many mails in an hour &lt;b&gt;: the desk is silent.</p>');
    const calm = await (await consoleFor(fakeDesk({ overview: overview() }))).inject('/');
    expect(calm.body).not.toContain('role="status"');
  });

  test('outside the sandbox says that the desk is running and nothing else', async () => {
    const page = await (await consoleFor(fakeDesk())).inject('/');
    expect(page.statusCode).toBe(200);
    expect(faultsOf(page.body)).toEqual([]);
    expect(page.body).toContain('The desk is running');
    expect(page.body).not.toMatch(/refresh|@|sandbox|href="\?/);
  });

  test('of the sandbox shows tickets, mails, people and what to try, and looks again every five seconds', async () => {
    const page = await (await consoleFor(fakeDesk({ overview: overview() }))).inject('/');
    expect(faultsOf(page.body)).toEqual([]);
    for (const words of [
      'privacy@desk.example.org',
      'Sunday 22 November 2026, 09:16 UTC',
      '<span class="badge wait">needs details</span>',
      'on hold: doubtful cancel',
      'Ada is asked for a time frame.',
      'asked by ada@acme.example.org',
      'Please delete',
      '22 November, 09:15',
      'npx purgedesk sandbox send --as ada@acme.example.org',
      '<meta http-equiv="refresh" content="5">',
      '<a href="?live=off">Pause</a>',
    ]) {
      expect(page.body).toContain(words);
    }
  });

  test('stands still for whoever pauses it', async () => {
    const page = await (await consoleFor(fakeDesk({ overview: overview() }))).inject('/?live=off');
    expect(faultsOf(page.body)).toEqual([]);
    expect(page.body).not.toContain('http-equiv="refresh"');
    expect(page.body).toContain('<a href="?live=on">Go live</a>');
  });

  test('says what will appear where there is nothing yet', async () => {
    const empty = overview({ tickets: [], mails: [] });
    const page = await (await consoleFor(fakeDesk({ overview: empty }))).inject('/');
    expect(faultsOf(page.body)).toEqual([]);
    expect(page.body).toContain('No ticket yet.');
    expect(page.body).toContain('No mail yet.');
  });

  test.each(STATES)('shows how far a ticket is when it is %s', async (state) => {
    const [ticket] = overview().tickets;
    if (ticket === undefined) throw new Error('the sample has no ticket');
    const one = overview({ tickets: [{ ...ticket, state }] });
    const { body } = await (await consoleFor(fakeDesk({ overview: one }))).inject('/');
    expect(faultsOf(body)).toEqual([]);
    expect(body).toContain(`>${state.replace('_', ' ')}</span>`);
    const now = /aria-current="step">(\w+)</.exec(body)?.[1] ?? null;
    expect(now).toBe(NOW[state]);
    expect(body.includes('class="steps"')).toBe(!['cancelled', 'rejected', 'expired'].includes(state));
  });

  test('shows a bounded part of long lists and says how much is left', async () => {
    const [ticket] = overview().tickets;
    const [mail] = overview().mails;
    if (ticket === undefined || mail === undefined) throw new Error('the sample is empty');
    const long = overview({ tickets: Array(53).fill(ticket), mails: Array(1_000).fill(mail) });
    const { body } = await (await consoleFor(fakeDesk({ overview: long }))).inject('/');
    expect(body.match(/card ticket/g)).toHaveLength(50);
    expect(body).toContain('And 3 older.');
    expect(body).toContain('And 940 older.');
    expect(Buffer.byteLength(body)).toBeLessThan(150_000);
  });
});

describe('what others wrote', () => {
  const HOSTILE = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onfocus=alert(1) x='",
    '</title></head><svg onload=alert(1)>',
    '{{constructor}}{{{this}}}',
    '&lt;script&gt;',
    '<!-- --> <style>@import "//x"</style>',
    'javascript:alert(1)',
  ];

  test.each(
    HOSTILE.flatMap((words) => (['verify', 'cancel'] as const).map((purpose) => ({ words, purpose }))),
  )('W04 is text on every page ($purpose): $words', async ({ words, purpose }) => {
    const desk = fakeDesk({
      challenge: challenge({ purpose, tickets: [line(words, words)] }),
      overview: overview({
        deskAddress: words,
        people: [{ key: words, name: words, address: words, role: words, workspace: words }],
        tickets: [
          {
            reference: words,
            state: 'grace',
            sentence: words,
            holds: [words],
            requester: words,
            next: words,
          },
        ],
        mails: [
          { at: '2026-11-22T09:15:00.000Z', direction: 'in', who: words, what: words, disposition: words },
        ],
        commands: [{ title: words, command: words }],
        guide: [{ title: words, lead: words, isDone: false, person: words }],
        formField: words,
      }),
    });
    const app = await consoleFor(desk);
    for (const url of ['/', `/c/${TOKEN}`]) {
      const page = await app.inject(url);
      expect(page.statusCode).toBe(200);
      expect(faultsOf(page.body).filter((fault) => fault !== 'a value is missing')).toEqual([]);
      expect(page.body).not.toMatch(/<script|<svg|<style|onerror=alert\(1\)>|<!--/);
      expect(page.body).not.toMatch(/(?:href|src|action)="javascript/);
    }
  });

  test('cannot turn the reading direction or hide in control characters', async () => {
    const sentence = 'all data of “\u202egnitekraM\u202c”\u0000\u200b\u2066 (acme)\u0085';
    const app = await consoleFor(fakeDesk({ challenge: challenge({ tickets: [line('PD-1', sentence)] }) }));
    const { body } = await app.inject(`/c/${TOKEN}`);
    expect(body).toContain('All data of “gnitekraM” (acme)<');
  });
});

const NOW = {
  received: 'Read',
  needs_details: 'Read',
  verifying: 'Confirm',
  approval: 'Wait',
  grace: 'Wait',
  purging: 'Purge',
  completed: null,
  cancelled: null,
  rejected: null,
  expired: null,
} as const;
