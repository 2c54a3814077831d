/** What heads a mail must be true of what it tells. */
import { describe, expect, test } from 'vitest';
import type { MailFacts, TicketFacts } from '../../src/domain/mail-facts.ts';
import { loadTemplates, render } from '../../src/reply/render.ts';
import { desk, mixedReceipt, receiptFor, secrets, withTicket } from './facts.ts';

const templates = loadTemplates(new URL('../../templates', import.meta.url).pathname);
const languages = [...templates.values()];
const bare = (text: string) => text.replace(/<[^>]+>|\s/g, '');
const written = (facts: MailFacts) => {
  const { text, html } = render(templates, facts, desk, secrets);
  const heading = bare(/<h1>([\s\S]*?)<\/h1>/.exec(html)?.[1] ?? '');
  return { heading, bodies: [bare(text), bare(html.replace(/<style>[\s\S]*<\/style>/, ''))] };
};

describe.each(languages)('$language', ({ language: locale, wording }) => {
  const completed = (ticket: Partial<TicketFacts>) =>
    written(withTicket('completed', 'source', ticket, { locale }));
  const started = (ticket: Partial<TicketFacts>) =>
    written(withTicket('grace_started', 'workspace', ticket, { locale }));

  test.each([
    { who: 'whoever reads the receipt', ticket: { receipt: mixedReceipt(3) } },
    { who: 'whoever may not see it', ticket: { receipt: null, partial: true as const } },
  ])('does not call a deletion complete of which something was left: $who', ({ ticket }) => {
    const whole = completed({ receipt: receiptFor('source') });
    const partial = completed(ticket);
    expect(partial.heading).toBe(bare(wording.partial));
    expect(whole.heading).not.toBe('');
    for (const body of partial.bodies) {
      expect(body).toContain(bare(wording.partial));
      expect(body).not.toContain(whole.heading);
    }
    for (const body of whole.bodies) expect(body).not.toContain(bare(wording.partial));
  });

  test('thanks nobody for a confirmation who confirmed nothing', () => {
    const confirmed = started({});
    const unconfirmed = started({ unconfirmed: true });
    const lead = bare(wording.unconfirmed.lead);
    for (const body of unconfirmed.bodies) {
      expect(body).toContain(unconfirmed.heading + lead);
      expect(body).not.toContain(confirmed.heading);
    }
    for (const body of confirmed.bodies) expect(body).not.toContain(lead);
  });
});

test('the English words claim no more than is so', () => {
  const left = written(withTicket('completed', 'source', { receipt: mixedReceipt(3) }));
  expect(left.heading).toBe('Done,exceptforapartthatcannotbedeletedyet');
  for (const body of left.bodies) expect(body).not.toContain('Done:thedeletioniscomplete');
  const { bodies } = written(withTicket('grace_started', 'workspace', { unconfirmed: true }));
  for (const body of bodies) expect(body).not.toMatch(/Confirmed|confirmation/);
});
