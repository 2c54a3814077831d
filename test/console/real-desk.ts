/** The pages over a real desk on a real database, as the program joins them. */
import type { FastifyInstance } from 'fastify';
import { consolePorts } from '../../src/commands/console-ports.ts';
import type { Desk } from '../../src/commands/desk.ts';
import { buildConsole } from '../../src/console/server.ts';
import { deskNow } from '../../src/db/connection.ts';
import { receiptKey } from '../../src/purge/receipt.ts';
import { codeOf, linkTokenOf } from '../../src/verify/challenge.ts';
import { openTestDesk, type StoredTicket, type TestDesk } from '../tickets/desk.ts';

export interface Link {
  readonly token: string;
  readonly code: string;
}

export async function openRealConsole() {
  const desk = await openTestDesk();
  const lines: string[] = [];
  const joined = {
    db: desk.db,
    tickets: desk.deps,
    crashPoint: () => undefined,
    now: () => deskNow(desk.db),
    purge: { db: desk.db, catalogue: [], receiptKey: receiptKey(Buffer.from(desk.deps.key)) },
    environment: {
      key: desk.deps.key,
      isAllSandbox: true,
      mailboxes: [],
      suppressionToken: 't'.repeat(32),
      webhooks: [],
      callbackHosts: [],
      desk: { address: 'desk@desk.example' },
    },
  } as unknown as Desk;
  const app: FastifyInstance = await buildConsole({
    ports: consolePorts(joined),
    publicUrl: 'https://desk.example',
    log: (...line) => lines.push(JSON.stringify(line)),
  });
  return {
    desk,
    app,
    logged: () => lines.join('\n'),
    /** Link and code of the newest mail to this address that has them. */
    linkFor: async (address: string): Promise<Link> => {
      const mail = (await desk.outbox()).findLast(
        ({ recipient, facts }) => recipient === address && facts.challenge !== null,
      );
      const { id } = mail!.facts.challenge!;
      return { token: linkTokenOf(desk.deps.key, id), code: codeOf(desk.deps.key, id) };
    },
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await desk[Symbol.asyncDispose]();
    },
  };
}

/** A cancel in this name that proves nothing. */
export const doubt = (desk: TestDesk, ticket: Pick<StoredTicket, 'id'>, from: string) =>
  desk.mail({ from, intent: 'cancel', ticket: `PD-${ticket.id}`, standing: 'unproven' });

/** A form as a browser sends it. */
export const post = (
  token: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
) => ({
  method: 'POST' as const,
  url: `/c/${token}`,
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    'sec-fetch-site': 'same-origin',
    ...headers,
  },
  payload: new URLSearchParams(fields).toString(),
});

/** One line a table of the whole database, jobs included: equal before and after means that nothing was changed. */
export async function fingerprint(desk: TestDesk): Promise<Readonly<Record<string, string>>> {
  const { rows } = await desk.db.raw<{ rows: { name: string }[] }>(TABLES);
  const sums: Record<string, string> = {};
  for (const { name } of rows) {
    const sum = await desk.db.raw<{ rows: { sum: string }[] }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(md5(row_text), '' order by md5(row_text))), '') as sum
       from (select cast(t as text) as row_text from ${name} t) rows`,
    );
    sums[name] = sum.rows[0]?.sum ?? '';
  }
  return sums;
}

const TABLES = `
  select format('%I.%I', schemaname, tablename) as name from pg_tables
  where schemaname not in ('pg_catalog', 'information_schema') order by 1`;
