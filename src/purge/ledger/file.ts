/** The ledger as a file, to be kept outside of the database: one line a header, then one for each entry. */
import type { Knex } from 'knex';
import { z } from 'zod';
import { type Canonical, canonicalJson } from '../../domain/canonical.ts';
import { PurgedeskError } from '../../domain/errors.ts';
import { EMPTY_LEDGER, type LedgerHead, linkProblem } from './chain.ts';
import { lockHead, readLedger, type SealedLink, writeLinks } from './ledger.ts';
import type { LedgerKey } from './seal.ts';
import { sealProblem } from './verify.ts';

/** The lines of the file. Entries that are appended meanwhile belong to the next one. */
export async function* ledgerLines(db: Knex): AsyncGenerator<string> {
  const [head] = await db('ledger_head').select<LedgerHead[]>('seq', 'hash');
  if (head === undefined) throw new TypeError('the ledger has no head');
  yield canonicalJson({ ledger: 1, seq: head.seq, hash: head.hash });
  for await (const part of readLedger(db)) {
    for (const { link, sealed } of part) {
      if (link.seq > head.seq) return;
      yield canonicalJson({ ...(link as unknown as Record<string, Canonical>), sealed: textOf(sealed) });
    }
  }
}

const textOf = (sealed: Buffer | null): string | null => sealed?.toString('base64') ?? null;

/**
 * The entries of a file that is whole, follows from its first entry to the head in its first line, and was sealed with
 * this key.
 * @throws PurgedeskError PD_LEDGER_BROKEN that names the line
 */
export function readLedgerFile(text: string, key: LedgerKey): readonly SealedLink[] {
  const [first = '', ...lines] = text.replace(/\n$/, '').split('\n');
  const header = headerSchema.safeParse(jsonOf(first));
  if (!header.success) throw broken('it is not an exported ledger', 1);
  let head: LedgerHead = EMPTY_LEDGER;
  const entries = lines.map((line, index): SealedLink => {
    const parsed = entrySchema.safeParse(jsonOf(line));
    if (!parsed.success) throw broken('it holds no entry', index + 2);
    const { sealed, ...link } = parsed.data;
    const entry = { link, sealed: sealed === null ? null : Buffer.from(sealed, 'base64') };
    const problem = linkProblem(head, link) ?? sealProblem(key, entry);
    if (problem !== null) throw broken(problem, index + 2);
    head = { seq: link.seq, hash: link.hash };
    return entry;
  });
  if (head.seq !== header.data.seq || head.hash !== header.data.hash)
    throw broken('its newest entries are missing', 1);
  return entries;
}

/**
 * What of a file's entries the database lacks, after every entry that both have was found to be the same.
 * @throws PurgedeskError PD_LEDGER_BROKEN when they part
 */
export async function missingEntries(db: Knex, file: readonly SealedLink[]): Promise<readonly SealedLink[]> {
  let last = 0;
  for await (const part of readLedger(db)) {
    for (const { link } of part) {
      const same = file[link.seq - 1]?.link.hash ?? link.hash;
      if (same !== link.hash) {
        throw new PurgedeskError('PD_LEDGER_BROKEN', `the ledgers part at entry ${link.seq}`, {
          details: { entry: link.seq },
          remedy: 'Take the file that was exported last from this desk.',
        });
      }
      last = link.seq;
    }
  }
  return file.slice(last);
}

/** Appends what the database lacks, as it stands in the file. @throws PurgedeskError PD_LEDGER_BROKEN */
export async function appendMissing(trx: Knex.Transaction, missing: readonly SealedLink[]): Promise<void> {
  const first = missing[0];
  if (first === undefined) return;
  const head = await lockHead(trx);
  const problem = linkProblem(head, first.link);
  if (problem !== null) throw broken(problem, first.link.seq + 1);
  await writeLinks(trx, missing);
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const headerSchema = z.strictObject({
  ledger: z.literal(1),
  seq: z.int().min(0),
  hash: z.union([hash, z.literal('')]),
});
const entrySchema = z.strictObject({
  seq: z.int().min(1),
  at: z.iso.datetime(),
  kind: z.enum(['erased', 'replayed']),
  ticket: z.int().min(1),
  step: z.int().min(1),
  store: z.string(),
  target: z.string(),
  action: z.string(),
  workspace: z.string().min(1),
  stepDigest: hash,
  deleted: z.int().min(0),
  replayOf: z.int().min(1).nullable(),
  previousHash: z.union([hash, z.literal('')]),
  hash,
  sealed: z.base64().nullable(),
});

/** The value of a line; `undefined`, which nothing accepts, when it holds none. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const broken = (what: string, line: number): PurgedeskError =>
  new PurgedeskError('PD_LEDGER_BROKEN', `the exported ledger does not hold: ${what}`, {
    details: { line },
    remedy: 'Take another copy of the file, and the SECRET_KEY of the desk that wrote it.',
  });
