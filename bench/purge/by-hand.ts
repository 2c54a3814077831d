/** What somebody with psql would write: one `do` block a table, a commit after each batch, nothing checked or counted. */
import { onDatabase, TABLES } from './customers.ts';

/** A batch by the next ids, or by where rows lie. */
export interface Way {
  readonly by: 'ids' | 'places';
  readonly batch: number;
}

export const WAYS: readonly Way[] = [
  { by: 'ids', batch: 10_000 },
  { by: 'ids', batch: 50_000 },
  { by: 'places', batch: 10_000 },
  { by: 'places', batch: 50_000 },
];

export const wayName = ({ by, batch }: Way): string => `${by}, ${batch.toLocaleString('en')} a batch`;

/** @returns milliseconds by table */
export const deleteByHand = (
  url: string,
  workspace: string,
  wayFor: (table: string) => Way,
): Promise<ReadonlyMap<string, number>> =>
  onDatabase(url, async (client) => {
    const took = new Map<string, number>();
    for (const { name } of TABLES) {
      const way = wayFor(name);
      const begun = performance.now();
      if (way.by === 'places') await client.query(BY_INDEX);
      await client.query(way.by === 'ids' ? byIds(name, workspace, way) : byPlaces(name, workspace, way));
      await client.query('reset all');
      took.set(name, performance.now() - begun);
    }
    return took;
  });

/** Without it the rows are looked for from the beginning of the table in each batch. */
const BY_INDEX = 'set enable_seqscan = off; set enable_bitmapscan = off';

const byIds = (table: string, workspace: string, { batch }: Way): string => `
  do $$ declare last_id ${table}.id%type; next_id ${table}.id%type; gone bigint; begin loop
    with doomed as (
      select id from ${table} where workspace_id = '${workspace}' and (last_id is null or id > last_id)
      order by id limit ${batch}
    ), deleted as (
      delete from ${table} where id = any (array(select id from doomed)) returning 1
    )
    select (select id from doomed order by id desc limit 1), (select count(*) from deleted) into next_id, gone;
    last_id := next_id;
    commit;
    exit when gone < ${batch};
  end loop; end $$`;

const byPlaces = (table: string, workspace: string, { batch }: Way): string => `
  do $$ declare gone bigint; begin loop
    delete from ${table}
    where ctid = any (array(select ctid from ${table} where workspace_id = '${workspace}' limit ${batch}));
    get diagnostics gone = row_count;
    commit;
    exit when gone < ${batch};
  end loop; end $$`;
