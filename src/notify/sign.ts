/** How receivers know that a delivery is ours. */
import { createHmac, createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign } from 'node:crypto';

/**
 * The signature of the Standard Webhooks specification 1.0 over id, time and body.
 * @param timestamp - seconds since 1970
 */
export const webhookSignature = (
  secret: string,
  delivery: { readonly id: string; readonly timestamp: number; readonly body: string },
): string =>
  `v1,${createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .update(`${delivery.id}.${delivery.timestamp}.${delivery.body}`)
    .digest('base64')}`;

/** Signs what is said to OpenDSR peers. It is no key of receipts: what one of them signs proves nothing of the other. */
export interface PeerKey {
  readonly privateKey: KeyObject;
  /** SPKI in PEM. */
  readonly publicPem: string;
}

/** @param key - SECRET_KEY */
export function peerKey(key: Uint8Array): PeerKey {
  const seed = Buffer.from(hkdfSync('sha256', key, '', 'purgedesk opendsr signature', 32));
  const der = Buffer.concat([ED25519_PKCS8_HEAD, seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return {
    privateKey,
    publicPem: createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }).toString(),
  };
}

/** RFC 8410 section 7: everything of such a key but its 32 bytes. */
const ED25519_PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Ed25519 over the raw body, base64. */
export const peerSignature = ({ privateKey }: PeerKey, body: string): string =>
  sign(null, Buffer.from(body), privateKey).toString('base64');
