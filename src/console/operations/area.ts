import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Area, Site } from '../areas.ts';
import { page } from '../pages.ts';
import { EMPTY_FORM, type OrderFormView, readOrderForm } from './order-form.ts';
import type { OperationsPorts } from './ports.ts';
import { readDeskWork, readOrders } from './read-operations.ts';
import { type StorePageView, storePageView } from './store-view.ts';
import { type OperationsView, operationsView } from './view.ts';

const OPERATIONS = page<OperationsView>('operations/show');
const RESUME = page<ResumeView>('operations/resume');
const STORE = page<StorePageView>('operations/store');

interface ResumeView {
  readonly page: { readonly title: string };
  readonly halt: { readonly at: string; readonly by: string; readonly reason: string } | null;
  readonly waiting: number;
  readonly form: OrderFormView;
}

/** What has to be typed before purges run again. */
const RESUME_WORD = 'resume purges';

/**
 * How the desk itself is doing, and the orders that hold purges back or let them go on. Halting takes a reason and one
 * click; whatever lets something delete again has a page of its own.
 */
export const operationsArea =
  (ports: OperationsPorts): Area =>
  (app, site) => {
    switchRoutes(app, site, ports);
    storeRoutes(app, site, ports);
    app.post('/operations/audit-check', { config: { access: 'agent' } }, async (request, reply) => {
      await ports.checkAudit(nameOf(request));
      return reply.redirect(`${site.base}/operations#records`, 303);
    });
  };

function switchRoutes(app: FastifyInstance, site: Site, ports: OperationsPorts): void {
  const showAll = async (
    request: FastifyRequest,
    reply: FastifyReply,
    haltForm = EMPTY_FORM,
    status = 200,
  ) => {
    const [work, purges, replies, nearDeadline, keys, [check = null]] = await Promise.all([
      readDeskWork(ports.db),
      ports.purges(),
      ports.replies(),
      ports.nearDeadline(),
      ports.receiptKeys(),
      ports.auditChecks(1),
    ]);
    const role = request.agent?.role ?? 'viewer';
    const view = operationsView(
      { work, purges, replies, nearDeadline, keys, check },
      { base: site.base, role, ports, haltForm },
    );
    return site.show(request, reply, OPERATIONS, view, status);
  };

  app.get('/operations', { config: { access: 'viewer' } }, async (request, reply) => showAll(request, reply));

  app.post('/operations/halt', { config: { access: 'approver' } }, async (request, reply) => {
    const read = readOrderForm(request.body, null);
    if (read.kind === 'refused') return showAll(request, reply, read.form, 422);
    await ports.halt({ agent: nameOf(request), reason: read.reason });
    return reply.redirect(`${site.base}/operations`, 303);
  });

  const showResume = async (
    request: FastifyRequest,
    reply: FastifyReply,
    form = EMPTY_FORM,
    status = 200,
  ) => {
    const { halt, purges } = await ports.purges();
    const view = { page: { title: 'Let purges run again' }, halt, waiting: purges.length, form };
    return site.show(request, reply, RESUME, view, status);
  };

  app.get('/operations/resume', { config: { access: 'approver' } }, async (request, reply) =>
    showResume(request, reply),
  );

  app.post('/operations/resume', { config: { access: 'approver' } }, async (request, reply) => {
    const read = readOrderForm(request.body, RESUME_WORD);
    if (read.kind === 'refused') return showResume(request, reply, read.form, 422);
    await ports.resume({ agent: nameOf(request), reason: read.reason });
    return reply.redirect(`${site.base}/operations`, 303);
  });
}

const ORDERS_SHOWN = 20;

function storeRoutes(app: FastifyInstance, site: Site, ports: OperationsPorts): void {
  const showStore = async (request: FastifyRequest, reply: FastifyReply, form = EMPTY_FORM, status = 200) => {
    const name = storeIn(request);
    const purges = await ports.purges();
    const orders = await readOrders(ports.db, ORDERS_SHOWN, name);
    const view = storePageView(name, { stores: ports.stores, purges, orders, form });
    return view === null ? site.hide(request, reply) : site.show(request, reply, STORE, view, status);
  };
  const isKnown = ({ stores }: OperationsPorts, name: string) => stores.some((store) => store.name === name);

  app.get('/operations/stores/:store', { config: { access: 'approver' } }, async (request, reply) =>
    showStore(request, reply),
  );

  app.post('/operations/stores/:store/brake', { config: { access: 'approver' } }, async (request, reply) => {
    const name = storeIn(request);
    const read = readOrderForm(request.body, null);
    if (read.kind === 'refused') return showStore(request, reply, read.form, 422);
    if (!isKnown(ports, name)) return site.hide(request, reply);
    await ports.brake(name, { agent: nameOf(request), reason: read.reason });
    return reply.redirect(`${site.base}/operations#stores`, 303);
  });

  // Also of a store that the configuration does not name any more: its brake would stay for ever.
  app.post(
    '/operations/stores/:store/release',
    { config: { access: 'approver' } },
    async (request, reply) => {
      const name = storeIn(request);
      const read = readOrderForm(request.body, name);
      if (read.kind === 'refused') return showStore(request, reply, read.form, 422);
      await ports.release(name, { agent: nameOf(request), reason: read.reason });
      return reply.redirect(`${site.base}/operations#stores`, 303);
    },
  );
}

const storeIn = (request: FastifyRequest): string =>
  (request.params as { readonly store: string }).store.slice(0, 100);

function nameOf({ agent }: FastifyRequest): string {
  if (agent === null) throw new TypeError('an order was given by nobody');
  return agent.name;
}
