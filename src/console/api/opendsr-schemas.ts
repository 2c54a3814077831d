/** Requests and answers in the shape of OpenDSR 3.0. */
import { z } from 'zod';
import { HOLD_REASONS, STATES } from '../../domain/ticket.ts';
import { instant } from './schemas.ts';

export const OPENDSR_VERSION = '3.0';
export const IDENTITY = { identity_type: 'controller_customer_id', identity_format: 'raw' } as const;
const REQUEST_TYPE = 'erasure';
const CALLBACKS_MAX = 5;
const URL_MAX = 500;
const uuid = z.uuidv4().transform((id) => id.toLowerCase());
const address = z
  .string()
  .max(254)
  .regex(/^[!#-'*+\-/-9=?A-Z^-~.]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/, 'is not one plain ASCII address')
  .transform((text) => text.toLowerCase());

export const requestBody = (domain: string) =>
  z.object({
    subject_request_id: uuid.meta({ description: 'UUID v4, chosen by the app.' }),
    subject_request_type: z.literal(REQUEST_TYPE),
    submitted_time: instant.meta({ description: 'When the button was pressed.' }),
    subject_identities: z
      .tuple([
        z.object({
          identity_type: z.literal(IDENTITY.identity_type),
          identity_format: z.literal(IDENTITY.identity_format),
          identity_value: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
        }),
      ])
      .meta({ description: 'The ID of one workspace.' }),
    status_callback_urls: z.array(z.url().max(URL_MAX)).max(CALLBACKS_MAX).default([]),
    regulation: z.string().max(40).optional(),
    api_version: z.string().max(10).optional(),
    extensions: z.object({
      [domain]: z.object({
        requested_by: address.meta({ description: 'The address of whoever pressed the button.' }),
      }),
    }),
  });

export const extensionSchema = z.object({
  ticket: z.string(),
  state: z.enum(STATES),
  holds: z.array(z.enum(HOLD_REASONS)),
  grace_ends_at: z.iso.datetime().nullable(),
});

export const idParams = z.object({ id: uuid });
export const utc = z.iso.datetime();
export const common = {
  controller_id: z.string().meta({ description: 'The name of the token.' }),
  subject_request_id: z.uuidv4(),
  expected_completion_time: utc,
  api_version: z.literal(OPENDSR_VERSION),
};
