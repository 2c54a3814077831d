/** What a program is told that asks for something it does not get: no value of its request is repeated. */
import { z } from 'zod';

export const faultSchema = z.object({
  code: z.string().meta({ description: 'Stable: what programs go by.' }),
  message: z.string().meta({ description: 'One sentence for people.' }),
  errors: z.array(
    z.object({
      path: z.string().meta({ description: 'Where, like body.reason.' }),
      message: z.string(),
    }),
  ),
});
export type FaultBody = z.infer<typeof faultSchema>;

export const FAULTS = {
  unauthorized: [401, 'A token that works is needed: Authorization: Bearer …'],
  forbidden: [403, 'The token does not have the scope that this takes.'],
  not_found: [404, 'There is nothing here.'],
  conflict: [409, 'The state of the ticket does not allow that.'],
  key_in_use: [409, 'A request with this Idempotency-Key is being answered right now.'],
  too_large: [413, 'The request is larger than what is read here.'],
  not_json: [415, 'Send application/json.'],
  unreadable: [400, 'The request is not valid JSON, or not a request at all.'],
  invalid: [422, 'Something in the request is not as it has to be.'],
  key_reused: [422, 'This Idempotency-Key came with another request before.'],
  id_reused: [422, 'This subject_request_id came with another request before.'],
  unknown_workspace: [422, 'The directory knows no workspace of this id.'],
  callback_refused: [422, 'A callback goes only to a host that the configuration of the desk names.'],
  too_many_deletions: [
    429,
    'So many workspaces, or one a second time, are not deleted within a day by this way: have a person look at it.',
  ],
  too_many: [429, 'Too many requests: wait, then go on more slowly.'],
  fault: [500, 'That did not work. Trying again later is safe.'],
} as const satisfies Readonly<Record<string, readonly [status: number, message: string]>>;
export type FaultCode = keyof typeof FAULTS;

/** Thrown by what answers a request; the answer is made of it. */
export class ApiFault extends Error {
  readonly fault: FaultCode;
  readonly errors: FaultBody['errors'];

  /** @param detail - instead of the usual sentence; without a word of the request */
  constructor(
    fault: FaultCode,
    options: { readonly detail?: string; readonly errors?: FaultBody['errors'] } = {},
  ) {
    super(options.detail ?? FAULTS[fault][1]);
    this.name = 'ApiFault';
    this.fault = fault;
    this.errors = options.errors ?? [];
  }

  get status(): number {
    return FAULTS[this.fault][0];
  }

  get body(): FaultBody {
    return { code: this.fault, message: this.message, errors: this.errors };
  }
}

/** Which members are wrong. Their names are those of the schema; what was sent is not repeated. */
export const invalid = (where: 'body' | 'query' | 'path', error: z.ZodError): ApiFault =>
  new ApiFault('invalid', {
    errors: error.issues.slice(0, ERRORS_MAX).map((issue) => ({
      path: [where, ...issue.path.map(String)].join('.').slice(0, PATH_MAX),
      message:
        issue.code === 'unrecognized_keys'
          ? 'has a member that is not known'
          : issue.message.replace(/^Invalid input: /, ''),
    })),
  });

const ERRORS_MAX = 20;
const PATH_MAX = 100;
