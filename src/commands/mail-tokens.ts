import type { OAuthSettings } from '../config.ts';
import type { TokenSource } from '../domain/mail-login.ts';
import { keptRefreshTokens } from '../mail-auth/refresh-tokens.ts';
import { type RefreshTokens, tokenSource } from '../mail-auth/token-source.ts';

/** Where refresh tokens are kept. */
export interface TokenVault {
  readonly databaseUrl: string;
  /** The desk's secret. */
  readonly key: Uint8Array;
}

/**
 * Makes the token source of each OAuth client; it connects to nothing before the first token is needed.
 * @param vault - `null` = a command that has none and runs only once: the configured refresh token is used
 */
export const mailTokens =
  (vault: TokenVault | null) =>
  (client: OAuthSettings): TokenSource =>
    tokenSource({
      client,
      refreshTokens: refreshTokensOf(client, vault),
      random: Math.random,
      now: () => performance.now(),
    });

function refreshTokensOf(client: OAuthSettings, vault: TokenVault | null): RefreshTokens | null {
  const { refreshToken } = client;
  if (refreshToken === null) return null;
  if (vault === null) return { use: (spend) => spend(refreshToken.reveal()) };
  return keptRefreshTokens({ ...vault, client, refreshToken });
}
