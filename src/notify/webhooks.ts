/** Where other systems want to hear of tickets, as purgedesk.yaml has it. */
import { z } from 'zod';

export const WEBHOOK_EVENTS = ['ticket.opened', 'ticket.moved', 'ticket.held', 'ticket.released'] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

export interface Webhook {
  readonly name: string;
  readonly url: string;
  /** `whsec_` and base64; whoever knows it can tell our deliveries from forged ones. */
  readonly secret: string;
  readonly events: readonly WebhookEvent[];
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Over TLS, except on this machine; without a name or a password in it. */
function isDeliverable(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || text.length > URL_MAX) return false;
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
}

const URL_MAX = 500;
/** 24 to 64 bytes, as the Standard Webhooks specification 1.0 has it. */
const SECRET = /^whsec_(?:[A-Za-z0-9+/]{4}){8,21}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export const webhooksSchema = z
  .array(
    z.strictObject({
      name: z.string('is not a text').regex(/^[a-z][a-z0-9-]{0,39}$/, 'is not a short name in lower case'),
      url: z
        .string('is not a text')
        .refine(isDeliverable, 'is not an https:// URL (http:// is accepted on loopback only)'),
      secret: z.string('is not a text').regex(SECRET, 'is not whsec_ and 24 to 64 bytes in base64'),
      events: z
        .array(z.enum(WEBHOOK_EVENTS, `is not one of ${WEBHOOK_EVENTS.join(', ')}`))
        .min(1, 'names no event; nothing would be sent')
        .default([...WEBHOOK_EVENTS]),
    }),
  )
  .max(20, 'has more than 20 entries')
  .refine(
    (webhooks) => new Set(webhooks.map(({ name }) => name)).size === webhooks.length,
    'has two entries of one name',
  );

/** What programs may do beyond asking: both lists are empty unless they are set. */
export const apiSchema = z.strictObject({
  callbackHosts: z
    .array(
      z
        .string('is not a text')
        .regex(
          /^[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?$/,
          'is not a host name in lower case, with a port if need be',
        ),
    )
    .max(20, 'has more than 20 entries')
    .default([]),
});
