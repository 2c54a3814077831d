import { Secret, TOTP } from 'otpauth';
import { encode } from 'uqr';
import { keyed } from '../../domain/canonical.ts';

const PERIOD_SECONDS = 30;
const SECRET_BYTES = 20;
/** Steps that a phone's clock may be early or late. */
const WINDOW = 1;

/** RFC 6238 with what every app knows: SHA-1, six digits, 30 seconds. */
const totpOf = (secret: Uint8Array, label = 'agent', issuer = 'purgedesk'): TOTP =>
  new TOTP({
    issuer,
    label,
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD_SECONDS,
    secret: new Secret({ buffer: Uint8Array.from(secret).buffer }),
  });

/** The secret that a page offers: the same at each look, and another one for another page. */
export const offeredSecret = (key: Uint8Array, page: string): Buffer =>
  keyed(key, 'offered totp', page).subarray(0, SECRET_BYTES);

/** The 30 seconds that a code is of, counted since 1970; `null` = it is not of about now. */
export function stepOf(secret: Uint8Array, code: string, nowMs: number): number | null {
  if (!/^[0-9]{6}$/.test(code)) return null;
  const delta = totpOf(secret).validate({ token: code, timestamp: nowMs, window: WINDOW });
  return delta === null ? null : Math.floor(nowMs / (PERIOD_SECONDS * 1_000)) + delta;
}

/** The code that the app shows at an instant. */
export const codeAt = (secret: Uint8Array, nowMs: number): string =>
  totpOf(secret).generate({ timestamp: nowMs });

export interface Enrolment {
  /** Base32 in groups of four, to type by hand. */
  readonly secret: string;
  readonly uri: string;
  /** A QR code of the same: the path of its dark squares, and how many squares it is wide. */
  readonly path: string;
  readonly size: number;
}

/** What a page shows so that an app learns the secret. */
export function enrolment(secret: Uint8Array, agent: string, desk: string): Enrolment {
  const totp = totpOf(secret, agent, desk.replaceAll(':', ' '));
  const uri = totp.toString();
  const { data, size } = encode(uri, { ecc: 'M', border: 4 });
  return {
    secret: totp.secret.base32.replace(/(.{4})(?=.)/g, '$1 '),
    uri,
    path: data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join(''),
    size,
  };
}
