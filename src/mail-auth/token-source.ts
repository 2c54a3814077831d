import type { TokenSource } from '../domain/mail-login.ts';
import { type Grant, type OAuthClient, requestToken } from './token-request.ts';

/** Where the newest refresh token is. */
export interface RefreshTokens {
  /**
   * Has the newest one used by nobody else meanwhile, in any process, and keeps the one that comes in its place.
   * @param spend - resolves to what the provider gave
   */
  use(spend: (refreshToken: string) => Promise<Grant>): Promise<Grant>;
}

export interface TokenSourceDeps {
  readonly client: OAuthClient;
  /** `null` = the client asks in its own name. */
  readonly refreshTokens: RefreshTokens | null;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** A token is renewed while a fifth of its life, at most so long, is left: a login takes its time. */
const MARGIN_MS_MAX = 300_000;
const MARGIN_SHARE = 0.2;
/** Every mail to send asks for a token; a provider that is down or refuses is asked no more often than this. */
const PAUSE_MS = 5_000;
const REFUSED_PAUSE_MS = 60_000;

/** Access tokens of one client, kept until shortly before they expire, asked for by one request at a time. */
export function tokenSource(deps: TokenSourceDeps): TokenSource {
  let kept: { readonly token: string; readonly renewAt: number } | null = null;
  let failed: { readonly error: unknown; readonly until: number } | null = null;
  let asking: Promise<string> | null = null;

  const ask = async (): Promise<string> => {
    try {
      const grant = await grantOf(deps);
      kept = { token: grant.accessToken, renewAt: deps.now() + usefulMs(grant.lifetimeMs, deps.random()) };
      return grant.accessToken;
    } catch (error) {
      const isRefused = (error as { details?: { refused?: unknown } }).details?.refused === true;
      failed = { error, until: deps.now() + (isRefused ? REFUSED_PAUSE_MS : PAUSE_MS) };
      throw error;
    }
  };
  return {
    accessToken: async () => {
      if (kept !== null && deps.now() < kept.renewAt) return kept.token;
      if (failed !== null && deps.now() < failed.until) throw failed.error;
      asking ??= ask().finally(() => {
        asking = null;
      });
      return asking;
    },
    rejected: (token) => {
      if (kept?.token === token) kept = null;
    },
  };
}

const grantOf = ({ client, refreshTokens }: TokenSourceDeps): Promise<Grant> =>
  refreshTokens === null
    ? requestToken(client, null)
    : refreshTokens.use((refreshToken) => requestToken(client, refreshToken));

/**
 * For how long a token is given out. The share that is left varies, so that processes that began together do not ask
 * together for ever.
 * @param random - uniform in [0, 1)
 */
export function usefulMs(lifetimeMs: number, random: number): number {
  const margin = Math.min(MARGIN_MS_MAX, lifetimeMs * MARGIN_SHARE);
  return lifetimeMs - margin * (0.5 + random / 2);
}
