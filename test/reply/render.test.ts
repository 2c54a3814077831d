import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PurgedeskError } from '../../src/domain/errors.ts';
import { type MailFacts, TEMPLATES } from '../../src/domain/mail-facts.ts';
import { SCOPES } from '../../src/domain/request.ts';
import { loadTemplates, render } from '../../src/reply/render.ts';
import {
  acme,
  desk,
  mailFacts,
  mixedReceipt,
  receiptFor,
  secrets,
  targetOf,
  ticketFacts,
  withTicket,
} from './facts.ts';

const DIR = new URL('../../templates', import.meta.url).pathname;
const templates = loadTemplates(DIR);

/** Both parts as one line each, so that folding and tags do not matter to the words. */
function words(facts: MailFacts): { text: string; html: string } {
  const mail = render(templates, facts, desk, secrets);
  const html = mail.html
    .replace(/<style>[\s\S]*<\/style>/, '')
    .replace(/<[^>]+>/g, '')
    .replace(/&(ldquo|rdquo);/g, '"')
    .replace(/&#x27;/g, "'");
  return { text: mail.text.replace(/\s+/g, ' '), html: html.replace(/\s+/g, ' ') };
}

function expectBoth(facts: MailFacts, ...phrases: readonly string[]): void {
  const said = words(facts);
  for (const phrase of phrases) {
    expect(said.text).toContain(phrase);
    expect(said.html).toContain(phrase);
  }
}

const GRACE_END = 'Saturday 28 November 2026, 00:00 UTC';
const DUE = 'Tuesday 22 December 2026, 09:15 UTC';

describe('every template', () => {
  test.each(TEMPLATES.flatMap((template) => SCOPES.map((scope) => ({ template, scope }))))(
    '$template renders for the scope $scope with marker, tag and a kind ending',
    ({ template, scope }) => {
      const mail = render(templates, mailFacts(template, scope), desk, secrets);
      expect(mail.subject).toBe('[PD-1042] Data deletion request');
      for (const part of [mail.text, mail.html]) {
        expect(part).toContain('-- Please reply above this line --');
        expect(part).toContain(desk.address);
        expect(part).not.toMatch(/undefined|null|NaN|\[object|Invalid|\{\{/);
      }
      expect(mail.text).not.toMatch(/<\/?[a-z]+>|&[a-z]+;|\r/);
      expect(mail.text.startsWith('-- Please reply above this line --\n')).toBe(true);
      expect(mail.html).not.toMatch(/<(?:script|img|link|iframe|form)\b|url\(|src=/i);
      expect(Math.max(...mail.text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(78);
    },
  );

  test('a mail without a ticket has the same subject without a tag', () => {
    const mail = render(templates, mailFacts('pointers', 'user', { tag: null, tickets: [] }), desk, secrets);
    expect(mail.subject).toBe('Data deletion request');
  });

  test('an unknown locale comes in English', () => {
    const danish = render(templates, mailFacts('cancelled', 'space', { locale: 'da' }), desk, secrets);
    expect(danish).toEqual(render(templates, mailFacts('cancelled', 'space'), desk, secrets));
  });
});

describe('facts that the mails must carry', () => {
  test.each(['verify_request', 'grace_started'] as const)(
    '%s says to export and disconnect first',
    (name) => {
      expectBoth(
        mailFacts(name),
        'Export the contacts, conversations, invoices and reports',
        'Disconnect the integrations',
      );
    },
  );

  test.each(['cancelled', 'expired', 'rejected'] as const)('%s: data remains until you ask again', (name) => {
    expectBoth(mailFacts(name), 'Your data remains with us until you ask again in writing');
  });

  test.each(['verify_request', 'grace_started', 'needs_details'] as const)(
    '%s names the self-service path for users and the limits of event deletion',
    (name) => {
      expectBoth(mailFacts(name, 'user'), 'you can also delete individual users yourself');
      expectBoth(mailFacts(name, 'events'), 'not meant for requests of people under privacy laws');
      expect(words(mailFacts(name, 'source')).text).not.toContain('privacy laws');
    },
  );

  test.each(['verify_request', 'grace_started', 'purge_started', 'completed'] as const)(
    '%s: third-party and raw-data destinations are not touched, in any scope',
    (name) => {
      for (const scope of SCOPES) {
        expectBoth(
          mailFacts(name, scope),
          'third-party destinations and raw data destinations are not touched',
        );
      }
    },
  );

  test('a source deletion says that only the archive stores are concerned, and names them', () => {
    for (const name of ['grace_started', 'purge_started', 'completed'] as const) {
      expectBoth(mailFacts(name, 'source'), 'removed from our archive stores only (event-archive)');
      expect(words(mailFacts(name, 'workspace')).text).not.toContain('archive stores');
    }
  });

  test.each(['grace_started', 'owner_notice', 'grace_reminder'] as const)(
    '%s says how and until when to cancel',
    (name) => {
      expectBoth(
        mailFacts(name, 'workspace'),
        `Reply "cancel" to this mail before ${GRACE_END}`,
        'irreversible',
      );
    },
  );

  test('a hold that outlasted the grace moves the end, in the mail as in the ticket', () => {
    const facts = withTicket('grace_reminder', 'workspace', { notBefore: '2026-12-01T14:30:00.000Z' });
    expectBoth(facts, 'before Tuesday 1 December 2026, 14:30 UTC', 'was on hold for a while');
    expect(words(facts).text).not.toContain(GRACE_END);
  });

  test('of several tickets the one that starts first sets the date', () => {
    const later = ticketFacts({ state: 'grace', verified: true, graceEndsAt: '2026-11-30T00:00:00.000Z' });
    const sooner = mailFacts('grace_started');
    const facts = { ...sooner, tickets: [later, ...sooner.tickets] };
    expectBoth(facts, `before ${GRACE_END}`);
  });

  test.each(['verify_request', 'grace_started'] as const)(
    '%s: complete within 30 days, with the date',
    (name) => {
      expectBoth(mailFacts(name), 'complete within 30 days of your request', DUE);
    },
  );

  test('purge_started: access may be restricted, irreversible, complete by', () => {
    expectBoth(mailFacts('purge_started'), 'Access may be restricted', 'irreversible', `complete by ${DUE}`);
  });

  test('residue_released: on which day the last backup expired, and what stays even then', () => {
    const { text } = render(
      templates,
      mailFacts('residue_released', 'source', { at: '2026-12-29T00:05:00.000Z' }),
      desk,
      secrets,
    );
    expect(text.replace(/\s+/g, ' ')).toContain('expired on 28 December 2026');
    expect(text).toContain('Invoice and tax records');
    expect(text).not.toContain('Encrypted backup copies');
  });

  test('residue_released: whatever else has had its day is not said to stay', () => {
    const signed = receiptFor('source');
    const retained = signed.receipt.retained.map((line) => ({ ...line, until: line.until ?? '2026-12-28' }));
    const receipt = { ...signed, receipt: { ...signed.receipt, retained } } as typeof signed;
    const at = (day: string) =>
      render(
        templates,
        withTicket('residue_released', 'source', { receipt }, { at: `${day}T00:05:00.000Z` }),
        desk,
        secrets,
      ).text;
    expect(at('2026-12-28')).toContain('Invoice and tax records');
    expect(at('2026-12-29')).not.toContain('Invoice and tax records');
  });

  test('residue_released: does not go out when nobody can say that it is so', () => {
    expect(() =>
      render(templates, withTicket('residue_released', 'source', { backupsUntil: null }), desk, secrets),
    ).toThrow(/last day of the backups/);
  });

  test('what stays is told with its law, and a rolling schedule with its end', () => {
    const [backups] = mailFacts('grace_started').residue;
    if (backups === undefined) throw new Error('no residue');
    const residue = [{ ...backups, legalBasis: '§ 147 AO', retentionDays: null, rollingDays: 35 }];
    const mail = render(templates, mailFacts('grace_started', 'space', { residue }), desk, secrets);
    expect(mail.text.replace(/\s+/g, ' ')).toContain(
      'they expire by themselves (§ 147 AO); removed on a rolling schedule, 35 days after the deletion is complete at the latest.',
    );
  });

  test('pointers tell of self-service, whole days and other destinations', () => {
    expectBoth(
      mailFacts('pointers', 'user', { tickets: [], recipient: 'stranger', tag: null }),
      'delete the data of individual users yourself',
      'stored in whole days, one day is the smallest piece',
      'not touched',
    );
  });

  test('blocked says what to settle', () => {
    expectBoth(mailFacts('blocked'), 'open invoice or payment', 'A data export is still running');
  });

  test('cancel_paused: on hold, nothing is deleted, a person looks', () => {
    expectBoth(mailFacts('cancel_paused'), 'Nothing is deleted while it is on hold', 'Our team looks at it');
  });

  test('cancel_paused: only to the one in whose name it was asked it has a link and a code', () => {
    const { challenge } = mailFacts('verify_request');
    const facts = { ...mailFacts('cancel_paused'), challenge };
    const asked = render(templates, facts, desk, secrets);
    expect(asked.text).toContain(`\n${secrets.link}\n`);
    expect(asked.text).toMatch(/^\s*493817$/m);
    expect(asked.html).toContain(`href="${secrets.link}"`);
    expect(asked.html).toMatch(/>493817</);
    expectBoth(facts, 'with your address', 'it was not you', 'works on that page only, not in a reply');
    const told = render(templates, { ...facts, challenge: null }, desk, secrets);
    for (const body of [told.text, told.html]) expect(body).not.toMatch(/493817|confirm\/|Open the page/);
  });

  test('cancel_paused: a code without its link would settle nothing, so there is no such mail', () => {
    const { challenge } = mailFacts('verify_request');
    const facts = { ...mailFacts('cancel_paused'), challenge };
    for (const link of [null, 'javascript:alert(1)']) {
      expect(() => render(templates, facts, desk, { ...secrets, link })).toThrow(
        /cannot be rendered|do not fit/,
      );
    }
  });
});

describe('verify_request', () => {
  test('shows the scope in words, the code on its own line, the link, and what else to do', () => {
    const mail = render(templates, mailFacts('verify_request'), desk, secrets);
    expect(mail.text).toMatch(/^\s*493817$/m);
    expect(mail.text).toContain(`\n${secrets.link}\n`);
    expect(mail.html).toMatch(/>493817</);
    expect(mail.html).toContain('href="https://desk.example.org/confirm/');
    expectBoth(
      mailFacts('verify_request'),
      'the data of the source “Website Prod” in the workspace Acme Inc (acme-inc), received from 1 January 2024 to 31 March 2024 inclusive (UTC days)',
      'Valid until Wednesday 25 November 2026, 09:15 UTC. You have 5 tries.',
      'Reply "cancel", or do nothing: without the code nothing is deleted.',
    );
  });

  test('counts the words of the writer before verification, and shows them afterwards', () => {
    expectBoth(mailFacts('verify_request', 'user'), 'the data of 2 end users, as listed in your mail');
    expect(words(mailFacts('verify_request', 'user')).text).not.toContain('user_8812');
    expect(words(mailFacts('verify_request', 'events')).text).not.toContain('Order Completed');
    expectBoth(mailFacts('grace_started', 'user'), '2 end users (user_8812, user_9944)');
    expectBoth(
      mailFacts('grace_started', 'events'),
      'the event “Order Completed” with all its properties, the event property “email” of the event “Signup” and the user property “phone” in the project “Mobile App”',
    );
  });

  test.each([
    {
      frame: null,
      said: 'at any time up to the moment of your request (Sunday 22 November 2026, 09:15 UTC)',
    },
    { frame: { from: null, to: '2024-03-31' }, said: 'received up to 31 March 2024 inclusive (UTC days)' },
    { frame: { from: '2024-01-01', to: null }, said: 'from 1 January 2024 (UTC day) up to the moment of' },
    { frame: { from: '2024-02-29', to: '2024-02-29' }, said: 'received on 29 February 2024 (one UTC day)' },
  ])('time frame $frame reads: $said', ({ frame, said }) => {
    expectBoth(
      withTicket('verify_request', 'source', { target: targetOf('source', { timeFrame: frame }) }),
      said,
    );
  });

  test('an account shows every workspace, a tombstone its ID', () => {
    expectBoth(
      mailFacts('verify_request', 'account'),
      'all data of 2 workspaces: Acme Inc (acme-inc) and Globex (globex)',
    );
    const dead = targetOf('workspace', { workspaces: [{ ...acme, tombstone: true }] });
    expectBoth(
      withTicket('verify_request', 'workspace', { target: dead }),
      'Acme Inc (acme-inc, ID 9f8KqLw2Zr, already deleted in the app)',
    );
  });

  test('a reminder says that it is one; the last try is one try', () => {
    const challenge = { id: 'c1', expiresAt: '2026-11-25T09:15:00.000Z', triesLeft: 1, reminder: true };
    expectBoth(mailFacts('verify_request', 'space', { challenge }), 'A reminder: please confirm', '1 try.');
  });

  test('does not go out without a code, a target, or with a link that is no web address', () => {
    const facts = mailFacts('verify_request');
    const invalid = expect.objectContaining({ code: 'PD_TEMPLATE_INVALID' });
    expect(() => render(templates, facts, desk, { ...secrets, code: null })).toThrow(invalid);
    expect(() => render(templates, facts, desk, { ...secrets, link: 'javascript:alert(1)' })).toThrow(
      invalid,
    );
    expect(() => render(templates, { ...facts, challenge: null }, desk, secrets)).toThrow(invalid);
    expect(() =>
      render(templates, withTicket('verify_request', 'space', { target: null }), desk, secrets),
    ).toThrow(invalid);
    expect(render(templates, facts, desk, { ...secrets, link: null }).text).not.toContain('https://');
  });

  test('the other requests of the mail have a line each', () => {
    const others = [
      ticketFacts({
        reference: 'PD-1043',
        state: 'needs_details',
        target: null,
        asks: [{ field: 'space', why: 'unknown' }],
      }),
      ticketFacts({ reference: 'PD-1044', state: 'rejected', target: null }),
    ];
    expectBoth(
      mailFacts('verify_request', 'source', { others }),
      'PD-1043: We need a few more details',
      'We could not find this Unify space in the workspace you administer.',
      'PD-1044: We cannot act on it; nothing was deleted.',
    );
  });
});

describe('needs_details', () => {
  test('asks only for what is missing, with the labels of the form on lines of their own', () => {
    const facts = withTicket('needs_details', 'source', {
      asks: [
        { field: 'workspace', why: 'missing' },
        { field: 'source', why: 'unknown' },
        { field: 'timeFrame', why: 'ambiguous_date' },
      ],
      problems: ['ambiguous_date'],
    });
    const { text } = render(templates, facts, desk, secrets);
    const labels = text.split('\n').filter((line) => /^[A-Z][^.]*: $/.test(line));
    expect(labels).toEqual(['Workspace slug or ID: ', 'Source: ', 'First day (UTC): ', 'Last day (UTC): ']);
    expectBoth(
      facts,
      'We could not find this source in the workspace you administer.',
      'Please write dates as year-month-day, for example 2024-04-03',
    );
    expect(words(facts).text.split('A date can be read in two ways')).toHaveLength(2);
  });

  test.each([
    {
      problem: 'finer_than_day' as const,
      said: 'stored in whole days, so one day (UTC) is the smallest piece',
    },
    { problem: 'reversed_range' as const, said: 'The last day lies before the first day.' },
    { problem: 'in_future' as const, said: 'The last day can be today (UTC) at the latest.' },
    { problem: 'too_many_clauses' as const, said: 'at most five clauses' },
  ])('$problem is explained', ({ problem, said }) => {
    expectBoth(withTicket('needs_details', 'events', { asks: [], problems: [problem] }), said);
  });

  test('when nothing says what to delete, every line stands there to choose from', () => {
    const facts = withTicket('needs_details', 'workspace', { asks: [{ field: 'scope', why: 'missing' }] });
    const { text } = render(templates, facts, desk, secrets);
    for (const label of ['Unify space: ', 'Users: ', 'Project: ', 'Events: ', 'User properties: ']) {
      expect(text.split('\n')).toContain(label);
    }
    expectBoth(facts, 'a sentence that says what to delete');
  });
});

describe('completed', () => {
  test('tells counts for each step, what was counted again, and the attached receipt', () => {
    expectBoth(
      mailFacts('completed'),
      'Deleted: 1,204 records in all',
      'receipt-PD-1042.json',
      'purgedesk receipt verify',
      'Completed on Saturday 28 November 2026, 00:20 UTC',
    );
    expect(words(mailFacts('completed')).text).toContain('event-archive, events: 1,204 deleted, 0 left');
  });

  test('names both attached files, and where it is told how to check them', () => {
    const facts = mailFacts('completed');
    expectBoth(facts, 'certificate-PD-1042.pdf', 'receipt-PD-1042.json');
    const { text, html } = render(templates, facts, desk, secrets);
    expect(text).toContain('https://desk.example.org/receipt-key');
    expect(html).toContain('<a class="link" href="https://desk.example.org/receipt-key"');
  });

  test('does not call deleted what only lost properties, or was done by hand', () => {
    const facts = withTicket('completed', 'events', { receipt: mixedReceipt() });
    expectBoth(
      facts,
      'Deleted: 1,204 records in all. 412 records were cleared of single properties and stay. 3 tasks were done by hand.',
    );
    expect(words(facts).text).toContain('- event-archive, events (properties cleared): 412, 0 left');
    expect(words(facts).text).toContain('- crm, offboarding (done by hand): 3, 0 left');
    const cleared = mixedReceipt();
    const steps = cleared.receipt.steps.slice(1);
    const none = { ...cleared, receipt: { ...cleared.receipt, steps, deletedTotal: 0 } };
    const { text } = words(withTicket('completed', 'events', { receipt: none }));
    expect(text).not.toMatch(/Nothing matched|Deleted:/);
  });

  test('says so when nothing matched', () => {
    const facts = withTicket('completed', 'user', { receipt: receiptFor('user', 0) });
    expectBoth(facts, 'Nothing matched');
    expect(words(facts).text).not.toContain('records in all');
  });

  test('what stays has a reason, and a date only where the policy gives one', () => {
    expectBoth(
      mailFacts('completed'),
      'Encrypted backup copies: they expire by themselves; kept until 28 December 2026 at the latest.',
      'Invoice and tax records: financial law obliges us to keep them; removed on a rolling schedule.',
    );
    const unsigned = withTicket('completed', 'source', { receipt: null });
    expectBoth(unsigned, 'kept until 28 December 2026 at the latest', 'removed on a rolling schedule');
    expectBoth(mailFacts('grace_started'), 'kept for 30 days after the deletion is complete');
  });
});

describe('cancel_too_late and status', () => {
  test.each([
    { state: 'purging' as const, said: 'the deletion began on Saturday 28 November 2026, 00:01 UTC' },
    { state: 'completed' as const, said: 'the deletion is complete' },
    { state: 'grace' as const, said: 'a deletion of this kind is final once it is confirmed' },
    { state: 'cancelled' as const, said: 'It was cancelled' },
  ])('cancel_too_late in $state says: $said', ({ state, said }) => {
    expectBoth(withTicket('cancel_too_late', 'workspace', { state }), said);
  });

  test('status says where each ticket stands, why it waits, and how to cancel', () => {
    expectBoth(
      mailFacts('status'),
      `nothing is deleted before ${GRACE_END}`,
      `reply "cancel" before ${GRACE_END}`,
    );
    expectBoth(
      withTicket('status', 'source', { holds: ['billing'] }),
      'It is on hold. There is an open invoice',
    );
    const off = words(withTicket('status', 'source', { holds: ['purging_off'] })).text;
    expect(off).not.toMatch(/under way|complete\.|has started/);
  });

  test.each([
    { stopped: true, deletedAt: '2026-11-20T08:00:00.000Z', said: 'is stopped because someone in charge' },
    {
      stopped: false,
      deletedAt: '2026-11-20T08:00:00.000Z',
      said: 'deleted in the app on Friday 20 November 2026, 08:00 UTC',
    },
    { stopped: false, deletedAt: null, said: 'It is active, and no deletion is under way' },
  ])('status answers about a workspace: $said', ({ stopped, deletedAt, said }) => {
    const workspace = { slug: 'acme-inc', name: 'Acme Inc', deletedAt, stopped };
    expectBoth(mailFacts('status', 'workspace', { tickets: [], tag: null, workspace }), said);
  });

  test('verify_failed tells the tries left, or that the code is over', () => {
    const challenge = { id: 'c1', expiresAt: '2026-11-25T09:15:00.000Z', triesLeft: 2, reminder: false };
    expectBoth(mailFacts('verify_failed', 'source', { challenge }), 'You have 2 tries left');
    const over = 'That code is no longer valid';
    expectBoth(mailFacts('verify_failed', 'source', { challenge: { ...challenge, triesLeft: 0 } }), over);
    expectBoth(mailFacts('verify_failed', 'source', { challenge, at: '2026-11-26T00:00:00.000Z' }), over);
  });
});

test('verify_failed about a code that nobody looked at leads to the page and names no tries', () => {
  const challenge = {
    id: 'c1',
    expiresAt: '2026-11-25T09:15:00.000Z',
    triesLeft: 2,
    reminder: false,
    unproven: true,
  } as const;
  const facts = mailFacts('verify_failed', 'source', { challenge });
  expectBoth(facts, 'it did not count, and it cost no try');
  const mail = render(templates, facts, desk, secrets);
  expect(mail.text).toContain(secrets.link);
  expect(mail.html).toContain(`href="${secrets.link}"`);
  expect(mail.text).not.toMatch(/tries? left/);
  expect(mail.text).not.toContain(secrets.code);
});

describe('strangers', () => {
  test('get byte-equal mails, whatever the request was and whoever they are, but for the tag', () => {
    const variants = [
      mailFacts('not_authorised', 'workspace'),
      mailFacts('not_authorised', 'user', { recipient: 'requester', others: [ticketFacts()] }),
      withTicket('not_authorised', 'source', { target: null, state: 'rejected' }, { tag: 'PD-7' }),
      mailFacts('not_authorised', 'space', { tickets: [], at: '2026-12-24T00:00:00.000Z', residue: [] }),
    ];
    const mails = variants.map((facts) =>
      JSON.stringify(render(templates, facts, desk, secrets)).replaceAll(/PD-\d+/g, 'PD-n'),
    );
    expect(new Set(mails).size).toBe(1);
    expect(mails[0]).not.toMatch(/acme/i);
    expectBoth(variants[0] as MailFacts, 'owner or an admin of the workspace', 'the slug or the ID');
  });

  test('get nothing else: any other mail to them is refused, and theirs hold no detail', () => {
    expect(() =>
      render(templates, mailFacts('status', 'source', { recipient: 'stranger' }), desk, secrets),
    ).toThrow(PurgedeskError);
    const strange = { recipient: 'stranger', others: [ticketFacts()] } as const;
    const received = render(templates, mailFacts('received', 'source', strange), desk, secrets);
    expect(received.text + received.html).not.toMatch(/acme|Website/i);
  });
});

describe('hostile values', () => {
  const name = 'Ac\u202eme <script>alert(1)</script>\r\nBcc: x@example.org {{code}} {{{code}}}';
  const target = targetOf('source', { workspaces: [{ ...acme, name }], source: { id: 's', name } });

  test('are escaped in html, stay on one line, and are never compiled', () => {
    const mail = render(templates, withTicket('verify_request', 'source', { target }), desk, secrets);
    expect(mail.html).not.toContain('<script');
    expect(mail.html).toContain('&lt;script&gt;');
    expect(mail.text).not.toMatch(/^Bcc:/m);
    for (const part of [mail.text, mail.html, mail.subject]) {
      expect(part).not.toMatch(/[\u202a-\u202e\u2066-\u2069\r]/);
      expect(part.split('493817')).toHaveLength(part === mail.subject ? 1 : 2);
    }
  });

  test('in the tag or the name of the desk make no second header line', () => {
    const facts = mailFacts('cancelled', 'source', { tag: 'PD-1\r\nBcc: x@example.org' });
    const mail = render(templates, facts, { ...desk, name: 'Desk\r\nX: y' }, secrets);
    expect(mail.subject).not.toMatch(/\p{Cc}/u);
    expect(mail.text).not.toMatch(/^X: y/m);
  });
});

describe('loading', () => {
  let dir = '';
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'purgedesk-templates-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const broken = (name: string, change: (home: string) => void): PurgedeskError => {
    const home = join(dir, name);
    cpSync(DIR, home, { recursive: true });
    change(home);
    try {
      loadTemplates(home);
    } catch (error) {
      return error as PurgedeskError;
    }
    throw new Error('the templates were accepted');
  };

  test('T61 no template puts out anything without escaping', () => {
    for (const file of readdirSync(DIR, { recursive: true, encoding: 'utf8' }).filter((f) =>
      f.endsWith('.hbs'),
    )) {
      expect(readFileSync(join(DIR, file), 'utf8'), file).not.toMatch(/\{\{\{|\{\{&|SafeString/);
    }
  });

  test('every problem of every file is listed at once', () => {
    const error = broken('many', (home) => {
      rmSync(join(home, 'en', 'expired.html.hbs'));
      writeFileSync(join(home, 'en', 'status.text.hbs'), '{{#if lines}} never closed');
      writeFileSync(join(home, 'en', 'rejected.html.hbs'), '<p>{{{reference}}}</p>');
      writeFileSync(join(home, 'en', 'cancelled.html.hbs'), '<p>{{&reference}}</p>');
      writeFileSync(join(home, 'en', 'received.text.hbs'), '{{> nowhere}}');
      writeFileSync(join(home, 'en', 'blocked.text.hbs'), '{{shout reference}}');
      writeFileSync(join(home, 'en', 'blocked.html.hbs'), '{{shout loud=reference}}');
      writeFileSync(join(home, 'de', 'blocked.text.hbs'), '{{#if (shout reference)}}x{{/if}}');
      writeFileSync(join(home, 'de', 'blocked.html.hbs'), '{{> what desk reference}}');
      writeFileSync(join(home, 'de', 'status.html.hbs'), '{{#*inline "signature"}}x{{/inline}}');
    });
    expect(error).toMatchObject({ code: 'PD_TEMPLATE_INVALID' });
    for (const file of [
      'en/expired.html',
      'en/status.text',
      'en/rejected.html',
      'en/cancelled.html',
      'en/received.text',
      'en/blocked.text',
      'en/blocked.html',
      'de/blocked.text',
      'de/blocked.html',
      'de/status.html',
    ]) {
      expect(error.message).toContain(`${file}.hbs: `);
    }
  });

  test('without English there is nothing to send', () => {
    expect(() => loadTemplates(join(dir, 'nowhere'))).toThrow('en: no such folder');
  });

  test('a translated mail is used for its locale; what it leaves out comes in English as a whole', () => {
    const home = join(dir, 'german');
    cpSync(DIR, home, { recursive: true });
    for (const kind of ['subject', 'text', 'html']) rmSync(join(home, 'de', `status.${kind}.hbs`));
    writeFileSync(join(home, 'de', 'cancelled.text.hbs'), 'Storniert: {{reference}}');
    const both = loadTemplates(home);
    const cancelled = render(both, mailFacts('cancelled', 'source', { locale: 'de-AT' }), desk, secrets);
    expect(cancelled).toMatchObject({ language: 'de', text: 'Storniert: PD-1042\n' });
    expect(render(both, mailFacts('status', 'source', { locale: 'de' }), desk, secrets)).toEqual(
      render(both, mailFacts('status', 'source', { locale: 'en' }), desk, secrets),
    );
  });

  test('a field that the view does not have throws, also in a block, a condition and a partial', () => {
    for (const source of [
      '{{nowhere}}',
      '{{#if nowhere}}x{{/if}}',
      '{{#each tickets}}{{nowhere}}{{/each}}',
      '{{> what}}',
    ]) {
      const home = mkdtempSync(join(dir, 'strict-'));
      cpSync(DIR, home, { recursive: true });
      writeFileSync(join(home, 'en', 'partials', 'what.text.hbs'), '{{nowhere}}');
      writeFileSync(join(home, 'en', 'cancelled.text.hbs'), source);
      expect(() => render(loadTemplates(home), mailFacts('cancelled'), desk, secrets), source).toThrow(
        expect.objectContaining({ code: 'PD_TEMPLATE_INVALID' }),
      );
    }
  });
});
