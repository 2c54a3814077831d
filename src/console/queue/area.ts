import type { Area } from '../areas.ts';
import { page } from '../pages.ts';

interface QueueView {
  readonly page: { readonly title: string };
}

const QUEUE = page<QueueView>('queue/list');

/** What waits for a person, and everything else. */
export const queueArea =
  (): Area =>
  (app, { show }) => {
    app.get('/queue', { config: { access: 'viewer' } }, async (request, reply) =>
      show(request, reply, QUEUE, { page: { title: 'Queue' } }),
    );
  };
