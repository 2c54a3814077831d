/** What a correction changes, in words for other agents. Erased with the rest of what the desk knows. */
import type { DeletionRequest, PropertyClause } from '../../domain/request.ts';
import { plain } from '../../domain/words.ts';
import { scopeWords } from '../ticket/state-words.ts';

const NAMED_MAX = 10;

/** "space: Main → Archive; days: not given → all time. REASON" */
export function correctionInWords(before: DeletionRequest, after: DeletionRequest, reason: string): string {
  const [was, is] = [linesOf(before), linesOf(after)];
  const changes = Object.keys(was).flatMap((field) =>
    was[field] === is[field] ? [] : [`${field}: ${was[field] ?? ''} → ${is[field] ?? ''}`],
  );
  return `${changes.join('; ')}. ${reason}`;
}

/** What a request says, line by line; what it leaves open is left out. */
export const requestLines = (
  request: DeletionRequest,
): readonly { readonly label: string; readonly value: string }[] =>
  Object.entries(linesOf(request)).flatMap(([field, value]) =>
    value === NOTHING ? [] : [{ label: `${field.charAt(0).toUpperCase()}${field.slice(1)}`, value }],
  );

const NOTHING = 'not given';

function linesOf(request: DeletionRequest): Readonly<Record<string, string>> {
  const { workspace, timeFrame } = request;
  return {
    'what to delete': scopeWords(request.scope),
    workspace:
      workspace === null ? NOTHING : plain('id' in workspace ? `ID ${workspace.id}` : workspace.slug),
    source: named(request.source),
    space: named(request.space),
    project: named(request.project),
    users: listed(request.users),
    'events and properties': listed([...request.events, ...request.properties.map(propertyInWords)]),
    days: timeFrame === null ? NOTHING : daysInWords(timeFrame.from, timeFrame.to),
  };
}

const named = (name: string | null): string => (name === null ? NOTHING : plain(name));

function listed(names: readonly string[]): string {
  if (names.length === 0) return NOTHING;
  const more = names.length - NAMED_MAX;
  const first = names.slice(0, NAMED_MAX).map(plain).join(', ');
  return more > 0 ? `${first} and ${more.toLocaleString('en')} more` : first;
}

const propertyInWords = ({ name, kind, event }: PropertyClause): string =>
  `${name} (${kind} property${event === null ? '' : ` of ${event}`})`;

function daysInWords(from: string | null, to: string | null): string {
  if (from === null) return to === null ? 'all time' : `up to ${to}`;
  return to === null ? `from ${from} on` : `${from} to ${to}`;
}
