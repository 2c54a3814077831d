import type { Knex } from 'knex';
import { foldAscii } from '../../domain/directory.ts';
import { noteAct } from './events.ts';
import type { Vouched } from './provider.ts';
import { startSession } from './sessions.ts';

/**
 * Lets in the agent whom a provider vouches for: by the account that they were bound to at their first sign-in, or by
 * the verified e-mail address that an admin gave. Nobody is made by this, and roles are not the provider's to say.
 * @returns the token of a new session; `null` = nobody here
 */
export function signInVouched(db: Knex, vouched: Vouched, browser: string): Promise<string | null> {
  return db.transaction(async (trx) => {
    const agent = (await boundTo(trx, vouched)) ?? (await bind(trx, vouched));
    return agent === null ? null : startSession(trx, agent, browser);
  });
}

async function boundTo(trx: Knex.Transaction, { issuer, subject }: Vouched): Promise<number | null> {
  const row = await trx('agents')
    .select<{ id: number }[]>('id')
    .where({ oidc_issuer: issuer, oidc_subject: subject, is_sample: false })
    .whereNull('disabled_at')
    .forUpdate()
    .first();
  return row?.id ?? null;
}

/**
 * Once: an address that was given to somebody else later must not open what the first one's did. Only the letters of
 * ASCII have two cases here: a sign that some alphabet folds to one of them makes another address.
 */
async function bind(trx: Knex.Transaction, vouched: Vouched): Promise<number | null> {
  if (vouched.verifiedEmail === null) return null;
  const isBound = await trx('agents')
    .where({ oidc_issuer: vouched.issuer, oidc_subject: vouched.subject })
    .first();
  if (isBound !== undefined) return null;
  const [row] = await trx('agents')
    .whereRaw('lower(email collate "C") = ?', [foldAscii(vouched.verifiedEmail)])
    .where({ is_sample: false })
    .whereNull('disabled_at')
    .whereNull('oidc_subject')
    .update({ oidc_issuer: vouched.issuer, oidc_subject: vouched.subject })
    .returning<{ id: number; name: string }[]>(['id', 'name']);
  if (row === undefined) return null;
  await noteAct(trx, { actor: row.name, what: 'subject', agentId: row.id });
  return row.id;
}
