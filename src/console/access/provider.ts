/** OpenID Connect Core 1.0, code flow with PKCE: asks a provider who somebody is. */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { ProviderPort } from './ports.ts';

const TIMEOUT_SECONDS = 10;

/** What has to come back as it was sent. */
export interface Handover {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface Vouched {
  readonly issuer: string;
  readonly subject: string;
  /** `null` = the provider does not say that it is theirs. */
  readonly verifiedEmail: string | null;
}

export interface Provider {
  /** Where the browser goes. Rejects when the provider cannot be reached or is another than configured. */
  begin(redirectUri: string): Promise<{ readonly url: string; readonly handover: Handover }>;
  /** @param url - with which the browser came back. Rejects whatever is not exactly right. */
  finish(url: URL, handover: Handover): Promise<Vouched>;
}

export function openProvider({ issuer, clientId, clientSecret }: ProviderPort): Provider {
  let found: Promise<Configuration> | null = null;
  const discover = (): Promise<Configuration> => {
    const server = new URL(issuer);
    // Plain HTTP is configured on loopback only.
    const insecure = server.protocol === 'http:' ? [allowInsecureRequests] : [];
    found ??= discovery(server, clientId, clientSecret, undefined, {
      timeout: TIMEOUT_SECONDS,
      // The signature counts too, not only where the token came from.
      execute: [...insecure, enableNonRepudiationChecks],
    }).catch((error: unknown) => {
      // The next one asks again.
      found = null;
      throw error;
    });
    return found;
  };
  return {
    async begin(redirectUri) {
      const config = await discover();
      const handover = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
      const url = buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid email',
        state: handover.state,
        nonce: handover.nonce,
        code_challenge: await calculatePKCECodeChallenge(handover.verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, handover };
    },
    async finish(url, { state, nonce, verifier }) {
      const config = await discover();
      const tokens = await authorizationCodeGrant(config, url, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new TypeError('the provider sent no ID token');
      // Many providers tell the address only when they are asked for it.
      const about =
        claims.email === undefined && config.serverMetadata().userinfo_endpoint !== undefined
          ? await fetchUserInfo(config, tokens.access_token, claims.sub)
          : claims;
      return {
        issuer: claims.iss,
        subject: claims.sub,
        verifiedEmail: about.email_verified === true && typeof about.email === 'string' ? about.email : null,
      };
    },
  };
}
