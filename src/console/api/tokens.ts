/** Tokens of programs. The database keeps a hash: a token is shown once, to whoever made it. */
import { createHash, randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { plainName } from '../../domain/agents.ts';
import type { ApiScope } from './scopes.ts';

/** Whoever shows a token. */
export interface ApiToken {
  readonly id: number;
  readonly name: string;
  readonly scopes: readonly ApiScope[];
}

export interface TokenLine extends ApiToken {
  /** ISO 8601, as all instants here. */
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string | null;
  /** To the minute. */
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
  /** Whether it opens anything now. */
  readonly works: boolean;
}

/** Letters, digits, spaces and . _ @ -; no slash, by which a program is told from an agent. */
export const TOKEN_NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,59}$/u;

/** Recognisable, so that a token that leaks into a repository is found there. */
const PREFIX = 'pdk_';
/** 32 bytes in base64url. */
const TOKEN = /^pdk_[A-Za-z0-9_-]{43}$/;
/** How late `last_used_at` may be: a program that asks all the time writes once a minute. */
const USED_SECONDS = 60;

/** @returns the token, which is stored nowhere, or `taken`: another that works has this name, or one that looks like it */
export async function createToken(
  db: Knex,
  order: {
    readonly name: string;
    readonly scopes: readonly ApiScope[];
    readonly expiresAt: Date | null;
    readonly by: string;
  },
): Promise<{ readonly kind: 'created'; readonly token: string } | { readonly kind: 'taken' }> {
  const token = `${PREFIX}${randomBytes(32).toString('base64url')}`;
  const inserted = await db.raw<{ rows: unknown[] }>(INSERT, {
    name: order.name,
    plain: plainName(order.name),
    hash: hashOf(token),
    scopes: [...new Set(order.scopes)],
    by: order.by,
    expires: order.expiresAt,
  });
  return inserted.rows.length === 0 ? { kind: 'taken' } : { kind: 'created', token };
}

/** Newest first, those that are over too. */
export async function listTokens(db: Knex): Promise<readonly TokenLine[]> {
  const found = await db.raw<{ rows: Row[] }>(LIST);
  return found.rows.map((row) => ({
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
    revokedBy: row.revoked_by,
    works: row.works,
  }));
}

/** @returns whether there was one that worked */
export async function revokeToken(db: Knex, id: number, by: string): Promise<boolean> {
  const revoked = await db.raw<{ rows: unknown[] }>(REVOKE, { id, by });
  return revoked.rows.length > 0;
}

/** Whose token it is; `null` = nobody's, or it is over. */
export async function findToken(db: Knex, token: string): Promise<ApiToken | null> {
  if (!TOKEN.test(token)) return null;
  const found = await db.raw<{ rows: (ApiToken & { readonly used_seconds: number | null })[] }>(FIND, [
    hashOf(token),
  ]);
  const [row] = found.rows;
  if (row === undefined) return null;
  if (row.used_seconds === null || row.used_seconds > USED_SECONDS) await db.raw(USED, [row.id]);
  return { id: row.id, name: row.name, scopes: row.scopes };
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

interface Row {
  readonly id: number;
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  readonly created_at: Date;
  readonly created_by: string;
  readonly expires_at: Date | null;
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
  readonly revoked_by: string | null;
  readonly works: boolean;
}

const INSERT = `
  insert into api_tokens (name, plain_name, token_hash, scopes, created_by, expires_at)
  values (:name, :plain, :hash, :scopes, :by, :expires) on conflict do nothing returning id`;

const LIST = `
  select id, name, scopes, created_at, created_by, expires_at, last_used_at, revoked_at, revoked_by,
    revoked_at is null and (expires_at is null or expires_at > clock_timestamp()) as works
  from api_tokens order by id desc limit 500`;

const REVOKE = `
  update api_tokens set revoked_at = clock_timestamp(), revoked_by = :by
  where id = :id and revoked_at is null returning id`;

const FIND = `
  select id, name, scopes,
    cast(extract(epoch from clock_timestamp() - last_used_at) as double precision) as used_seconds
  from api_tokens
  where token_hash = ? and revoked_at is null and (expires_at is null or expires_at > clock_timestamp())`;

const USED = `update api_tokens set last_used_at = date_trunc('minute', clock_timestamp()) where id = ?`;
