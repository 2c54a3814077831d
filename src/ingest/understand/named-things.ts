import type { Intent } from '../../domain/request.ts';
import { says } from './phrases.ts';
import { type ReadSettings, type RequestsReading, readRequests } from './requests.ts';
import type { Statement } from './statements.ts';

/** What a stop or a question of how far it is names, in whatever words: a part of it may be missing. */
export function namedIn(
  intent: Intent,
  statements: readonly Statement[],
  settings: ReadSettings,
): RequestsReading {
  if (intent !== 'cancel' && intent !== 'status')
    return { requests: [], problems: [], evidence: [], notes: [] };
  const told = statements.filter((each) => intent !== 'cancel' || !carriesOn(each, settings));
  const reading = readRequests(told, { ...settings, targets: ALL_ROLES });
  const named = reading.requests.filter(
    (each) =>
      each.scope === 'account' ||
      each.workspace !== null ||
      each.source !== null ||
      each.space !== null ||
      each.users.length + each.events.length + each.properties.length > 0,
  );
  return {
    requests: named,
    problems: [],
    notes: [],
    evidence: named.length === reading.requests.length ? reading.evidence : [],
  };
}

/** "The order for B goes ahead as planned": not what is to be stopped. */
const carriesOn = (each: Statement, { lexicon }: ReadSettings): boolean =>
  !each.cancels && says(each, lexicon.acts.carriesOn);

const ALL_ROLES: ReadSettings['targets'] = new Set<Statement['role']>([
  'request',
  'negated',
  'keep',
  'question',
  'past',
  'statement',
]);
