import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { openSideConnection } from '../db/side-connection.ts';
import { PurgedeskError } from '../domain/errors.ts';
import type { Grant, OAuthClient } from './token-request.ts';
import type { RefreshTokens } from './token-source.ts';

/** Of AES-GCM, in bytes: NIST SP 800-38D recommends 12 for the nonce and 16 for the tag. */
const NONCE = 12;
const TAG = 16;
/** For a statement. A request of another process, for which this one waits, takes 15 s at most. */
const STATEMENT_MS = 20_000;

export interface RefreshTokensDeps {
  readonly databaseUrl: string;
  /** The desk's secret, 32 bytes or more. */
  readonly key: Uint8Array;
  readonly client: Pick<OAuthClient, 'tokenUrl' | 'clientId'>;
  /** As it is configured. */
  readonly refreshToken: { reveal(): string };
}

/**
 * The newest refresh token of a client, sealed in a row of the database.
 *
 * Google's stay as they are. Microsoft gives another with each use and lets each die 90 days after it was given out; others
 * take each only once, and revoke all of them when one is used twice. So the newest must outlive the process, and only one
 * process at a time may use it: whoever uses it holds an advisory lock. What is kept counts only as long as the configured
 * token is the one that it came from: a new one in the configuration takes its place.
 */
export function keptRefreshTokens(deps: RefreshTokensDeps): RefreshTokens {
  const derived = (use: string) =>
    Buffer.from(hkdfSync('sha256', deps.key, '', `purgedesk mail token ${use} v1`, 32));
  const configured = deps.refreshToken.reveal();
  const origin = createHash('sha256').update(configured).digest('hex');
  const id = createHmac('sha256', derived('id'))
    .update(`${deps.client.tokenUrl}\n${deps.client.clientId}\n${origin}`)
    .digest('hex');
  const seal = sealer(derived('seal'), id);
  /** Given out by the provider and not yet stored, because the database was away just then. */
  let unsaved: string | null = null;

  return {
    use: async (spend) => {
      const connection = openSideConnection(deps.databaseUrl, {
        name: 'purgedesk-token',
        timeoutMs: STATEMENT_MS,
      });
      const save = async (token: string) => {
        unsaved = token;
        await connection.query(SAVE, [id, seal.close(token)]);
        unsaved = null;
      };
      try {
        await connection.query(LOCK, [id]); // ends with the connection
        if (unsaved !== null) await save(unsaved);
        const [row] = await connection.query<{ sealed: Buffer }>(FIND, [id]);
        const newest = (row === undefined ? null : seal.open(row.sealed)) ?? configured;
        const grant = await spendOr(spend, newest, configured);
        if (grant.refreshToken !== null && grant.refreshToken !== newest)
          await save(grant.refreshToken).catch(() => undefined); // the access token is good, and it is saved next time
        return grant;
      } finally {
        await connection.close();
      }
    },
  };
}

/** Where the newest is refused, the configured one may still be good: an operator may have renewed that grant. */
async function spendOr(
  spend: (token: string) => Promise<Grant>,
  newest: string,
  configured: string,
): Promise<Grant> {
  try {
    return await spend(newest);
  } catch (error) {
    const isRefused = error instanceof PurgedeskError && error.details.cause === 'invalid_grant';
    if (!isRefused || newest === configured) throw error;
    return spend(configured);
  }
}

/** Nonce, tag and text under AES-256-GCM; the row's id is authenticated with it. */
function sealer(key: Buffer, id: string) {
  return {
    close: (token: string): Buffer => {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
      cipher.setAAD(Buffer.from(id));
      const text = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]);
    },
    /** `null` = it was changed, or sealed with another key. */
    open: (sealed: Buffer): string | null => {
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), {
          authTagLength: TAG,
        });
        decipher.setAAD(Buffer.from(id));
        decipher.setAuthTag(sealed.subarray(NONCE, NONCE + TAG));
        return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()]).toString(
          'utf8',
        );
      } catch {
        return null;
      }
    },
  };
}

const LOCK = "select pg_advisory_lock(hashtextextended('purgedesk mail token ' || $1, 0))";
const FIND = 'select sealed from mail_tokens where id = $1';
const SAVE = `
  insert into mail_tokens (id, sealed, renewed_at) values ($1, $2, clock_timestamp())
  on conflict (id) do update set sealed = excluded.sealed, renewed_at = excluded.renewed_at`;
