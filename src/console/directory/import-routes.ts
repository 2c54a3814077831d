import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Site } from '../areas.ts';
import { EMPTY_FORM, readOrderForm } from '../operations/order-form.ts';
import { page } from '../pages.ts';
import { FORM_MAX, type ImportForm, readImportForm } from './import-form.ts';
import {
  confirmationOf,
  type DoneView,
  type ImportView,
  importView,
  type PreviewView,
  previewView,
} from './import-view.ts';
import type { DirectoryPorts } from './ports.ts';

const IMPORT = page<ImportView>('directory/import');
const PREVIEW = page<PreviewView>('directory/preview');
const DONE = page<DoneView>('directory/done');

/**
 * A file is looked at first, and nothing of it is kept: the page that shows what would change carries the file and the
 * digest of those changes. Applying it does exactly that, or nothing if the directory is another one by then.
 */
export function importRoutes(app: FastifyInstance, site: Site, ports: DirectoryPorts): void {
  const forAdmins = { config: { access: 'admin' as const } };
  const withFile = { ...forAdmins, bodyLimit: FORM_MAX };

  app.get('/directory/import', forAdmins, async (request, reply) =>
    site.show(request, reply, IMPORT, importView({ file: '', error: null })),
  );

  app.post('/directory/import', withFile, async (request, reply) => {
    const form = readImportForm(request.body);
    if (form.error !== null) return site.show(request, reply, IMPORT, importView(form), 422);
    return preview(request, reply, form);
  });

  app.post('/directory/import/apply', withFile, async (request, reply) => {
    const form = readImportForm(request.body);
    if (form.error !== null) return site.show(request, reply, IMPORT, importView(form), 422);
    const found = await ports.preview(form.file, form.format);
    if ('wrong' in found) return site.show(request, reply, IMPORT, importView(form, found.wrong), 422);
    const digest = digestIn(request.body);
    const order = readOrderForm(request.body, confirmationOf(found));
    const again = (stale: boolean) => {
      const shown = { ...form, form: order.kind === 'refused' && !stale ? order.form : EMPTY_FORM, stale };
      return site.show(request, reply, PREVIEW, previewView(found, shown), 422);
    };
    if (digest !== found.digest) return again(true);
    if (order.kind === 'refused') return again(false);
    const deletions = found.report.newlyDeleted.length;
    const applied = await ports.apply(form.file, form.format, {
      digest,
      deletions,
      agent: request.agent?.name ?? '',
      reason: order.reason,
    });
    if (applied.problems.length > 0) return preview(request, reply, form, { stale: true });
    const { opened, goingOn, cancelled } = applied;
    return site.show(request, reply, DONE, { page: { title: 'Imported' }, opened, goingOn, cancelled });
  });

  async function preview(
    request: FastifyRequest,
    reply: FastifyReply,
    form: ImportForm,
    { stale = false }: { readonly stale?: boolean } = {},
  ): Promise<FastifyReply> {
    const found = await ports.preview(form.file, form.format);
    if ('wrong' in found) return site.show(request, reply, IMPORT, importView(form, found.wrong), 422);
    const isRefused = stale || found.report.problems.length > 0;
    const view = previewView(found, { ...form, form: EMPTY_FORM, stale });
    return site.show(request, reply, PREVIEW, view, isRefused ? 422 : 200);
  }
}

const DIGEST = z.object({
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .catch(''),
});

const digestIn = (body: unknown): string =>
  DIGEST.parse(typeof body === 'object' && body !== null ? body : {}).digest;
