/** States and holds as agents read them: what it is, and what that means. */
import type { HoldReason, State } from '../../domain/ticket.ts';

export type Tone = 'info' | 'wait' | 'risk' | 'good' | 'quiet';

export interface StateWords {
  readonly label: string;
  readonly tone: Tone;
}

export const STATE_WORDS: Readonly<Record<State, StateWords>> = {
  received: { label: 'Received', tone: 'wait' },
  needs_details: { label: 'Waits for details', tone: 'info' },
  verifying: { label: 'Waits for the code', tone: 'info' },
  approval: { label: 'Waits for approval', tone: 'wait' },
  grace: { label: 'In its waiting time', tone: 'info' },
  purging: { label: 'Is being deleted', tone: 'risk' },
  completed: { label: 'Deleted', tone: 'good' },
  cancelled: { label: 'Cancelled', tone: 'quiet' },
  rejected: { label: 'Rejected', tone: 'quiet' },
  expired: { label: 'Expired', tone: 'quiet' },
};

const CLOSED: readonly State[] = ['completed', 'cancelled', 'rejected', 'expired'];

export const isClosed = (state: State): boolean => CLOSED.includes(state);

export interface HoldWords {
  readonly label: string;
  /** Why it stands in the way, and what lifts it. */
  readonly meaning: string;
}

export const HOLD_WORDS: Readonly<Record<HoldReason, HoldWords>> = {
  billing: { label: 'Open invoice', meaning: 'The directory reports an open invoice; it lifts by itself.' },
  export: {
    label: 'Export running',
    meaning: 'The directory reports a running export; it lifts by itself.',
  },
  review: { label: 'Review', meaning: 'An agent has to look before it goes on.' },
  doubtful_cancel: {
    label: 'Doubtful cancel',
    meaning: 'Somebody asked to cancel, and it is not certain who.',
  },
  step_failed: { label: 'Step failed', meaning: 'A step of the purge failed for good.' },
  checklist: { label: 'By hand', meaning: 'A step is done by hand, item by item.' },
  residue: { label: 'Something stays', meaning: 'A place refuses to give something up.' },
  purging_off: { label: 'Purging is off', meaning: 'The desk is not set up to delete anything.' },
  agent: { label: 'Held by an agent', meaning: 'It goes on when somebody releases it.' },
};

const SCOPE_WORDS: Readonly<Record<string, string>> = {
  workspace: 'a whole workspace',
  account: 'all workspaces of an account',
  source: 'the data of one source',
  space: 'a Unify space',
  user: 'single users',
  events: 'events and properties',
};

export const scopeWords = (scope: string): string => SCOPE_WORDS[scope] ?? scope;

/** `Who` of the audit chain: `desk`, `agent:NAME`, `party:HASH:ROLE`. */
export function actorWords(actor: string, requesterHash: string): string {
  if (actor === 'desk') return 'the desk';
  if (actor.startsWith('agent:')) return actor.slice('agent:'.length);
  const [, hash = '', role = ''] = actor.split(':');
  if (hash === requesterHash) return 'the requester';
  return role === 'owner' ? 'an owner' : role === 'admin' ? 'an admin' : 'somebody who was in charge';
}
