import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { csvLine } from '../../src/domain/csv.ts';
import { countDays } from '../../src/tickets/count-days.ts';
import { ada, sourceRequest, spaceRequest } from '../tickets/desk.ts';
import { openWholeDesk, type Visitor, type WholeDesk } from './whole-desk.ts';

let whole: WholeDesk;
let viewer: Visitor;

beforeAll(async () => {
  whole = await openWholeDesk();
  viewer = await whole.signIn('viewer');
});
afterAll(() => whole[Symbol.asyncDispose]());

const textOf = (html: string): string => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
const rowsOf = async (path: string) => {
  const { body, statusCode } = await viewer.get(path);
  expect(statusCode).toBe(200);
  return body
    .replace('\uFEFF', '')
    .split('\r\n')
    .filter(Boolean)
    .map((line) => line.slice(1, -1).split('","'));
};
const sums = async (path: string) =>
  Object.fromEntries((await rowsOf(path)).slice(1).map(([key, n]) => [key, n]));

describe('insight', () => {
  test('says so while nothing was counted yet', async () => {
    expect(textOf((await viewer.get('/insight')).body)).toContain('No request came in this time.');
  });

  test('counts requests by scope, state and why they were asked back, and again when one has moved', async () => {
    await whole.desk.mail({
      from: ada,
      intent: 'delete',
      requests: [sourceRequest({ timeFrame: null, source: null })],
    });
    await whole.desk.mail({ from: ada, intent: 'delete', requests: [spaceRequest()] });
    expect(await countDays(whole.desk.db)).toBe(1);
    expect(await sums('/insight/csv/scopes')).toEqual({ source: '1', space: '1' });
    expect(await sums('/insight/csv/asked-back')).toEqual({
      'any reason': '1',
      'source: not given': '1',
      'time frame: not given': '1',
    });
    const waiting = async () => (await rowsOf('/insight/csv/states?days=28')).at(-1)?.slice(1);
    expect(await waiting()).toEqual(['2', '0', '0', '0', '0', '0', '2']);
    for (const { id } of await whole.desk.tickets())
      await whole.desk.mail({ from: ada, intent: 'cancel', ticket: `PD-${id}` });
    await countDays(whole.desk.db);
    expect(await waiting()).toEqual(['0', '0', '0', '0', '2', '0', '2']);
    expect((await rowsOf('/insight/csv/times')).at(-1)).toEqual(['Closed', '2', '1', '1', '0']);
    // Nothing happened since: each event is looked at twice, and then no more.
    await countDays(whole.desk.db);
    expect(await countDays(whole.desk.db)).toBe(0);
  });

  test('plots are drawn with a title, a description and a table of the same numbers', async () => {
    const { body } = await viewer.get('/insight?days=28');
    expect(body).toContain('<title id="states-title">');
    expect(body).toMatch(
      /<rect class="bar-cancelled" x="[\d.]+" y="[\d.]+" width="[\d.]+" height="[\d.]+"><title>/,
    );
    expect(body).not.toMatch(/ style="/);
    expect(textOf(body)).toContain(
      'Time from the request From the request until requests half within (hours)',
    );
  });

  test.each(['days=1', 'days=x', 'to=2026-02-31', 'to=9999-99-99', 'to=2999-01-01', 'to[]=1', 'to=%00'])(
    'nonsense in the address is ignored: %s',
    async (query) => {
      expect((await viewer.get(`/insight?${query}`)).statusCode).toBe(200);
    },
  );

  test('a table that there is not is not there', async () => {
    expect((await viewer.get('/insight/csv/agents')).statusCode).toBe(404);
  });
});

describe('the list of tickets as CSV', () => {
  test('is what the queue shows, without anybody’s address', async () => {
    await whole.desk.inGrace();
    const answer = await viewer.get('/queue.csv?tab=all&state=grace');
    expect(answer.headers['content-type']).toContain('text/csv; charset=utf-8');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="tickets.csv"');
    expect(answer.body.startsWith('\uFEFF"ticket",')).toBe(true);
    expect(answer.body.split('\r\n')).toHaveLength(3);
    expect(answer.body).toMatch(/"PD-\d+","grace","","source","acme-inc",/);
    expect(answer.body).not.toContain(ada);
  });

  test.each([
    ['=1+1', `"'=1+1"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@x', `"'@x"`],
    ['\t=1', `"'?=1"`],
    ['\r=1', `"'?=1"`],
    ['a "b", c', '"a ""b"", c"'],
  ])('a cell that would be a formula is text: %j', (text, cell) => {
    expect(csvLine([text])).toBe(`${cell}\r\n`);
  });
});
