/** OpenAPI 3.1 of what is served, from the schemas by which it is served. */
import { z } from 'zod';
import { FAULTS, type FaultCode, faultSchema } from './fault.ts';
import type { Operation } from './operation.ts';
import { SCOPE_WORDS } from './scopes.ts';

type Json = Readonly<Record<string, unknown>>;

/** Faults that every operation may answer with. */
const ALWAYS: readonly FaultCode[] = ['unauthorized', 'forbidden', 'too_many', 'fault'];
const OF_BODIES: readonly FaultCode[] = ['unreadable', 'not_json', 'too_large', 'key_in_use', 'key_reused'];

export function openApiDocument(operations: readonly Operation[], publicUrl: string, version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of operations) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'purgedesk',
      version,
      description:
        'A desk for data-deletion requests. No answer holds an address, a name or a word of a mail. All instants are RFC 3339 in UTC.',
    },
    servers: [{ url: publicUrl }],
    security: [{ token: [] }],
    paths,
    components: {
      schemas: { Fault: schemaOf(faultSchema, 'output') },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: `A token of \`purgedesk api-token add\`. Scopes: ${Object.entries(SCOPE_WORDS)
            .map(([scope, words]) => `${scope} (${words})`)
            .join('; ')}.`,
        },
      },
    },
  };
}

function describe(operation: Operation): Json {
  const parameters = [
    ...parametersOf(operation.params, 'path'),
    ...parametersOf(operation.query, 'query'),
    ...(operation.method === 'POST' ? [IDEMPOTENCY_KEY] : []),
  ];
  return {
    operationId: operation.id,
    summary: operation.summary,
    description: `Scope: \`${operation.scope}\`.`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(operation.body === null
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(operation.body, 'input') } },
          },
        }),
    responses: {
      [operation.status]: {
        description: operation.summary,
        content: { 'application/json': { schema: schemaOf(operation.answer, 'output') } },
      },
      ...refusalsOf(operation),
    },
  };
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same request with the same key within 24 hours is answered again and done once.',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
};

function parametersOf(schema: z.ZodObject | null, where: 'path' | 'query'): readonly Json[] {
  if (schema === null) return [];
  return Object.entries(schema.shape).map(([name, part]) => {
    const { description, ...rest } = schemaOf(part as z.ZodType, 'input');
    return {
      name,
      in: where,
      required: where === 'path',
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

function refusalsOf(operation: Operation): Readonly<Record<string, Json>> {
  const codes = [
    ...new Set([...operation.faults, ...ALWAYS, ...(operation.body === null ? [] : OF_BODIES)]),
  ].sort((a, b) => FAULTS[a][0] - FAULTS[b][0]);
  const byStatus: Record<string, Json> = {};
  for (const status of new Set(codes.map((code) => FAULTS[code][0]))) {
    const words = codes.filter((code) => FAULTS[code][0] === status);
    byStatus[status] = {
      description: words.map((code) => `\`${code}\`: ${FAULTS[code][1]}`).join(' '),
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Fault' } } },
    };
  }
  return byStatus;
}

/** The dialect of OpenAPI 3.1 is that of JSON Schema 2020-12; its own `$schema` line says nothing more. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
  });
  return rest;
}
