import { randomInt } from 'node:crypto';
import type { Knex } from 'knex';
import { keyed } from '../../domain/canonical.ts';

const CODES = 10;
const LENGTH = 12;
/** Without letters and digits that look alike: 5 bits each, 60 a code. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

/** Makes new codes for when the phone is gone; the former ones count no more. @returns them, stored nowhere else */
export async function renewRecoveryCodes(
  trx: Knex.Transaction,
  key: Uint8Array,
  agentId: number,
): Promise<readonly string[]> {
  const codes = Array.from({ length: CODES }, newCode);
  await trx('agent_recovery_codes').where({ agent_id: agentId }).delete();
  await trx('agent_recovery_codes').insert(
    codes.map((code) => ({ agent_id: agentId, code_hash: hashOf(key, agentId, code) })),
  );
  return codes;
}

/** Takes one: it counts once. */
export async function takeRecoveryCode(
  trx: Knex.Transaction,
  key: Uint8Array,
  agentId: number,
  typed: string,
): Promise<boolean> {
  const taken = await trx('agent_recovery_codes')
    .where({ agent_id: agentId, code_hash: hashOf(key, agentId, typed) })
    .whereNull('used_at')
    .update({ used_at: trx.raw('clock_timestamp()') });
  return taken === 1;
}

export async function countRecoveryCodes(db: Knex, agentId: number): Promise<number> {
  const [row] = await db('agent_recovery_codes')
    .where({ agent_id: agentId })
    .whereNull('used_at')
    .count<{ count: number }[]>('* as count');
  return Number(row?.count ?? 0);
}

function newCode(): string {
  const letters = Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return `${letters.slice(0, 4)}-${letters.slice(4, 8)}-${letters.slice(8)}`;
}

const hashOf = (key: Uint8Array, agentId: number, code: string): Buffer =>
  keyed(key, 'recovery code', `${agentId} ${code.toLowerCase().replace(/[^a-z0-9]/g, '')}`);
