/** A program that asks the desk, and a check of every answer against the document that describes it. */
import { z } from 'zod';
import type { ApiScope } from '../../src/console/api/scopes.ts';
import { createToken } from '../../src/console/api/tokens.ts';
import type { WholeDesk } from './whole-desk.ts';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface Program {
  readonly token: string;
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  erase(path: string): Promise<Answer>;
}

/** They are numbered from 1 at each desk. */
export async function program(whole: WholeDesk, ...scopes: readonly ApiScope[]): Promise<Program> {
  const programs = await whole.desk.db('api_tokens').pluck('id');
  const name = `program ${programs.length + 1}`;
  const made = await createToken(whole.desk.db, { name, scopes, expiresAt: null, by: 'ada' });
  if (made.kind === 'taken') throw new Error('the name is taken');
  return programWith(whole, made.token);
}

export function programWith(whole: WholeDesk, token: string): Program {
  const ask = async (
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    rest: { readonly payload?: string; readonly headers?: Record<string, string> } = {},
  ): Promise<Answer> => {
    const answer = await whole.app.inject({
      method,
      url,
      ...(rest.payload === undefined ? {} : { payload: rest.payload }),
      headers: { authorization: `Bearer ${token}`, ...rest.headers },
    });
    return {
      status: answer.statusCode,
      text: answer.body,
      headers: answer.headers,
      body: JSON.parse(answer.body) as Record<string, unknown>,
    };
  };
  return {
    token,
    get: (path) => ask('GET', path),
    post: (path, body, headers = {}) =>
      ask('POST', path, {
        payload: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    erase: (path) => ask('DELETE', path),
  };
}

interface Described {
  readonly paths: Record<
    string,
    Record<string, { responses: Record<string, { content: Record<string, { schema: object }> }> }>
  >;
  readonly components: { readonly schemas: { readonly Fault: object } };
}

/** @returns what is wrong with an answer by the document, nothing if all is right */
export function unlikeDocument(
  document: unknown,
  asked: { readonly method: string; readonly path: string },
  { status, body }: Answer,
): readonly string[] {
  const { paths, components } = document as Described;
  const described = paths[asked.path]?.[asked.method.toLowerCase()]?.responses[String(status)];
  const schema = described?.content['application/json']?.schema;
  if (schema === undefined) return [`${asked.method} ${asked.path} ${status} is not described`];
  const whole = '$ref' in schema ? components.schemas.Fault : schema;
  const parsed = z.fromJSONSchema(whole as Parameters<typeof z.fromJSONSchema>[0]).safeParse(body);
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}
