import type { Intent } from '../../../domain/request.ts';
import { says } from '../sentences/phrases.ts';
import type { Statement } from '../sentences/statements.ts';
import { EMPTY_REQUEST } from './draft.ts';
import type { ReadSettings } from './read-settings.ts';
import { type RequestsReading, readRequests } from './requests.ts';

/** What a stop or a question of how far it is names, in whatever words: a part of it may be missing. */
export function namedIn(
  intent: Intent,
  statements: readonly Statement[],
  settings: ReadSettings,
): RequestsReading {
  if (intent !== 'cancel' && intent !== 'status')
    return { requests: [], problems: [], evidence: [], notes: [], placed: [] };
  const told = statements.filter((each) => intent !== 'cancel' || !carriesOn(each, settings));
  const reading = readRequests(told, { ...settings, targets: ALL_ROLES });
  const filled = reading.requests.filter(
    (each) =>
      each.scope === 'account' ||
      each.workspace !== null ||
      each.source !== null ||
      each.space !== null ||
      each.users.length + each.events.length + each.properties.length > 0,
  );
  // "… the source X in acme. Workspace is acme, of course.": the workspace is where it is.
  const named = filled.filter(
    (each) =>
      each.scope !== 'workspace' ||
      !filled.some(
        (other) =>
          other.scope !== 'workspace' && JSON.stringify(other.workspace) === JSON.stringify(each.workspace),
      ),
  );
  const bare = reading.requests.every(({ scope }) => scope === 'workspace')
    ? bareWorkspace(told, settings)
    : null;
  if (named.length === 0 && bare !== null) return bare;
  return {
    requests: named,
    problems: [],
    notes: reading.notes,
    placed: reading.placed,
    evidence: named.length === reading.requests.length ? reading.evidence : [],
  };
}

/**
 * "Please cancel the one for `lumen-labs`": a slug between quotes, without a noun, where the mail speaks of workspaces
 * alone. Enough for a stop or a question, which delete nothing.
 */
function bareWorkspace(statements: readonly Statement[], { lexicon }: ReadSettings): RequestsReading | null {
  const { workspace, ...others } = lexicon.nouns;
  if (!statements.some((each) => says(each, workspace))) return null;
  if (statements.some((each) => Object.values(others).some((nouns) => says(each, nouns)))) return null;
  const quoted = statements.flatMap(({ text, start }) =>
    [...text.matchAll(/["'`“„«]([a-z0-9][a-z0-9-]{1,60})["'`”“»]/g)].flatMap((match) => {
      const name = match[1] ?? '';
      return /[-\d]/.test(name) ? [{ name, start: start + match.index + 1 }] : [];
    }),
  );
  const [first] = quoted;
  if (first === undefined || quoted.some(({ name }) => name !== first.name)) return null;
  return {
    requests: [{ ...EMPTY_REQUEST, scope: 'workspace', workspace: { slug: first.name } }],
    problems: [],
    notes: [],
    placed: [],
    evidence: [
      {
        field: 'requests.0.workspace',
        text: first.name,
        start: first.start,
        end: first.start + first.name.length,
      },
    ],
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
