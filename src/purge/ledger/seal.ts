import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { type Canonical, canonicalJson } from '../../domain/canonical.ts';
import { PurgedeskError } from '../../domain/errors.ts';
import type { PlanStep } from '../../domain/plan.ts';

/** The two keys of the ledger, out of the desk's secret. Shown by nothing: they are functions. */
export interface LedgerKey {
  /** Keyed hash of a step: 64 hex digits. Who has a guess and no key cannot test it. */
  digest(step: PlanStep): string;
  /** @param hash - of the entry that the seal belongs to: in no other place does it open */
  seal(step: PlanStep, hash: string): Buffer;
  /** @throws PurgedeskError PD_LEDGER_BROKEN when it was sealed with another key, for another entry, or was changed */
  open(sealed: Uint8Array, hash: string): PlanStep;
}

const VERSION = 1;
/** Of AES-GCM, in bytes: NIST SP 800-38D recommends 12 for the nonce and 16 for the tag. */
const NONCE = 12;
const TAG = 16;

/**
 * Keys derived by HKDF-SHA-256 (RFC 5869), one for each use. A seal is version, nonce, tag and the step's canonical JSON
 * under AES-256-GCM; the hash of its entry is authenticated with it.
 * @throws RangeError when the secret is shorter than 32 bytes
 */
export function ledgerKey(secretKey: Uint8Array): LedgerKey {
  if (secretKey.length < 32)
    throw new RangeError(`a secret of 32 bytes or more is needed, got ${secretKey.length}`);
  const derived = (use: string) =>
    Buffer.from(hkdfSync('sha256', secretKey, '', `purgedesk ledger ${use} v1`, 32));
  const digestKey = derived('digest');
  const sealKey = derived('seal');
  return {
    digest: (step) => createHmac('sha256', digestKey).update(textOf(step)).digest('hex'),
    seal(step, hash) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce, { authTagLength: TAG });
      cipher.setAAD(Buffer.from(hash, 'utf8'));
      const text = Buffer.concat([cipher.update(textOf(step), 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.from([VERSION]), nonce, cipher.getAuthTag(), text]);
    },
    open(sealed, hash) {
      const bytes = Buffer.from(sealed);
      try {
        if (bytes[0] !== VERSION) throw new RangeError('another version');
        const nonce = bytes.subarray(1, 1 + NONCE);
        const decipher = createDecipheriv('aes-256-gcm', sealKey, nonce, { authTagLength: TAG });
        decipher.setAAD(Buffer.from(hash, 'utf8'));
        decipher.setAuthTag(bytes.subarray(1 + NONCE, 1 + NONCE + TAG));
        const text = Buffer.concat([decipher.update(bytes.subarray(1 + NONCE + TAG)), decipher.final()]);
        return JSON.parse(text.toString('utf8')) as PlanStep;
      } catch {
        // Why it does not open says nothing that a person could use, and nothing of it is shown.
        throw new PurgedeskError('PD_LEDGER_BROKEN', 'a seal of the ledger does not open', {
          remedy: 'It needs the SECRET_KEY that it was made with, and must not have been changed.',
        });
      }
    },
  };
}

const textOf = (step: PlanStep): string => canonicalJson(step as unknown as Canonical);
