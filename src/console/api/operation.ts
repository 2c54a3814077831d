/** One thing that a program can ask for: what it takes and gives stands here once, for the server and for OpenAPI. */
import type { Knex } from 'knex';
import type { z } from 'zod';
import type { FaultCode } from './fault.ts';
import type { ApiScope } from './scopes.ts';
import type { ApiToken } from './tokens.ts';

/** One request, checked. */
export interface Call<Params, Query, Body> {
  readonly token: ApiToken;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The body as it came. */
  readonly raw: Buffer;
  /** For what changes something a transaction, which is committed unless it throws. */
  readonly db: Knex;
}

export interface Operation {
  /** camelCase, unique. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** As Fastify has it: `/api/v1/tickets/:reference`. */
  readonly path: string;
  readonly scope: ApiScope;
  readonly summary: string;
  readonly params: z.ZodObject | null;
  readonly query: z.ZodObject | null;
  readonly body: z.ZodType | null;
  readonly status: 200 | 201 | 202;
  /** What is not in it does not leave. */
  readonly answer: z.ZodType;
  /** Besides what every operation may answer. */
  readonly faults: readonly FaultCode[];
  run(call: Call<unknown, unknown, unknown>): Promise<unknown>;
  /** What the answer has from the request itself and is not kept: added to it each time that it is given. */
  complete?(answer: object, raw: Buffer): object;
}

type Out<Schema> = Schema extends z.ZodType ? z.output<Schema> : null;

/** Ties the types of the parts together; outside they are all alike. */
export function operation<
  Params extends z.ZodObject | null,
  Query extends z.ZodObject | null,
  Body extends z.ZodType | null,
  Answer extends z.ZodType,
>(
  parts: Omit<Operation, 'params' | 'query' | 'body' | 'answer' | 'run'> & {
    readonly params: Params;
    readonly query: Query;
    readonly body: Body;
    readonly answer: Answer;
    run(call: Call<Out<Params>, Out<Query>, Out<Body>>): Promise<z.input<Answer>>;
  },
): Operation {
  return parts as unknown as Operation;
}
