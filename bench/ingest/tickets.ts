import { openDatabase } from '../../src/db/connection.ts';
import { fill } from '../console/fill.ts';
import { median } from '../report.ts';
import { line, numbering } from './contest.ts';
import { type Party, prepareGround } from './ground.ts';
import { MAILS_A_SENDER, makeMails, playRound, type Round } from './round.ts';

/** How much more a mail may cost a desk of the most tickets than one of the fewest. */
const RATIO_MAX = 1.2;
const WARM_UP = 200;

/** What a mail costs a desk that has many tickets already, beside one that has few, by turns. */
export async function benchTickets(
  sizes: readonly number[],
  { mails, runs }: { readonly mails: number; readonly runs: number },
): Promise<void> {
  await using ground = await prepareGround();
  const senders =
    Math.ceil((sizes.length * (runs * mails + WARM_UP)) / MAILS_A_SENDER) + sizes.length * (runs + 1);
  const desks: { readonly size: number; readonly party: Party; readonly rounds: Round[] }[] = [];
  for (const size of sizes) {
    const url = await ground.deskDatabase(`desk${size}`, senders);
    const db = openDatabase(url, { poolMax: 2 });
    await db.raw(
      `insert into agents (name, plain_name, role) select 'Agent ' || n, 'agent' || n, 'agent' from generate_series(1, 20) n`,
    );
    await fill(db, size);
    await afterThem(db);
    await db.destroy();
    const party = await ground.party(`desk${size}`, url);
    await party.startDesk();
    desks.push({ size, party, rounds: [] });
  }
  const next = numbering();
  for (let run = 0; run <= runs; run += 1) {
    for (const { size, party, rounds } of desks) {
      const raws = (await makeMails(ground, next(run === 0 ? WARM_UP : mails))).map(({ raw }) => raw);
      const round = await playRound(ground, party, { raws, isDone: isDoneBehind(size) });
      if (run > 0) rounds.push(round);
    }
  }
  for (const { size, rounds } of desks) console.log(`${size.toLocaleString('en')} tickets: ${line(rounds)}`);
  const cost = ({ rounds }: { readonly rounds: readonly Round[] }) =>
    median(rounds.map(({ cpu }) => cpu.own + cpu.postgres));
  const [least, most] = [desks[0], desks.at(-1)];
  if (least === undefined || most === undefined) return;
  const ratio = cost(most) / cost(least);
  console.log(`CPU a mail, desk and Postgres, of the last beside the first: ${ratio.toFixed(2)}`);
  if (ratio > RATIO_MAX) process.exitCode = 1;
}

/** Of what came after the filling. Two mails were sent about each ticket of it. */
const isDoneBehind = (size: number): string => `
  select not exists (select from messages where id > ${size} and (status = 'pending' or moved_at is null))
    and not exists (
      select from outbox where id > ${2 * size} and cause_message_id is not null and status <> 'sent') as done`;

/** The rows were given numbers by hand: those that the desk gives out begin behind them. Open tickets wait for nothing now. */
async function afterThem(db: ReturnType<typeof openDatabase>): Promise<void> {
  for (const table of ['conversations', 'messages', 'tickets', 'outbox'])
    await db.raw(
      `select setval(pg_get_serial_sequence(:table, 'id'), (select max(id) from ${table}))
       where pg_get_serial_sequence(:table, 'id') is not null`,
      { table },
    );
  await db.raw(`update tickets set wake_at = now() + interval '10 days' where wake_at is not null`);
  await db.raw('update messages set moved_at = now() where moved_at is null');
}
