import { dayOf } from '../../domain/calendar.ts';
import type { PlanStep, Predicate } from '../../domain/plan.ts';
import { placesOf, type StoreCatalogue, type StoreDefinition } from '../catalogue.ts';
import { targetOf } from '../stores/s3-catalogue.ts';
import { exactPrefixes } from '../stores/s3-prefixes.ts';
import type { LedgerEntry } from './chain.ts';

/** What the directory says about the workspace of an erasure, now. */
export interface WorkspaceNow {
  /** `null` = the directory does not know it. */
  readonly createdAt: Date | null;
  readonly isLiving: boolean;
  /** Somebody in charge asked to stop every deletion there. */
  readonly isStopped: boolean;
}

/** Why an erasure is replayed only if an agent takes it upon themselves. */
export type Doubt =
  /** The directory does not know the workspace, which says nothing: the directory may be empty, or older than it. */
  | 'unknown'
  /** All of the workspace went, and it lives: somebody brought it back on purpose, or only the backup did. */
  | 'lives_again'
  /** The place cannot tell what a backup brought back from what has come since. */
  | 'undatable';

/** Why an erasure is not replayed. */
export type Left =
  | Doubt
  /** The backups of its ticket have expired, so nobody can know any more whom it was about. */
  | 'unsealed'
  /** The catalogue has this place no more, or it cannot express the step any more. */
  | 'place_gone'
  /** It is on a checklist of agents. */
  | 'by_hand'
  | 'stopped'
  /** There is another workspace of this id now. */
  | 'recreated'
  /** An object's own time decides, which is now that of its restore: what came back would not match. */
  | 'object_time';

export interface ReadyReplay {
  readonly kind: 'ready';
  readonly step: PlanStep;
  /** Newer data is not what was erased; `null` = the place cannot tell, and need not. */
  readonly receivedBefore: Date | null;
  /** What the agent took upon themselves. */
  readonly despite: readonly Doubt[];
}

/**
 * The step that erases once more what was erased then, and nothing that came since: a person who was deleted may have
 * come back. Where the place knows when data was received, only older data matches. Where it does not, the step stands
 * as it is if all of a workspace went that the directory knows to be gone. Every doubt is for an agent.
 * @param step - that of the entry
 * @param options.includeUndatable - the agent has made sure, of each doubt that the dry run names
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

  const cut = store.kind === 's3' ? cutByTime(store, step) : 'nothing';
  if (cut === 'unknown') return left('place_gone');
  if (cut === 'something') return left('object_time');

  const { predicate } = step;
  const isWhole = isWholeWorkspace(predicate);
  const doubts: Doubt[] = [];
  if (workspace.createdAt === null) doubts.push('unknown');
  if (isWhole && workspace.isLiving) doubts.push('lives_again');
  const decided = (bounded: PlanStep): ReturnType<typeof replayStep> => {
    const [doubt] = doubts;
    if (doubt !== undefined && !options.includeUndatable) return left(doubt);
    const before = bounded.predicate.receivedBefore;
    return {
      kind: 'ready',
      step: bounded,
      receivedBefore: before === null ? null : new Date(before),
      despite: doubts,
    };
  };
  if (predicate.receivedBefore !== null && new Date(predicate.receivedBefore) <= erasedAt)
    return decided(step);
  // An object in a bucket is as new as its restore, so its time says nothing here.
  if (place.fields.includes('receivedAt') && store.kind !== 's3') {
    const bounded = { ...step, predicate: { ...predicate, receivedBefore: entry.at } };
    return (place.limits?.(bounded.predicate) ?? []).length > 0 ? left('place_gone') : decided(bounded);
  }
  const isOver = isWhole && workspace.createdAt !== null && !workspace.isLiving;
  if (!isOver) doubts.push('undatable');
  return decided(step);
}

/** Whether an object's own time decides anywhere; `unknown` = the template cannot express the step any more. */
function cutByTime(
  store: Extract<StoreDefinition, { kind: 's3' }>,
  { target, predicate }: PlanStep,
): 'nothing' | 'something' | 'unknown' {
  const template = store.prefixes.find((prefix) => targetOf(store, prefix) === target);
  if (template === undefined) return 'unknown';
  // Where the time frame is open at its beginning, only its last day can be cut in two.
  const held = predicate.receivedBefore === null ? [] : [dayOf(new Date(predicate.receivedBefore))];
  try {
    return exactPrefixes(template, predicate, held).some(({ byTime }) => byTime) ? 'something' : 'nothing';
  } catch (error) {
    if (error instanceof RangeError) return 'unknown';
    throw error;
  }
}

const left = (why: Left) => ({ kind: 'left', why }) as const;

const isWholeWorkspace = (predicate: Predicate): boolean => {
  const { sourceId, spaceId, projectId, users, events, properties, receivedFrom } = predicate;
  const narrowed = [sourceId, spaceId, projectId, receivedFrom].some((part) => part !== null);
  return !narrowed && users.length + events.length + properties.length === 0;
};
