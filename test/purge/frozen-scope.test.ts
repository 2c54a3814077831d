import { describe, expect, test } from 'vitest';
import type { Target } from '../../src/domain/target.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { openDesk } from './desk.ts';
import { ACME, sampleTarget, WEB_SOURCE } from './fixtures.ts';
import { NEVER } from './store-contract.ts';

/** The request came at this instant; everything that was received from then on is out of reach. */
const CUTOFF = sampleTarget().cutoff;

describe('P03 data that comes while the grace runs', () => {
  test.each<{ title: string; target: Target }>([
    {
      title: 'a source for all time',
      target: sampleTarget({ timeFrame: { from: null, to: null } }),
    },
    {
      title: 'a source in an open frame',
      target: sampleTarget({ timeFrame: { from: '2024-01-01', to: null } }),
    },
    {
      title: 'events of a project',
      target: sampleTarget({
        scope: 'events',
        source: null,
        project: { id: 'prj_1', name: 'Mobile' },
        events: ['Ordered'],
        timeFrame: { from: null, to: null },
      }),
    },
  ])('is not swept along with $title', async ({ target }) => {
    await using desk = await openDesk();
    const id = await desk.ticketInGrace(target);
    await rehearse(desk.ports, id, NEVER);
    await desk.customers.db.raw(
      `insert into events (workspace_id, source_id, project_id, event, received_at)
       select '${ACME}', '${WEB_SOURCE}', 'prj_1', 'Ordered', timestamptz '${CUTOFF}' + n * interval '1 hour'
       from generate_series(0, 50) n`,
    );
    await desk.startPurge(id);
    await desk.work();
    const left = await desk.customers.db('events').where('received_at', '>=', CUTOFF).count({ rows: '*' });
    expect(Number(left[0]?.rows)).toBe(51);
    expect(desk.events.map(({ type }) => type)).toContain('purge_finished');
  });
});
