/** The acts on a ticket: what they are called, who may do them. */
import { type AgentRole, isProgram, isSameAgent } from '../../domain/agents.ts';
import type { HoldReason } from '../../domain/ticket.ts';
import { HOLD_WORDS } from '../ticket/state-words.ts';
import type { ActionFacts, HoldFact } from './facts.ts';

/** Each is a page of its own: `/tickets/PD-1042/NAME`. */
export const ACTS = [
  'approve',
  'vouch',
  'correct',
  'checklist',
  'residue',
  'retry',
  'hold',
  'release',
  'note',
  'cancel',
  'reject',
] as const;
export type Act = (typeof ACTS)[number];

/** From which role on. What shortens or ends something takes more than what keeps it back. */
export const NEEDED: Readonly<Record<Act, AgentRole>> = {
  approve: 'approver',
  vouch: 'approver',
  correct: 'agent',
  checklist: 'agent',
  residue: 'approver',
  retry: 'agent',
  hold: 'agent',
  release: 'agent',
  note: 'agent',
  cancel: 'approver',
  reject: 'approver',
};

/** Lifting these lets something go on that rules keep back; the others only let it be looked at or tried again. */
export const neededToRelease = (facts: Pick<ActionFacts, 'planHash'>, reason: HoldReason): AgentRole =>
  reason === 'billing' || reason === 'export' || (reason === 'review' && facts.planHash !== null)
    ? 'approver'
    : 'agent';

/** The first of them is what to do something about next. */
const URGENCY: readonly HoldReason[] = [
  'doubtful_cancel',
  'step_failed',
  'residue',
  'checklist',
  'review',
  'agent',
  'purging_off',
  'billing',
  'export',
];

export const mostUrgent = (holds: readonly HoldFact[]): HoldFact | null =>
  holds.toSorted((a, b) => URGENCY.indexOf(a.reason) - URGENCY.indexOf(b.reason))[0] ?? null;

export const holdLabel = (reason: HoldReason): string => HOLD_WORDS[reason].label;

export const isAmong = (names: readonly string[], name: string): boolean =>
  names.some((other) => isSameAgent(other, name));

/** How many different agents have to approve; two always where nobody in charge is known. */
export const approvalsFor = (facts: ActionFacts, policy: 1 | 2): 1 | 2 =>
  facts.vouchedBy !== null || facts.approvalsWanted > 1 || policy > 1 ? 2 : 1;

/** Whose approvals count: under two people not those of who shaped what is deleted, however it was when they gave them. */
export const countedApprovals = (facts: ActionFacts, policy: 1 | 2): readonly string[] => {
  const { approvedBy, approvalsWanted, correctedBy, vouchedBy } = facts;
  if (approvalsWanted < 2 && policy < 2) return approvedBy;
  const own = vouchedBy === null ? correctedBy : [...correctedBy, vouchedBy];
  return approvedBy.filter((name) => !isAmong(own, name));
};

/** Why this agent is not one of those who approve; `null` = they may. */
export function whyNotApprove(facts: ActionFacts, name: string, policy: 1 | 2): string | null {
  if (isAmong(countedApprovals(facts, policy), name))
    return 'You have approved it. Somebody else has to look at it too.';
  if (facts.approvalsWanted < 2 && policy < 2 && facts.vouchedBy === null) return null;
  if (isAmong(facts.correctedBy, name))
    return 'You corrected this request, so somebody else has to approve it.';
  if (facts.approvalsWanted < 2 && policy < 2) return null;
  if (facts.vouchedBy !== null && isAmong([facts.vouchedBy], name))
    return 'You vouched for the requester, so somebody else has to approve it.';
  return null;
}

/** A program may let go of what it holds, so that a person can hold it too. */
export const isHeldByPerson = ({ holds }: ActionFacts): boolean =>
  holds.some(({ reason, placedBy }) => reason === 'agent' && !isProgram(placedBy));

/** Whether what is asked for can still be changed here. */
export const isCorrectable = ({ state, origin, vouchedBy }: ActionFacts): boolean =>
  origin === 'mail' &&
  vouchedBy === null &&
  (state === 'received' || state === 'needs_details' || state === 'verifying' || state === 'approval');
