import { instantsOf } from '../domain/calendar.ts';
import { digestOf } from '../domain/canonical.ts';
import { actionOf, type Plan, type PlanStep, type Predicate } from '../domain/plan.ts';
import type { Residue } from '../domain/policy.ts';
import type { PropertyClause, Scope } from '../domain/request.ts';
import { type Target, targetDigest } from '../domain/target.ts';
import { placesOf, placesServing, type StoreCatalogue, type StoreDefinition } from './catalogue.ts';
import { FIELDS, type Field, type Place } from './stores/catalogue-fields.ts';

export interface PlanInput {
  /** The ticket's public reference, like PD-1042. */
  readonly reference: string;
  readonly target: Target;
  /** What the challenge confirmed. */
  readonly digest: string;
  readonly stores: StoreCatalogue;
  readonly residue: readonly Residue[];
}

/** Why no plan can be made, in plain sentences without names or ids of people. An agent decides. */
export interface Impossible {
  readonly impossible: readonly string[];
}

/**
 * The exact steps of a purge: table after table in the order of the catalogue, and for an account each of its frozen
 * workspaces in turn; single properties are cleared before anything is deleted from the same table. Every field of the
 * target narrows, whatever its scope; a serving table that cannot express one makes the plan impossible, and so does a
 * scope that nothing serves: an empty plan would pass for a finished purge.
 */
export function makePlan(input: PlanInput): Plan | Impossible {
  const { reference, target, digest, stores, residue } = input;
  const flaws = targetFlaws(target);
  if (targetDigest(target) !== digest) flaws.push('the target is not the one that was confirmed');
  if (flaws.length > 0) return { impossible: flaws };

  const places = stores.flatMap((store) =>
    placesServing(store, target.scope).map((place): StorePlace => ({ store, place })),
  );
  if (places.length === 0) return { impossible: [`no store serves scope ${target.scope}`] };
  const work = places.flatMap((each) =>
    predicatesFor(each, target).map((predicate) => ({ each, predicate })),
  );
  const limits = [
    ...places.flatMap((each) => propertyLimits(each, target)),
    ...work.flatMap(({ each, predicate }) => placeLimits(each, predicate)),
  ];
  if (limits.length > 0) return { impossible: [...new Set(limits)] };
  if (work.length === 0) return { impossible: ['no store holds properties of the kind that is named'] };

  const untouched = places.filter((place) => !work.some(({ each }) => each === place));
  return {
    version: 1,
    ticket: reference,
    scope: target.scope,
    digest,
    steps: work.map(({ each, predicate }, index) => stepAt(index + 1, each, predicate)),
    exclusions: exclusionsOf(target, stores, untouched),
    residue,
  };
}

/** A plan in words for an agent: one sentence a step, then what is left alone and what stays. Holds ids of end users: not for logs. */
export function explainPlan(plan: Plan): string[] {
  const steps = plan.steps.map(
    (step) => `${step.no}. ${ACTIONS[step.action]} ${step.store}, ${step.target}: ${explainStep(step)}.`,
  );
  return [
    ...steps,
    ...plan.exclusions.map((exclusion) => `Left alone: ${exclusion}.`),
    ...plan.residue.map(
      (residue) => `Stays ${howLong(residue)}: ${residue.what}, ${residue.why}${basis(residue)}.`,
    ),
  ];
}

function howLong({ retentionDays, rollingDays }: Residue): string {
  const days = retentionDays ?? rollingDays;
  return days === null ? 'on a rolling schedule' : `for ${days} days after the deletion`;
}

const basis = ({ legalBasis }: Residue): string => (legalBasis === null ? '' : ` (${legalBasis})`);

const ACTIONS = { delete: 'Delete from', clear: 'Clear in' } as const satisfies Record<
  PlanStep['action'],
  string
>;

interface StorePlace {
  readonly store: StoreDefinition;
  readonly place: Place;
}

/** What each scope must name; the same as domain/request.ts asks for, checked again on what was resolved. */
const SCOPE_NAMES: Record<Scope, (target: Target) => boolean> = {
  workspace: () => true,
  account: () => true,
  source: ({ source, timeFrame }) => source !== null && timeFrame !== null,
  space: ({ space }) => space !== null,
  user: ({ users }) => users.length > 0,
  events: ({ project, events, properties, timeFrame }) =>
    project !== null && events.length + properties.length > 0 && timeFrame !== null,
};

function targetFlaws(target: Target): string[] {
  const flaws: string[] = [];
  if (target.workspaces.length === 0) flaws.push('the target names no workspace');
  if (target.scope !== 'account' && target.workspaces.length > 1) {
    flaws.push(
      `scope ${target.scope} is about one workspace and the target names ${target.workspaces.length}`,
    );
  }
  if (!SCOPE_NAMES[target.scope](target))
    flaws.push(`the target does not name all that scope ${target.scope} needs`);
  const parts = [target.source, target.space, target.project].filter((part) => part !== null);
  const ids = [...target.workspaces, ...parts].map((named) => named.id);
  const named = target.properties.flatMap(({ name, event }) => (event === null ? [name] : [name, event]));
  if ([...ids, ...target.users, ...target.events, ...named].some((id) => id.trim() === '')) {
    flaws.push('the target holds an empty identifier');
  }
  if (new Set(target.workspaces.map(({ id }) => id)).size < target.workspaces.length) {
    flaws.push('the target names a workspace twice');
  }
  if (target.properties.length > 0 && target.scope !== 'events') {
    flaws.push(`scope ${target.scope} is about whole records and the target names single properties`);
  }
  if (target.properties.some(({ kind, event }) => kind === 'user' && event !== null)) {
    flaws.push('the target limits a user property to an event');
  }
  const { from, before } = receivedRange(target);
  if (from !== null && before !== null && from >= before)
    flaws.push('the time frame holds no time before the request');
  return flaws;
}

/**
 * When the data was received. A source or events deletion never reaches past the request; any other
 * that was given a time frame is held to the same.
 */
function receivedRange(target: Target): { readonly from: Date | null; readonly before: Date | null } {
  const { from, before } = instantsOf(target.timeFrame ?? { from: null, to: null });
  const bounded = target.scope === 'source' || target.scope === 'events' || from !== null || before !== null;
  if (!bounded) return { from, before };
  const cutoff = new Date(target.cutoff);
  return { from, before: before === null || cutoff < before ? cutoff : before };
}

/**
 * What a place has to delete, workspace after workspace, with what it has to clear before. A target of properties alone
 * deletes nothing: without events to narrow it, a deletion would take every event of the project.
 */
function predicatesFor(each: StorePlace, target: Target): Predicate[] {
  const clauses = target.properties.filter((clause) => each.place.propertyFate?.(clause) !== 'absent');
  const deletes = target.scope !== 'events' || target.events.length > 0;
  const whole = target.workspaces.map(({ id }) => predicateOf(target, id));
  const cleared = whole.map((predicate) => ({ ...predicate, events: [], properties: clauses }));
  return [...(clauses.length > 0 ? cleared : []), ...(deletes ? whole : [])];
}

function predicateOf(target: Target, workspaceId: string): Predicate {
  const { from, before } = receivedRange(target);
  return {
    workspaceId,
    sourceId: target.source?.id ?? null,
    spaceId: target.space?.id ?? null,
    projectId: target.project?.id ?? null,
    users: target.users,
    events: target.events,
    properties: [],
    receivedFrom: from?.toISOString() ?? null,
    receivedBefore: before?.toISOString() ?? null,
  };
}

/** A place that serves the scope and has not said where it keeps such a property is never passed over. */
function propertyLimits({ store, place }: StorePlace, target: Target): string[] {
  const lacks = (clause: PropertyClause): string | null => {
    const fate = place.propertyFate?.(clause) ?? { lacks: 'cannot clear single properties' };
    return typeof fate === 'string' ? null : fate.lacks;
  };
  return target.properties
    .map(lacks)
    .filter((what) => what !== null)
    .map((what) => `store ${store.name}, ${place.target} ${what}`);
}

function placeLimits({ store, place }: StorePlace, predicate: Predicate): string[] {
  const asked: Readonly<Record<Field, boolean>> = {
    source: predicate.sourceId !== null,
    space: predicate.spaceId !== null,
    project: predicate.projectId !== null,
    user: predicate.users.length > 0,
    event: predicate.events.length > 0 || predicate.properties.some(({ event }) => event !== null),
    receivedAt: (predicate.receivedFrom ?? predicate.receivedBefore) !== null,
  };
  const unexpressed: string[] = FIELDS.filter((field) => asked[field] && !place.fields.includes(field));
  unexpressed.push(...(place.limits?.(predicate) ?? []));
  if (unexpressed.length === 0) return [];
  return [`store ${store.name}, ${place.target} cannot be narrowed by ${unexpressed.join(', ')}`];
}

const stepAt = (no: number, { store, place }: StorePlace, predicate: Predicate): PlanStep => ({
  no,
  store: store.name,
  kind: store.kind,
  target: place.target,
  action: actionOf(predicate),
  predicate,
  ...checklistIn(store, place),
});

function checklistIn(store: StoreDefinition, { target }: Place): Pick<PlanStep, 'checklist'> {
  if (store.kind !== 'manual') return {};
  const items = store.checklists.find(({ checklist }) => checklist === target)?.items ?? [];
  return { checklist: digestOf(items.map(({ item, text }) => ({ item, text }))) };
}

const SCOPE_WORDS: Readonly<Record<Scope, string>> = {
  workspace: 'a workspace',
  account: 'an account',
  source: 'a source',
  space: 'a Unify space',
  user: 'end users',
  events: 'events',
};

function exclusionsOf(target: Target, stores: StoreCatalogue, untouched: readonly StorePlace[]): string[] {
  const exclusions = ['Connected third-party destinations', 'Raw data destinations'];
  for (const store of stores) {
    const served = placesServing(store, target.scope).map((place) => place.target);
    const scope = SCOPE_WORDS[target.scope];
    if (served.length === 0) {
      exclusions.push(`The store ${store.name}: it takes no part in the deletion of ${scope}`);
      continue;
    }
    for (const place of placesOf(store).filter((candidate) => !served.includes(candidate.target))) {
      exclusions.push(
        `${place.target} in the store ${store.name}: it takes no part in the deletion of ${scope}`,
      );
    }
  }
  for (const { store, place } of untouched) {
    exclusions.push(
      `${place.target} in the store ${store.name}: it takes no part in the deletion of these properties`,
    );
  }
  const before = receivedRange(target).before?.toISOString();
  if (before !== undefined) {
    exclusions.push(`Data received from ${before.slice(0, 16).replace('T', ', ')} UTC on`);
  }
  return exclusions;
}

/** What the kinds of stores hold, where it is not rows. */
const THINGS: Readonly<Record<string, string>> = {
  s3: 'objects',
  http: 'records',
  manual: 'by hand and uncounted, all',
};

function explainStep({ kind, predicate }: PlanStep): string {
  const { properties, sourceId, spaceId, projectId, users, events, receivedFrom, receivedBefore } = predicate;
  const clauses = [
    `workspace ${predicate.workspaceId}`,
    sourceId !== null && `source ${sourceId}`,
    spaceId !== null && `space ${spaceId}`,
    projectId !== null && `project ${projectId}`,
    users.length > 0 && `user ${users.join(' or ')}`,
    events.length > 0 && `event ${events.join(' or ')}`,
    receivedFrom !== null && `received from ${receivedFrom} on`,
    receivedBefore !== null && `received before ${receivedBefore}`,
  ];
  const cleared = properties.map(explainProperty).join(' and ');
  const things = `${cleared === '' ? '' : `${cleared} from `}${THINGS[kind] ?? 'rows'}`;
  return `${things} of ${clauses.filter((clause) => clause !== false).join(', ')}`;
}

const explainProperty = ({ name, kind, event }: PropertyClause): string =>
  `${kind} property ${name}${event === null ? '' : ` of event ${event}`}`;
