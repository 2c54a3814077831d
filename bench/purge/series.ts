import { ensureDatabase } from '../../src/sandbox/postgres.ts';
import { fillCustomers } from './customers.ts';
import { memoryOf } from './memory.ts';
import { purgeInProcess } from './purge-process.ts';
import { orderFor, say } from './rows.ts';
import type { BenchServer } from './server.ts';

/** The same purge of ever larger workspaces of one database: what a row costs. */
export async function benchSeries(server: BenchServer, largest: number): Promise<void> {
  const sizes = new Map<string, number>();
  for (let rows = 10_000; rows <= largest; rows *= 10) sizes.set(`ws_of_${rows}`, rows);
  const customers = await ensureDatabase(server.url, 'series');
  await fillCustomers(customers, sizes);
  console.log('\ncost of a row, by the size of what is deleted');
  for (const [workspace, rows] of sizes) {
    const { total, counting, erasing, batches, lockedMax, ...rest } = await purgeInProcess(
      orderFor(server.deskUrl, customers, workspace),
    );
    const micros = (ms: number) => ((ms * 1_000) / rows).toFixed(2);
    console.log(
      `  ${say(rows).padStart(10)} rows: ${micros(total)} µs a row, ${micros(erasing)} in batches, ${micros(counting)} counted; ` +
        `${(total / 1_000).toFixed(1)} s, ${batches} batches, locks ${lockedMax.toFixed(0)} ms at most`,
    );
    console.log(`             ${memoryOf([{ total, counting, erasing, batches, lockedMax, ...rest }])}`);
  }
}
