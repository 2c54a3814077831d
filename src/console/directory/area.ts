import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Area, Site } from '../areas.ts';
import { EMPTY_FORM, type OrderFormView, readOrderForm } from '../operations/order-form.ts';
import { page } from '../pages.ts';
import { importRoutes } from './import-routes.ts';
import type { DirectoryPorts, StopLine } from './ports.ts';
import {
  listWorkspaceLines,
  PAGE_SIZE,
  readWorkspace,
  type WorkspaceLine,
  type WorkspaceRecord,
} from './read-workspaces.ts';

const LIST = page<ListView>('directory/list');
const WORKSPACE = page<WorkspaceView>('directory/workspace');
const STOPS = page<StopsView>('directory/stops');
const LIFT = page<LiftView>('directory/lift');

interface ListView {
  readonly page: { readonly title: string };
  readonly text: string;
  readonly tabs: readonly { readonly href: string; readonly label: string; readonly isHere: boolean }[];
  readonly show: string;
  readonly workspaces: readonly WorkspaceLine[];
  readonly next: string | null;
  readonly isFiltered: boolean;
  readonly isAdmin: boolean;
}

interface WorkspaceView extends WorkspaceRecord {
  readonly page: { readonly title: string };
  readonly mayLift: boolean;
}

interface StopsView {
  readonly page: { readonly title: string };
  readonly stops: readonly StopLine[];
  readonly mayLift: boolean;
}

interface LiftView {
  readonly page: { readonly title: string };
  readonly workspace: WorkspaceRecord;
  readonly form: OrderFormView;
}

/** Who owns what, workspaces that are stopped, and the import of a file with a look at what it changes first. */
export const directoryArea =
  (ports: DirectoryPorts): Area =>
  (app, site) => {
    app.get('/directory', { config: { access: 'viewer' } }, async (request, reply) => {
      const query = QUERY.parse(request.query);
      const lines = await listWorkspaceLines(ports.db, {
        text: query.q,
        show: query.show,
        after: afterOf(query),
      });
      return site.show(request, reply, LIST, listView(lines, query, { base: site.base, request }));
    });
    app.get('/directory/workspaces/:workspace', { config: { access: 'viewer' } }, async (request, reply) => {
      const record = await readWorkspace(ports.db, workspaceIn(request));
      if (record === null) return site.hide(request, reply);
      const view = { page: { title: `Workspace ${record.slug}` }, ...record, mayLift: mayLift(request) };
      return site.show(request, reply, WORKSPACE, view);
    });
    stopRoutes(app, site, ports);
    importRoutes(app, site, ports);
  };

function stopRoutes(app: FastifyInstance, site: Site, ports: DirectoryPorts): void {
  app.get('/directory/stops', { config: { access: 'viewer' } }, async (request, reply) => {
    const view = {
      page: { title: 'Stopped workspaces' },
      stops: await ports.stops(),
      mayLift: mayLift(request),
    };
    return site.show(request, reply, STOPS, view);
  });

  const showLift = (
    request: FastifyRequest,
    reply: FastifyReply,
    workspace: WorkspaceRecord,
    form = EMPTY_FORM,
    status = 200,
  ) =>
    site.show(
      request,
      reply,
      LIFT,
      { page: { title: `Lift the stop of ${workspace.slug}` }, workspace, form },
      status,
    );

  const path = '/directory/workspaces/:workspace/lift';
  app.get(path, { config: { access: 'approver' } }, async (request, reply) => {
    const workspace = await readWorkspace(ports.db, workspaceIn(request));
    return workspace === null ? site.hide(request, reply) : showLift(request, reply, workspace);
  });
  app.post(path, { config: { access: 'approver' } }, async (request, reply) => {
    const workspace = await readWorkspace(ports.db, workspaceIn(request));
    if (workspace === null) return site.hide(request, reply);
    const read = readOrderForm(request.body, workspace.slug);
    if (read.kind === 'refused') return showLift(request, reply, workspace, read.form, 422);
    await ports.lift(workspace.id, { agent: request.agent?.name ?? '', note: read.reason });
    return reply.redirect(`${site.base}/directory/workspaces/${workspace.id}`, 303);
  });
}

const SHOWN = ['all', 'living', 'deleted', 'stopped'] as const;
const LABELS = { all: 'All', living: 'Living', deleted: 'Deleted', stopped: 'Stopped' } as const;

/** What cannot be read is as if it had not been asked for. */
const QUERY = z.object({
  q: z
    .string()
    .trim()
    .max(200)
    .regex(/^[^\0]*$/)
    .catch(''),
  show: z.enum(SHOWN).catch('all'),
  after: z
    .string()
    .regex(/^[a-z0-9_-]{1,63}~[A-Za-z0-9_-]{1,64}$/)
    .nullable()
    .catch(null),
});
type Query = z.infer<typeof QUERY>;

function afterOf({ after }: Query): { slug: string; id: string } | null {
  const [slug, id] = after?.split('~') ?? [];
  return slug === undefined || id === undefined ? null : { slug, id };
}

function listView(
  lines: readonly WorkspaceLine[],
  query: Query,
  { base, request }: { readonly base: string; readonly request: FastifyRequest },
): ListView {
  const workspaces = lines.slice(0, PAGE_SIZE);
  const last = workspaces.at(-1);
  const link = (show: string, after: string | null = null): string => {
    const parts = new URLSearchParams();
    if (query.q !== '') parts.set('q', query.q);
    if (show !== 'all') parts.set('show', show);
    if (after !== null) parts.set('after', after);
    const text = parts.toString();
    return `${base}/directory${text === '' ? '' : `?${text}`}`;
  };
  return {
    page: { title: 'Directory' },
    text: query.q,
    show: query.show,
    tabs: SHOWN.map((show) => ({ href: link(show), label: LABELS[show], isHere: show === query.show })),
    workspaces,
    next: lines.length > PAGE_SIZE && last !== undefined ? link(query.show, `${last.slug}~${last.id}`) : null,
    isFiltered: query.q !== '' || query.show !== 'all' || query.after !== null,
    isAdmin: request.agent?.role === 'admin',
  };
}

const mayLift = ({ agent }: FastifyRequest): boolean => agent?.role === 'approver' || agent?.role === 'admin';

const workspaceIn = (request: FastifyRequest): string => {
  const { workspace } = request.params as { readonly workspace: string };
  return /^[A-Za-z0-9_-]{1,64}$/.test(workspace) ? workspace : '';
};
