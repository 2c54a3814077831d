import type { Knex } from 'knex';
import { PurgedeskError } from '../../domain/errors.ts';
import type { PlanStep } from '../../domain/plan.ts';
import type { Erased, Store, StoreCheckpoint } from '../store.ts';
import type { ManualChecklist, ManualStoreDefinition } from './manual-catalogue.ts';

/**
 * What no program reaches. A step is a checklist; it counts its items, because nobody counts what they delete, and is
 * done when an agent has ticked each of them for this very plan. Until then it waits.
 * @param db - the desk's own database, where ticks are kept
 */
export function openManualStore(definition: ManualStoreDefinition, db: Knex): Store {
  const unticked = async (step: PlanStep, signal: AbortSignal, plan: string | undefined): Promise<number> => {
    signal.throwIfAborted();
    const { items } = checklistOf(definition, step);
    return items.length - (await tickedItems(definition, db, step, plan)).length;
  };
  return {
    name: definition.name,
    rehearse: unticked,
    countRemaining: unticked,
    erase: async (step, checkpoint, { signal, plan }): Promise<Erased> => {
      signal.throwIfAborted();
      const { items } = checklistOf(definition, step);
      const ticked = (await tickedItems(definition, db, step, plan)).length;
      const isDone = ticked === items.length;
      return {
        deleted: ticked - countedIn(checkpoint),
        allowed: items.length,
        checkpoint: ticked === 0 ? null : { ticked },
        done: isDone,
        ...(isDone ? {} : { waits: 'agent' as const }),
      };
    },
    close: async () => undefined,
  };
}

/** A tick is never taken back, so what an earlier batch counted is still among it. */
function countedIn(checkpoint: StoreCheckpoint): number {
  const ticked = (checkpoint as { readonly ticked?: unknown } | null)?.ticked;
  return typeof ticked === 'number' ? ticked : 0;
}

/** The checklist that a step is. @throws PurgedeskError PD_STORE_INVALID when the step is not one of this store */
export function checklistOf(definition: ManualStoreDefinition, step: PlanStep): ManualChecklist {
  const found = definition.checklists.find(({ checklist }) => checklist === step.target);
  const { workspaceId, sourceId, spaceId, projectId, users, events, properties } = step.predicate;
  const ids = [workspaceId, sourceId ?? 'none', spaceId ?? 'none', projectId ?? 'none', ...users, ...events];
  if (found === undefined || step.store !== definition.name || step.action !== 'delete') {
    throw invalid(definition, 'a step is not one of this store');
  }
  if (ids.some((id) => id.trim() === '')) throw invalid(definition, 'an identifier is empty');
  if (properties.length > 0) throw invalid(definition, 'single properties cannot be deleted');
  return found;
}

async function tickedItems(
  definition: ManualStoreDefinition,
  db: Knex,
  step: PlanStep,
  plan: string | undefined,
): Promise<readonly string[]> {
  const { items } = checklistOf(definition, step);
  if (plan === undefined) return [];
  const rows = await db('checklist_ticks')
    .select<{ item: string }[]>('item')
    .where({ plan_hash: plan, step: step.no })
    .whereIn(
      'item',
      items.map(({ item }) => item),
    )
    .catch((error: unknown) => {
      throw failed(definition, error);
    });
  return rows.map(({ item }) => item);
}

/** The driver's own message stays out of it: it quotes the statement. */
const failed = ({ name }: ManualStoreDefinition, error: unknown): PurgedeskError =>
  new PurgedeskError('PD_STORE_FAILED', 'the ticks of a checklist could not be read', {
    details: {
      store: name,
      sqlstate: String((error as { code?: unknown } | null)?.code ?? 'unknown').slice(0, 40),
    },
  });

const invalid = ({ name }: ManualStoreDefinition, what: string): PurgedeskError =>
  new PurgedeskError('PD_STORE_INVALID', `store ${name}: ${what}`, {
    details: { store: name },
    remedy: 'Correct the entry of this store in the catalogue.',
  });
