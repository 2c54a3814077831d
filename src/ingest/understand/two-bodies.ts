import { type DeletionRequest, missingPaths, type Understanding } from '../../domain/request.ts';

/**
 * What both bodies of a mail say, when its text and its HTML were read apart. Where they differ nothing is taken: a
 * reader of the one would have asked for something else than a reader of the other. A stop in either of them is one.
 */
export function saidByBoth(text: Understanding, html: Understanding): Understanding {
  if (isSame(text, html)) return text;
  const stop = [text, html].find(({ intent }) => intent === 'cancel');
  if (stop !== undefined) return { ...stop, evidence: [] };
  if (text.intent !== html.intent) {
    return { ...text, intent: 'other', code: null, requests: [], problems: [], missing: [], evidence: [] };
  }
  const paired = text.requests.length === html.requests.length;
  const requests = paired
    ? text.requests.flatMap((request, index) => common(request, html.requests[index] ?? request))
    : [];
  return {
    ...text,
    code: text.code === html.code ? text.code : null,
    requests,
    problems: [...new Set([...text.problems, ...html.problems])],
    missing: missingPaths(text.intent, requests),
    evidence: [],
  };
}

/** Whether the two readings lead to the same. Where the words stood is no difference. */
export const isSame = (one: Understanding, other: Understanding): boolean => {
  const { evidence: _one, ...left } = one;
  const { evidence: _other, ...right } = other;
  return JSON.stringify(left) === JSON.stringify(right);
};

/** A request with what both give; none when they are for different kinds of things. */
function common(one: DeletionRequest, other: DeletionRequest): readonly DeletionRequest[] {
  if (one.scope !== other.scope) return [];
  const both = <Key extends keyof DeletionRequest>(key: Key, otherwise: DeletionRequest[Key]) =>
    JSON.stringify(one[key]) === JSON.stringify(other[key]) ? one[key] : otherwise;
  return [
    {
      ...one,
      workspace: both('workspace', null),
      source: both('source', null),
      space: both('space', null),
      users: both('users', []),
      events: both('events', []),
      properties: both('properties', []),
      project: both('project', null),
      timeFrame: both('timeFrame', null),
    },
  ];
}
