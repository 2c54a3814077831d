/** For the systems that take data in: whether a person must not be taken in again. */
import { z } from 'zod';
import { type Operation, operation } from './operation.ts';
import type { ApiPorts } from './ports.ts';

const params = z.object({ workspace: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });
const query = z.object({
  user: z
    .string()
    .min(1)
    .max(512)
    .refine((text) => !text.includes('\0'), 'holds a NUL'),
});

/** Neither an unknown workspace nor a person who was never heard of is told apart from one who is not on the list. */
export const suppressionOperation = (ports: ApiPorts): Operation =>
  operation({
    id: 'isSuppressed',
    method: 'GET',
    path: '/api/v1/suppressions/:workspace',
    scope: 'suppressions:read',
    summary: 'Whether a user ID of a workspace is on the list of those not to be taken in again',
    params,
    query,
    body: null,
    status: 200,
    answer: z.object({ suppressed: z.boolean() }),
    faults: ['not_found', 'invalid'],
    run: async (call) => ({ suppressed: await ports.isSuppressed(call.params.workspace, call.query.user) }),
  });
