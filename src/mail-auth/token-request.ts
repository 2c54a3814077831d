import { z } from 'zod';
import { PurgedeskError } from '../domain/errors.ts';

/** A client of an OAuth 2.0 provider. */
export interface OAuthClient {
  /** The token endpoint; https, or http on loopback. */
  readonly tokenUrl: string;
  readonly clientId: string;
  /** `null` = a public client. */
  readonly clientSecret: { reveal(): string } | null;
  readonly scope: string | null;
}

export interface Grant {
  readonly accessToken: string;
  readonly lifetimeMs: number;
  /** The refresh token to use from now on, where the provider hands out another with each use. */
  readonly refreshToken: string | null;
}

/** One deadline for connecting, asking and the whole answer. */
const REQUEST_DEADLINE_MS = 15_000;
/** Tokens of Microsoft hold some 2 KB; no provider's answer comes near this. */
const ANSWER_BYTES_MAX = 64 * 1_024;
/** RFC 6749 only recommends that the provider says it. */
const LIFETIME_SECONDS_UNSAID = 300;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What may be framed in a SASL answer (RFC 7628 section 3.1), and is no longer than any real token. */
const token = z.string().regex(/^[!-~]{1,16384}$/);
const grantSchema = z.object({
  access_token: token,
  token_type: z
    .string()
    .refine((type) => type.toLowerCase() === 'bearer')
    .optional(),
  expires_in: z.coerce.number().positive().max(31_536_000).optional(),
  refresh_token: token.optional(),
});

/** RFC 6749 section 5.2 and RFC 8628 section 3.5: the only words of a provider that are passed on. */
const ERRORS = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'access_denied',
  'interaction_required',
  'temporarily_unavailable',
  'slow_down',
  'server_error',
]);
const PASSING = new Set(['temporarily_unavailable', 'slow_down', 'server_error']);

/**
 * Asks the provider for an access token: in the name of a person by a refresh token (RFC 6749 section 6), else in the
 * client's own name (section 4.4). The client's secret goes with the form, as Microsoft and Google document it. No
 * redirect is followed: whoever is sent elsewhere would send the secret there.
 * @throws PurgedeskError PD_MAILBOX_TOKEN; `refused` = asking again changes nothing until a person does
 */
export async function requestToken(
  client: OAuthClient,
  refreshToken: string | null,
  deadlineMs = REQUEST_DEADLINE_MS,
): Promise<Grant> {
  const { status, text } = await post(client, formOf(client, refreshToken), deadlineMs);
  const answer = jsonOf(text);
  if (status !== 200) throw refusalOf(status, answer);
  const found = grantSchema.safeParse(answer);
  if (!found.success) throw tokenFailed('unusable answer', false);
  const { access_token, expires_in, refresh_token } = found.data;
  return {
    accessToken: access_token,
    lifetimeMs: (expires_in ?? LIFETIME_SECONDS_UNSAID) * 1_000,
    refreshToken: refresh_token ?? null,
  };
}

/** @param cause - an error code, never a text of the provider */
const tokenFailed = (cause: string, refused: boolean): PurgedeskError =>
  new PurgedeskError('PD_MAILBOX_TOKEN', 'the OAuth 2.0 provider gives no access token for the mailbox', {
    details: { cause, refused },
    ...(refused ? { remedy: 'see docs/mailboxes.md for what the provider needs' } : {}),
  });

function formOf(client: OAuthClient, refreshToken: string | null): URLSearchParams {
  const form = new URLSearchParams({ client_id: client.clientId });
  if (client.clientSecret !== null) form.set('client_secret', client.clientSecret.reveal());
  if (client.scope !== null) form.set('scope', client.scope);
  form.set('grant_type', refreshToken === null ? 'client_credentials' : 'refresh_token');
  if (refreshToken !== null) form.set('refresh_token', refreshToken);
  return form;
}

async function post({ tokenUrl }: OAuthClient, form: URLSearchParams, deadlineMs: number) {
  const url = new URL(tokenUrl);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.test(url.hostname)))
    throw new RangeError('a token endpoint is asked over TLS only');
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { accept: 'application/json', 'user-agent': 'purgedesk' },
      body: form,
      redirect: 'manual',
      signal: AbortSignal.timeout(deadlineMs),
    });
    return { status: answer.status, text: await bodyOf(answer) };
  } catch (error) {
    if (error instanceof PurgedeskError) throw error;
    throw tokenFailed(networkCode(error), false);
  }
}

async function bodyOf(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw tokenFailed('unusable answer', false); // leaving the loop cancels the rest
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function refusalOf(status: number, answer: unknown): PurgedeskError {
  const said = (answer as { readonly error?: unknown } | null)?.error;
  const cause = typeof said === 'string' && ERRORS.has(said) ? said : `http-${status}`;
  const passes = PASSING.has(cause) || ![400, 401, 403].includes(status);
  return tokenFailed(cause, !passes);
}

/** A code that names no host: `ECONNREFUSED`, `TimeoutError`. */
function networkCode(error: unknown): string {
  const cause: unknown = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = (cause as { readonly code?: unknown } | null)?.code;
  if (typeof code === 'string' && /^\w{1,40}$/.test(code)) return code;
  return cause instanceof Error ? cause.name : 'unknown';
}
