/** The API for people who write programs, from the document that programs read. */
import type { FastifyInstance } from 'fastify';
import type { Site } from '../areas.ts';
import { page } from '../pages.ts';
import { FAULTS } from './fault.ts';
import type { Operation } from './operation.ts';
import { SCOPE_WORDS } from './scopes.ts';

interface DocsView {
  readonly page: {
    readonly title: string;
    readonly isWide: boolean;
    readonly refreshSeconds: null;
    readonly mark: null;
  };
  readonly scopes: readonly { readonly name: string; readonly words: string }[];
  readonly operations: readonly {
    readonly id: string;
    readonly method: string;
    readonly path: string;
    readonly scope: string;
    readonly summary: string;
    readonly parameters: readonly {
      readonly name: string;
      /** '' = in the query. */
      readonly where: string;
      readonly isFirst: boolean;
    }[];
    /** JSON Schema; '' = it takes no body. */
    readonly body: string;
    readonly status: number;
    readonly answer: string;
  }[];
  readonly faults: readonly { readonly code: string; readonly status: number; readonly message: string }[];
}

const DOCS = page<DocsView>('api/docs');

type Described = {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } };
  readonly responses: Readonly<
    Record<string, { readonly content: { readonly 'application/json': { readonly schema: object } } }>
  >;
};

export function docsPage(
  app: FastifyInstance,
  site: Site,
  operations: readonly Operation[],
  document: Readonly<Record<string, unknown>>,
): void {
  const paths = document.paths as Readonly<Record<string, Readonly<Record<string, Described>>>>;
  const view: DocsView = {
    page: { title: 'API', isWide: true, refreshSeconds: null, mark: null },
    scopes: Object.entries(SCOPE_WORDS).map(([name, words]) => ({ name, words })),
    operations: operations.map((operation) => {
      const path = operation.path.replace(/:(\w+)/g, '{$1}');
      const described = paths[path]?.[operation.method.toLowerCase()];
      return {
        id: operation.id,
        method: operation.method,
        path,
        scope: operation.scope,
        summary: operation.summary,
        parameters: (described?.parameters ?? []).map(({ name, in: where }, index) => ({
          name,
          where: where === 'query' ? '' : where,
          isFirst: index === 0,
        })),
        body: pretty(described?.requestBody?.content['application/json'].schema),
        status: operation.status,
        answer: pretty(described?.responses[String(operation.status)]?.content['application/json'].schema),
      };
    }),
    faults: Object.entries(FAULTS).map(([code, [status, message]]) => ({ code, status, message })),
  };
  app.get('/api/docs', { config: { access: 'public' } }, async (_request, reply) =>
    site.showPublic(reply, DOCS, view),
  );
}

const pretty = (schema: object | undefined): string =>
  schema === undefined ? '' : JSON.stringify(schema, null, 2);
