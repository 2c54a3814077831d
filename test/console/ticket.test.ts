import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { referenceOf, ticketId } from '../../src/domain/ids.ts';
import { ada } from '../tickets/desk.ts';
import { openWholeDesk, type Visitor, type WholeDesk } from './whole-desk.ts';

let whole: WholeDesk;
let viewer: Visitor;

beforeAll(async () => {
  whole = await openWholeDesk();
  viewer = await whole.signIn('viewer');
});
afterAll(() => whole[Symbol.asyncDispose]());

const textOf = (html: string): string => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

describe('the page of a ticket', () => {
  test('says who asks for what, why it is believed and what happens when', async () => {
    const { id } = await whole.desk.asked();
    const answer = await viewer.get(`/tickets/${referenceOf(ticketId(id))}`);
    expect(answer.statusCode).toBe(200);
    const text = textOf(answer.body);
    expect(text).toContain(`Who asks ${ada}`);
    expect(text).toContain(
      'Delete the data of the source “Website Prod” in the workspace Acme Inc (acme-inc)',
    );
    expect(text).toContain('Not confirmed: waits for the code that went to it until');
    expect(text).toContain('Nothing is deleted before it is confirmed and five whole days have passed.');
  });

  test.each(['/tickets/PD-999999', '/tickets/PD-0', '/tickets/nonsense', '/tickets/PD-99999999999999999999'])(
    '%s is not there',
    async (path) => {
      expect((await viewer.get(path)).statusCode).toBe(404);
    },
  );

  test('nonsense in the address is ignored', async () => {
    const { id } = await whole.desk.ticket();
    for (const query of ['show=x', 'from=-1', 'from=1e9', 'from[]=1', 'show=mails&show=notes', 'from=%00'])
      expect((await viewer.get(`/tickets/PD-${id}?${query}`)).statusCode, query).toBe(200);
  });
});
