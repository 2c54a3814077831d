import { describe, expect, test } from 'vitest';
import type { Standing } from '../../src/console/ports.ts';
import { CODE, challenge, consoleFor, fakeDesk, faultsOf, form, line, TOKEN } from './desk.ts';

const asked = (overrides: Parameters<typeof challenge>[0] = {}) =>
  challenge({ purpose: 'cancel', ...overrides });

describe('the page behind the link of a doubtful cancel', () => {
  test('says what is on hold, and offers two choices of which none is made', async () => {
    const app = await consoleFor(fakeDesk({ challenge: asked() }));
    const page = await app.inject({ url: `/c/${TOKEN}` });
    expect(page.statusCode).toBe(200);
    expect(faultsOf(page.body)).toEqual([]);
    for (const words of [
      'All data of the workspace “Acme Inc” (acme-inc)',
      'PD-1042',
      'Cancel the deletion',
      'It was not me: let it go on',
      'Nothing is deleted while it is on hold',
      'Wednesday 25 November 2026, 09:15 UTC',
      'You have 5 tries',
      `action="/c/${TOKEN}"`,
    ]) {
      expect(page.body).toContain(words);
    }
    expect(page.body.match(/type="radio"[^>]*required/g)).toHaveLength(2);
    expect(page.body).not.toMatch(/\bchecked\b/);
    expect(page.body).not.toContain(CODE);
  });

  test('names several as several', async () => {
    const tickets = [line('PD-1', 'all data of “A”'), line('PD-2', 'all data of “B”')];
    const page = await (await consoleFor(fakeDesk({ challenge: asked({ tickets }) }))).inject(`/c/${TOKEN}`);
    expect(faultsOf(page.body)).toEqual([]);
    expect(page.body).toContain('Cancel the deletions');
    expect(page.body).toContain('let them go on');
  });

  test.each([
    { standing: 'cancelled', words: 'The deletion is cancelled' },
    { standing: 'going_on', words: 'The deletion goes on' },
    { standing: 'on_hold', words: 'still on hold' },
    { standing: 'started', words: 'cannot be cancelled any more' },
    { standing: 'ended', words: 'This request is closed' },
  ] as const)('tells the truth about a deletion that is $standing', async ({ standing, words }) => {
    const page = await settled([standing]);
    expect(page.statusCode).toBe(200);
    expect(faultsOf(page.body)).toEqual([]);
    expect(page.body).toContain(words);
    expect(page.body).not.toContain('<form');
  });

  test('tells of each when several stand differently', async () => {
    const page = await settled(['cancelled', 'started']);
    expect(faultsOf(page.body)).toEqual([]);
    expect(page.body).toContain('Where your requests stand');
    expect(page.body).toContain('>cancelled<');
    expect(page.body).toContain('>has started<');
  });

  test.each([
    { state: 'expired', words: 'our team decides about it' },
    { state: 'locked', words: 'Too many wrong codes' },
    { state: 'voided', words: 'no longer counts' },
  ] as const)('says that its challenge is $state, and nothing else', async ({ state, words }) => {
    const page = await (await consoleFor(fakeDesk({ challenge: asked({ state }) }))).inject(`/c/${TOKEN}`);
    expect(page.statusCode).toBe(410);
    expect(faultsOf(page.body)).toEqual([]);
    expect(page.body).toContain(words);
    expect(page.body).not.toMatch(/acme|PD-1042|<form/i);
  });
});

const settled = async (standings: readonly Standing[]) => {
  const tickets = standings.map((standing, place) => line(`PD-${place}`, `all data of ${place}`, standing));
  return (await consoleFor(fakeDesk({ challenge: asked({ state: 'answered', tickets }) }))).inject(
    `/c/${TOKEN}`,
  );
};

describe('its form', () => {
  test.each(['cancel', 'go_on'] as const)('takes the code with the choice %s, once', async (choice) => {
    const desk = fakeDesk({ challenge: asked() });
    const app = await consoleFor(desk);
    for (let time = 0; time < 2; time += 1) {
      const posted = await app.inject(form({ code: CODE, choice }));
      expect([posted.statusCode, posted.headers.location]).toEqual([303, `/c/${TOKEN}`]);
    }
    expect(desk.answers).toEqual([`${TOKEN} ${CODE} ${choice}`]);
  });

  test.each([
    { fields: { code: CODE }, words: 'choose one of the two' },
    { fields: { code: CODE, choice: 'delete' }, words: 'choose one of the two' },
    { fields: { code: '12345', choice: 'cancel' }, words: 'type the six digits' },
    { fields: { choice: 'go_on' }, words: 'type the six digits' },
  ])('costs no try when it is not complete: $fields', async ({ fields, words }) => {
    const desk = fakeDesk({ challenge: asked() });
    const page = await (await consoleFor(desk)).inject(form(fields as Record<string, string>));
    expect(page.statusCode).toBe(422);
    expect(faultsOf(page.body)).toEqual([]);
    expect(page.body).toContain(words);
    expect(page.body).toContain('This did not count; you still have 5 tries');
    expect(desk.answers).toEqual([]);
  });

  test('takes no two choices at once', async () => {
    const desk = fakeDesk({ challenge: asked() });
    const payload = `code=${CODE}&choice=cancel&choice=go_on`;
    expect((await (await consoleFor(desk)).inject({ ...form({}), payload })).statusCode).toBe(422);
    expect(desk.answers).toEqual([]);
  });

  test('counts a wrong code, keeps the choice, and locks after the last', async () => {
    const desk = fakeDesk({ challenge: asked() });
    const app = await consoleFor(desk);
    for (const left of ['4 tries', '3 tries', '2 tries', '1 try']) {
      const wrong = await app.inject(form({ code: '000000', choice: 'go_on' }));
      expect(wrong.statusCode).toBe(422);
      expect(faultsOf(wrong.body)).toEqual([]);
      expect(wrong.body).toContain(`You have ${left} left.`);
      expect(wrong.body).toMatch(/value="go_on"[^>]* checked/);
      expect(wrong.body).not.toMatch(/value="cancel"[^>]* checked/);
    }
    expect((await app.inject(form({ code: '000000', choice: 'go_on' }))).statusCode).toBe(303);
    expect((await app.inject(form({ code: CODE, choice: 'cancel' }))).statusCode).toBe(303);
    expect((await app.inject(`/c/${TOKEN}`)).body).toContain('Too many wrong codes');
    expect(desk.answers).toHaveLength(5);
  });

  test('W05 is refused when another page sent it', async () => {
    const desk = fakeDesk({ challenge: asked() });
    const posted = await (await consoleFor(desk)).inject(
      form({ code: CODE, choice: 'cancel' }, { 'sec-fetch-site': 'cross-site' }),
    );
    expect(posted.statusCode).toBe(403);
    expect(desk.answers).toEqual([]);
  });
});
