import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { missingPaths, type Understanding } from '../../src/domain/request.ts';
import { isUnreadable, parseMessage } from '../../src/ingest/parse-message.ts';
import { mailToRead, understand } from '../../src/ingest/understand/understand.ts';

export type Truth = Omit<Understanding, 'missing' | 'evidence'>;

export interface Case {
  readonly file: string;
  readonly lang: string;
  readonly tags: readonly string[];
  readonly truth: Truth;
}

export interface Scored extends Case {
  readonly exact: boolean;
  /** A complete delete request that is not one of the truth's. */
  readonly dangerous: boolean;
  /** Names of the top-level fields, and of request fields as `requests.source`, that differ. */
  readonly wrong: readonly string[];
  readonly got: Truth;
}

/** Reads a folder of mails with its truth.jsonl. @throws when the folder holds no case, or a case without mail */
export async function scoreFolder(folder: string): Promise<readonly Scored[]> {
  const lines = (await readFile(join(folder, 'truth.jsonl'), 'utf8'))
    .split('\n')
    .filter((line) => line.trim() !== '');
  const cases = lines.map((line) => JSON.parse(line) as Case);
  const mails = (await readdir(folder)).filter((name) => name.endsWith('.eml'));
  if (cases.length === 0 || mails.length !== cases.length)
    throw new RangeError(`${mails.length} mails, ${cases.length} truths`);
  const scored: Scored[] = [];
  for (const each of cases) {
    const message = await parseMessage(await readFile(join(folder, each.file)));
    if (isUnreadable(message)) throw new RangeError(`${each.file}: ${message.unreadable}`);
    scored.push(score(each, understand(mailToRead(message))));
  }
  return scored;
}

/** Compares one understanding with its truth. */
function score(each: Case, understanding: Understanding): Scored {
  const { missing: _missing, evidence: _evidence, ...got } = understanding;
  const wrong = differences(each.truth, got);
  return { ...each, got, exact: wrong.length === 0, dangerous: isDangerous(each.truth, got), wrong };
}

/** Counts for the whole and for each group of a kind. */
export function tally(scored: readonly Scored[], groupsOf: (each: Scored) => readonly string[]) {
  const groups = new Map<string, { mails: number; exact: number; dangerous: number }>();
  for (const each of scored) {
    for (const group of groupsOf(each)) {
      const counts = groups.get(group) ?? { mails: 0, exact: 0, dangerous: 0 };
      counts.mails += 1;
      counts.exact += each.exact ? 1 : 0;
      counts.dangerous += each.dangerous ? 1 : 0;
      groups.set(group, counts);
    }
  }
  return groups;
}

function differences(truth: Truth, got: Truth): readonly string[] {
  const wrong = (['intent', 'autoReply', 'ticket', 'code'] as const).filter(
    (key) => truth[key] !== got[key],
  ) as string[];
  if (plain([...truth.problems].sort()) !== plain([...got.problems].sort())) wrong.push('problems');
  if (truth.requests.length !== got.requests.length) return [...wrong, 'requests'];
  const fields = truth.requests.flatMap((request, index) =>
    Object.entries(request).flatMap(([key, value]) =>
      plain(value) === plain((got.requests[index] as unknown as Record<string, unknown>)[key])
        ? []
        : [`requests.${key}`],
    ),
  );
  return [...wrong, ...new Set(fields)];
}

function isDangerous(truth: Truth, got: Truth): boolean {
  if (got.intent !== 'delete' || got.problems.length > 0) return false;
  const wanted = truth.intent === 'delete' ? truth.requests.map(plain) : [];
  return got.requests.some(
    (request) => missingPaths('delete', [request]).length === 0 && !wanted.includes(plain(request)),
  );
}

/** JSON with sorted keys. */
const plain = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
