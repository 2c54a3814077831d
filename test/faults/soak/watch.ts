/** What a run looks like from outside: how long mails wait, how much memory processes hold, what there is. */
import { readFile } from 'node:fs/promises';
import type { Knex } from 'knex';
import type { Post } from './post.ts';

export interface Stalls {
  /** Looks which mails have been handled since. */
  look(): Promise<void>;
  /** Seconds from a mail's delivery to its disposition, since the last call and over all. */
  report(): string;
  readonly longestSeconds: () => number;
  /** Mails that have none yet. */
  readonly waiting: () => number;
}

/** Measured to about the second in which `look` is called. Copies and mails without a readable Message-ID are left out. */
export function measureStalls(db: Knex, post: Post): Stalls {
  const outstanding = new Map<string, number>();
  const recent: number[] = [];
  let booked = 0;
  let longest = 0;
  return {
    look: async () => {
      for (const { kind, messageId, deliveredAt } of post.book.slice(booked)) {
        if (kind !== 'copy' && kind !== 'poison') outstanding.set(messageId, deliveredAt);
      }
      booked = post.book.length;
      const done = await db('messages')
        .select<{ message_id_header: string }[]>('message_id_header')
        .whereIn('message_id_header', [...outstanding.keys()])
        .where({ status: 'done' });
      const now = performance.now();
      for (const { message_id_header: id } of done) {
        const seconds = (now - (outstanding.get(id) ?? now)) / 1_000;
        if (outstanding.delete(id)) recent.push(seconds);
        longest = Math.max(longest, seconds);
      }
      for (const since of outstanding.values()) longest = Math.max(longest, (now - since) / 1_000);
    },
    report: () => {
      const sorted = recent.splice(0).sort((one, other) => one - other);
      const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))] ?? 0;
      return `stall p50 ${at(0.5).toFixed(1)} p99 ${at(0.99).toFixed(1)} max ${at(1).toFixed(1)} s (ever ${longest.toFixed(1)})`;
    },
    longestSeconds: () => longest,
    waiting: () => outstanding.size,
  };
}

/** Resident memory of a process in MB; `null` when it has gone. */
export async function residentMb(pid: number | undefined): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1_024;
}

export interface Sample {
  readonly minute: number;
  readonly mb: number;
}

export interface Slope {
  readonly mbAnHour: number;
  readonly from: Sample;
  readonly to: Sample;
  readonly samples: number;
}

/** By least squares, once a process has warmed up; `null` when it did not live long enough to tell. */
export function slopeOf(samples: readonly Sample[], warmUpMinutes: number): Slope | null {
  const first = samples[0]?.minute ?? 0;
  const warm = samples.filter(({ minute }) => minute >= first + warmUpMinutes);
  const [from, to] = [warm[0], warm.at(-1)];
  if (from === undefined || to === undefined || warm.length < 5) return null;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(warm.map(({ minute }) => minute));
  const y = mean(warm.map(({ mb }) => mb));
  const above = warm.reduce((sum, { minute, mb }) => sum + (minute - x) * (mb - y), 0);
  const below = warm.reduce((sum, { minute }) => sum + (minute - x) ** 2, 0);
  return { mbAnHour: (60 * above) / below, from, to, samples: warm.length };
}

/** Counts by one column, as "done 12, open 3". */
export async function tally(db: Knex, table: string, column: string): Promise<string> {
  const { rows } = await db.raw<{ rows: { value: string | null; n: number }[] }>(
    'select ?? as value, count(*) as n from ?? group by 1 order by 1',
    [column, table],
  );
  return rows.map(({ value, n }) => `${value ?? 'none'} ${n}`).join(', ');
}
