import { parseArgs } from 'node:util';
import { benchObjects } from './purge/objects.ts';
import { benchRows } from './purge/rows.ts';
import { benchSeries } from './purge/series.ts';
import { startServer } from './purge/server.ts';

/**
 * Deletes a workspace from three tables and from a bucket, each beside a bare loop that checks and counts nothing, and
 * watches memory and the queries of others meanwhile. Exits with 1 when anything of somebody else was touched.
 * @param args - `--rows` and `--objects` to delete, of ten times as many; `--rounds` of each, 1 to 4; `--series` the
 *   largest workspace of the series; 0 leaves a part out
 */
export async function benchPurge(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '1000000' },
      objects: { type: 'string', default: '10000' },
      rounds: { type: 'string', default: '3' },
      series: { type: 'string', default: '10000000' },
    },
  });
  const rounds = Math.min(4, Math.max(1, Number(values.rounds)));
  const [rows, objects, series] = [Number(values.rows), Number(values.objects), Number(values.series)];
  await using server = await startServer();
  let isKept = true;
  if (rows > 0) isKept = await benchRows(server, { rows, rounds });
  if (series > 0) await benchSeries(server, series);
  if (objects > 0) isKept = (await benchObjects(server.deskUrl, { objects, rounds })) && isKept;
  if (!isKept) process.exitCode = 1;
}
