import type { PlanStep, Predicate } from '../../domain/plan.ts';
import { placesOf, type StoreCatalogue } from '../catalogue.ts';
import type { LedgerEntry } from './chain.ts';

/** What the directory says about the workspace of an erasure, now. */
export interface WorkspaceNow {
  /** `null` = the directory does not know it. */
  readonly createdAt: Date | null;
  readonly isLiving: boolean;
  /** Somebody in charge asked to stop every deletion there. */
  readonly isStopped: boolean;
}

/** Why an erasure is not replayed. */
export type Left =
  /** The backups of its ticket have expired, so nobody can know any more whom it was about. */
  | 'unsealed'
  /** The catalogue has this place no more, or it cannot express the step any more. */
  | 'place_gone'
  /** It is on a checklist of agents. */
  | 'by_hand'
  | 'stopped'
  /** There is another workspace of this id now. */
  | 'recreated'
  /** The place cannot tell what a backup brought back from what has come since. */
  | 'undatable';

export interface ReadyReplay {
  readonly kind: 'ready';
  readonly step: PlanStep;
  /** Newer data is not what was erased; `null` = the place cannot tell, and need not. */
  readonly receivedBefore: Date | null;
}

/**
 * The step that erases once more what was erased then, and nothing that came since: a person who was deleted may have
 * come back. Where the place knows when data was received, only older data matches. Where it does not, the step stands
 * as it is if all of a workspace went that does not live any more; else only if the agent takes it upon themselves.
 * @param step - that of the entry
 * @param options.includeUndatable - the agent has made sure that nothing new is among it
 */
export function replayStep(
  entry: Pick<LedgerEntry, 'at'>,
  step: PlanStep,
  world: { readonly catalogue: StoreCatalogue; readonly workspace: WorkspaceNow },
  options: { readonly includeUndatable: boolean },
): ReadyReplay | { readonly kind: 'left'; readonly why: Left } {
  const { catalogue, workspace } = world;
  const store = catalogue.find(({ name }) => name === step.store);
  const place = store && placesOf(store).find(({ target }) => target === step.target);
  if (store === undefined || place === undefined || store.kind !== step.kind) return left('place_gone');
  if (store.kind === 'manual') return left('by_hand');
  if (workspace.isStopped) return left('stopped');
  const erasedAt = new Date(entry.at);
  if (workspace.createdAt !== null && workspace.createdAt > erasedAt) return left('recreated');

  const { predicate } = step;
  const before = predicate.receivedBefore === null ? null : new Date(predicate.receivedBefore);
  if (before !== null && before <= erasedAt) return { kind: 'ready', step, receivedBefore: before };
  // An object in a bucket is as new as its restore, so its time says nothing here.
  if (place.fields.includes('receivedAt') && store.kind !== 's3') {
    const bounded = { ...step, predicate: { ...predicate, receivedBefore: entry.at } };
    if ((place.limits?.(bounded.predicate) ?? []).length > 0) return left('place_gone');
    return { kind: 'ready', step: bounded, receivedBefore: erasedAt };
  }
  const isOver = isWholeWorkspace(predicate) && !workspace.isLiving;
  return isOver || options.includeUndatable
    ? { kind: 'ready', step, receivedBefore: before }
    : left('undatable');
}

const left = (why: Left) => ({ kind: 'left', why }) as const;

const isWholeWorkspace = (predicate: Predicate): boolean => {
  const { sourceId, spaceId, projectId, users, events, properties, receivedFrom } = predicate;
  const narrowed = [sourceId, spaceId, projectId, receivedFrom].some((part) => part !== null);
  return !narrowed && users.length + events.length + properties.length === 0;
};
