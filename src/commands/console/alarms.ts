/**
 * The lines above every page for agents. What agents do themselves, by one statement over three small tables; what the
 * watchman found, as it was found last.
 */
import type { Alarm } from '../../console/alarms.ts';
import { instantInWords } from '../../domain/words.ts';
import type { Desk } from '../desk.ts';
import { tripInWords } from '../trip-words.ts';
import type { AlarmCode } from '../watch/alarms.ts';
import type { Watchman } from '../watch/watchman.ts';

export async function alarmsOf(
  { db }: Pick<Desk, 'db'>,
  watchman?: Pick<Watchman, 'readiness'>,
): Promise<readonly Alarm[]> {
  const found = await db.raw<{ rows: [AlarmRow] }>(ALARMS);
  const [{ halted_at, halted_by, reason, braked, trips }] = found.rows;
  return [
    ...(halted_at === null
      ? []
      : [
          `All purges are halted since ${instantInWords(halted_at.toISOString())}, by ${halted_by}: ${reason}`,
        ]),
    ...(braked.length === 0
      ? []
      : [
          `Braked by hand, so nothing is deleted there: ${braked.length === 1 ? 'store' : 'stores'} ${braked.join(', ')}.`,
        ]),
    ...trips.map((trip) => tripInWords({ ...trip, closedAt: null })),
    ...(watchman?.readiness().alarms ?? [])
      .filter(({ code }) => !SAID_FRESH.includes(code))
      .map(({ sentence }) => sentence),
  ].map((sentence) => ({ sentence, href: '/operations' }));
}

/** Said from the tables themselves, with who did it and why; and what is work rather than a fault. */
const SAID_FRESH: readonly AlarmCode[] = [
  'purges_halted',
  'store_braked',
  'replies_silenced',
  'deadline_near',
];

interface AlarmRow {
  readonly halted_at: Date | null;
  readonly halted_by: string | null;
  readonly reason: string | null;
  readonly braked: readonly string[];
  readonly trips: readonly {
    readonly share: 'unproven' | 'all';
    readonly openedAt: string;
    readonly suppressed: number;
  }[];
}

const ALARMS = `
  select halted_at, halted_by, reason,
    array(select store from store_brakes where closed_at is null and set_by is not null order by store limit 20) as braked,
    coalesce((select jsonb_agg(jsonb_build_object('share', share, 'openedAt', opened_at, 'suppressed', suppressed) order by id)
      from breaker_trips where closed_at is null), '[]') as trips
  from purge_switch`;
