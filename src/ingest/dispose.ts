/** What is found out about read mails is decided and written: a wave of them side by side, or each alone. */
import type { Knex } from 'knex';
import { isConflict } from '../db/again.ts';
import { prepared } from '../db/prepared.ts';
import { asRows } from '../db/rows.ts';
import { forMany, inTurn, sideBySide } from '../db/together.ts';
import { faultCode, firstFrame } from '../domain/fault.ts';
import type { Handled } from '../domain/mail.ts';
import {
  type Before,
  decideMessage,
  FACT_COLUMNS,
  FACT_TYPES,
  judgeMessage,
  type PutOff,
  type ReadMessage,
  type RowFacts,
  rowFacts,
  writeFacts,
} from './ingest-message.ts';
import type { IngestDeps } from './ports.ts';
import { type Touched, waves } from './waves.ts';

/** A mail that fails this often for a reason of ours is set aside for an agent. */
const ATTEMPTS_MAX = 6;

/** What became of one message. */
export interface Disposed extends Handled {
  readonly messageId: number;
}

/** A mail, and how it stands to those before it. */
interface Known {
  readonly mail: ReadMessage;
  readonly before: Before;
}

/** The mails of a set in the order in which they are decided; those of one wave have nothing to do with each other. */
export async function wavesOf(
  trx: Knex.Transaction,
  deps: IngestDeps,
  mails: readonly ReadMessage[],
  { now, isLast }: { readonly now: Date; readonly isLast: boolean },
): Promise<readonly (readonly ReadMessage[])[]> {
  const oneByOne = mails.map((mail) => [mail]);
  if (deps.touches === undefined || mails.length < 2) return oneByOne;
  try {
    const touched = await trx.transaction((savepoint) =>
      sideBySide(mails.map((mail) => () => touchedBy(savepoint, deps, mail, now))),
    );
    return waves(touched).map((wave) => wave.flatMap((at) => mails[at] ?? []));
  } catch (error) {
    leaveConflict(error, isLast);
    noteApart(deps, mails.length, error);
    return oneByOne;
  }
}

/** The whole set is decided again then, and no mail is blamed; the last time, whatever still fails is put off. */
function leaveConflict(error: unknown, isLast: boolean): void {
  if (!isLast && isConflict(error)) throw error;
}

/** Whose fault it was shows when each is alone. */
const noteApart = (deps: IngestDeps, mails: number, error: unknown): void =>
  deps.log('warn', 'mails could not be handled together, and are handled one by one', {
    mails,
    code: faultCode(error),
  });

async function touchedBy(
  trx: Knex.Transaction,
  deps: IngestDeps,
  mail: ReadMessage,
  now: Date,
): Promise<Touched> {
  const own = [`content:${mail.message.content_hash}`, `author:${mail.author}`];
  const judged = judgeMessage(deps, mail, { isRepeated: false, now });
  switch (judged.kind) {
    case 'bounces':
      return null; // tickets of anybody hear of it
    case 'understood':
      return new Set([...own, ...((await deps.touches?.(trx, judged.mail)) ?? [])]);
    default:
      return new Set(own);
  }
}

/**
 * Decides a wave behind one savepoint. Where that fails each is taken again alone: a fault of one harms no other.
 * @param isLast - the set was decided in vain too often to be decided once more
 * @returns `null` for a mail that is taken again later
 * @throws what ended it for the sake of another transaction, unless it is the last time
 */
export async function disposeWave(
  trx: Knex.Transaction,
  deps: IngestDeps,
  wave: readonly Known[],
  isLast: boolean,
): Promise<readonly (Disposed | null)[]> {
  if (wave.length > 1) {
    try {
      return await trx.transaction((savepoint) =>
        sideBySide(wave.map((known) => () => dispose(savepoint, deps, known))),
      );
    } catch (error) {
      leaveConflict(error, isLast);
      noteApart(deps, wave.length, error);
    }
  }
  const results: (Disposed | null)[] = [];
  for (const known of wave) results.push(await disposeAlone(trx, deps, known, isLast));
  return results;
}

async function disposeAlone(
  trx: Knex.Transaction,
  deps: IngestDeps,
  known: Known,
  isLast: boolean,
): Promise<Disposed | null> {
  try {
    return await trx.transaction((savepoint) => dispose(savepoint, deps, known));
  } catch (error) {
    leaveConflict(error, isLast);
    return putOff(trx, deps, known.mail, error);
  }
}

async function dispose(
  trx: Knex.Transaction,
  deps: IngestDeps,
  { mail, before }: Known,
): Promise<Disposed | null> {
  const result = await decideMessage(trx, deps, mail, before);
  if ('retryAt' in result) {
    await readAgain(trx, deps, mail, before.now, result);
    return null;
  }
  await writeDisposition(trx, mail.message.id, result, rowFacts(mail));
  return { messageId: mail.message.id, ...result };
}

/** No fault: DNS did not tell yet who sent the mail. What was found out so far stands in its evidence. */
async function readAgain(
  trx: Knex.Transaction,
  deps: IngestDeps,
  mail: ReadMessage,
  now: Date,
  { retryAt }: PutOff,
): Promise<void> {
  const { message } = mail;
  const times = { put_off_at: message.put_off_at ?? now, retry_at: retryAt };
  await inTurn(trx, async () => {
    await writeFacts(trx, mail);
    await trx('messages').where({ id: message.id }).update(times);
  });
  deps.log('warn', 'a mail is read again later: who sent it cannot be looked up', { message: message.id });
}

const writeDisposition = (
  trx: Knex.Transaction,
  id: number,
  handled: Handled,
  facts: RowFacts | null,
): Promise<void> =>
  setDisposition(trx, {
    facts,
    row: {
      id,
      disposition: handled.disposition,
      reason: handled.reason,
      needs_agent: handled.needsAgent,
      conversation: handled.conversationId,
    },
  });

interface DisposedRow {
  readonly row: object;
  readonly facts: RowFacts | null;
}

/** What a mail said is written with what became of it: each writing of a row costs as much as its indexes. */
const setDisposition = forMany(async (trx: Knex.Transaction, disposed: readonly DisposedRow[]) => {
  const read = disposed.flatMap(({ row, facts }) => (facts === null ? [] : [{ ...row, ...facts }]));
  const unread = disposed.flatMap(({ row, facts }) => (facts === null ? [row] : []));
  if (read.length > 0) await prepared(trx, SET_READ, [asRows(read)]);
  if (unread.length > 0) await prepared(trx, SET_UNREAD, [asRows(unread)]);
  return disposed.map(() => undefined);
});

const COLUMNS = `status = 'done', disposition = r.disposition, disposition_reason = r.reason,
    needs_agent = r.needs_agent, conversation_id = r.conversation, handled_at = desk_now()`;
const TYPES = 'id bigint, disposition text, reason text, needs_agent boolean, conversation bigint';

const SET_READ = `
  update messages m set ${COLUMNS}, ${FACT_COLUMNS}
  from jsonb_to_recordset(cast(? as jsonb)) as r (${TYPES}, ${FACT_TYPES})
  where m.id = r.id`;

const SET_UNREAD = `
  update messages m set ${COLUMNS}
  from jsonb_to_recordset(cast(? as jsonb)) as r (${TYPES})
  where m.id = r.id`;

/** A fault of ours, not of the mail: later again, with growing gaps; an agent sees it when that does not help. */
async function putOff(
  trx: Knex.Transaction,
  deps: IngestDeps,
  mail: ReadMessage,
  error: unknown,
): Promise<Disposed | null> {
  const { id, attempts } = mail.message;
  const name = faultCode(error);
  deps.log('error', 'a mail could not be handled', {
    message: id,
    attempts: attempts + 1,
    code: name,
    at: firstFrame(error),
  });
  // It may be what it said that cannot be written.
  await trx.transaction((savepoint) => writeFacts(savepoint, mail)).catch(() => undefined);
  if (attempts + 1 < ATTEMPTS_MAX) {
    await trx('messages')
      .where({ id })
      .update({
        attempts: attempts + 1,
        not_before: trx.raw('clock_timestamp() + make_interval(secs => ?)', [5 * 4 ** attempts]),
      });
    return null;
  }
  const handled: Handled = {
    disposition: 'unreadable',
    reason: `failed ${ATTEMPTS_MAX} times: ${name}`,
    conversationId: null,
    needsAgent: true,
  };
  await writeDisposition(trx, id, handled, null);
  return { messageId: id, ...handled };
}
