/** What to do next with a ticket: one act in front, why nothing can be done, the others quiet, the dangerous ones apart. */
import { type AgentRole, mayAct } from '../../domain/agents.ts';
import type { HoldReason } from '../../domain/ticket.ts';
import { plain } from '../../domain/words.ts';
import { isClosed } from '../ticket/state-words.ts';
import {
  type Act,
  approvalsFor,
  countedApprovals,
  holdLabel,
  isCorrectable,
  isHeldByPerson,
  mostUrgent,
  NEEDED,
  neededToRelease,
  whyNotApprove,
} from './acts.ts';
import type { ActionFacts, HoldFact, KeptBackCode } from './facts.ts';

export interface ActionLink {
  /** Below `/tickets/PD-1042/`. */
  readonly path: string;
  readonly label: string;
}

export interface ActionPanel {
  readonly reference: string;
  /** What happens now, or who has to do something. */
  readonly now: string;
  /** Until when, or when next; ISO 8601. */
  readonly until: string | null;
  /** What that rests on, or what comes of it. */
  readonly because: string | null;
  readonly next: ActionLink | null;
  readonly more: readonly ActionLink[];
  readonly dangerous: readonly ActionLink[];
  /** Nothing can be done at all. */
  readonly isQuiet: boolean;
}

interface Advice {
  readonly now: string;
  readonly until?: string | null;
  readonly because?: string | null;
  readonly act?: Act;
  readonly path?: string;
  readonly label?: string;
  /** From which role on; that of the act unless told. */
  readonly needed?: AgentRole;
}

interface Who {
  readonly name: string;
  readonly role: AgentRole;
}

/** @param approvals - how many people the policy wants, 1 if left out */
export function actionPanel(facts: ActionFacts, agent: Who, approvals: 1 | 2 = 1): ActionPanel {
  const advice = adviceFor(facts, agent, approvals);
  const needed = advice.needed ?? (advice.act === undefined ? 'viewer' : NEEDED[advice.act]);
  const isAllowed = mayAct(agent.role, needed);
  const next =
    advice.act === undefined || advice.label === undefined || !isAllowed
      ? null
      : { path: advice.path ?? advice.act, label: advice.label };
  const forOthers =
    advice.act !== undefined && !isAllowed && mayAct(agent.role, 'agent') ? `This takes an ${needed}.` : null;
  const links = (acts: readonly (readonly [Act, string])[]): readonly ActionLink[] =>
    acts
      .filter(([act]) => mayAct(agent.role, NEEDED[act]))
      .map(([path, label]) => ({ path, label }))
      .filter(({ path }) => path !== next?.path);
  const more = [...releases(facts, agent, next), ...links(quietActs(facts)), ...writing(facts, agent)];
  const dangerous = links(closingActs(facts));
  return {
    reference: facts.reference,
    now: advice.now,
    until: advice.until ?? null,
    because: [advice.because ?? null, forOthers].filter((part) => part !== null).join(' ') || null,
    next,
    more,
    dangerous,
    isQuiet: next === null && more.length + dangerous.length === 0,
  };
}

function adviceFor(facts: ActionFacts, agent: Who, approvals: 1 | 2): Advice {
  if (isClosed(facts.state)) return closedAdvice(facts);
  if (facts.state === 'purging') return purgingAdvice(facts);
  const hold = mostUrgent(facts.holds);
  if (hold !== null) return heldAdvice(facts, hold);
  switch (facts.state) {
    case 'needs_details':
      return {
        now: 'Waits for the customer’s details until',
        until: facts.waitsUntil,
        because:
          'If the mail does say what is missing, correct the request; the customer gets the code at once.',
        act: 'correct',
        label: 'Correct the request',
      };
    case 'verifying':
      if (facts.keptBack !== null) return keptBackAdvice(facts.keptBack);
      return {
        now:
          facts.waitsUntil === null
            ? 'Waits for the customer’s code.'
            : 'Waits for the customer’s code until',
        until: facts.waitsUntil,
        because: 'Nothing to do. Only the customer can confirm it.',
      };
    case 'approval':
      return approvalAdvice(facts, agent, approvals);
    case 'grace':
      return {
        now: 'Nothing to do. It is deleted from',
        until: facts.startsAt,
        because: 'Until then anyone in charge of it can cancel.',
      };
    default:
      return { now: 'The desk is looking at it.', because: null };
  }
}

const keptBackAdvice = ({ nextAt, isLast }: KeptBackCode): Advice =>
  isLast
    ? {
        now: 'No code is out: the mail with it was kept back again. It expires at',
        until: nextAt,
        because: 'The limits for mails kept it back. Operations shows them; ask the customer to write again.',
      }
    : {
        now: 'No code is out: the mail with it was kept back. The desk sends a new one at',
        until: nextAt,
        because:
          'Too many mails had gone to that address or in that conversation. Operations shows the limits.',
      };

function closedAdvice({ state }: ActionFacts): Advice {
  const words: Readonly<Record<string, string>> = {
    completed: 'Done. What was asked for is deleted.',
    cancelled: 'Closed: it was cancelled. Nothing was deleted.',
    rejected: 'Closed: it was rejected. Nothing was deleted.',
    expired: 'Closed: nobody answered in time. Nothing was deleted.',
  };
  return { now: words[state] ?? 'Closed.' };
}

function approvalAdvice(facts: ActionFacts, agent: Who, approvals: 1 | 2): Advice {
  if (facts.planHash === null)
    return { now: 'The plan is being rehearsed.', because: 'It can be approved as soon as that is done.' };
  const wanted = approvalsFor(facts, approvals);
  const [first] = countedApprovals(facts, approvals);
  const so =
    first === undefined
      ? wanted === 2
        ? 'It takes two different agents.'
        : 'The waiting time of the customer starts with it.'
      : `${first} approved it; it takes one more.`;
  const why = whyNotApprove(facts, agent.name, approvals);
  if (why !== null && mayAct(agent.role, NEEDED.approve))
    return { now: 'Waits for another approver.', because: why };
  return { now: 'The plan waits for approval.', because: so, act: 'approve', label: 'Look at the plan' };
}

function heldAdvice(facts: ActionFacts, hold: HoldFact): Advice {
  const { reason } = hold;
  const release = {
    act: 'release' as const,
    path: `release?hold=${reason}`,
    needed: neededToRelease(facts, reason),
  };
  const because = asSentence(hold.note);
  switch (reason) {
    case 'review':
      if (facts.verdict === 'ownerless' && facts.correctedBy.length > 0)
        return {
          now: 'The workspace is deleted, and nobody in charge is known.',
          because:
            'An agent corrected what it asks for, so that nobody can vouch for it. Reject it, and ask for a new request.',
        };
      if (facts.verdict === 'ownerless')
        return {
          now: 'The workspace is deleted, and nobody in charge is known.',
          because: 'Somebody has to vouch for the requester; then two agents approve the plan.',
          act: 'vouch',
          label: 'Vouch for the requester',
        };
      return { now: 'An agent has to look at it.', because, ...release, label: reviewLabel(facts) };
    case 'doubtful_cancel':
      return {
        now: 'Somebody asked to cancel, and it is not certain who.',
        because: 'Ask the customer. Cancel it, or release the hold if it is to go on.',
        ...release,
        label: 'Decide about the hold',
      };
    case 'agent':
      return {
        now: `${whoPlaced(hold)} keeps it on hold.`,
        because,
        ...release,
        label: 'Release it',
      };
    case 'billing':
      return {
        now: 'Waits until the open invoice is settled.',
        because: 'The customer was told. It goes on by itself once the directory reports it as settled.',
      };
    case 'export':
      return {
        now: 'Waits until the running export is through.',
        because: 'It goes on by itself once the directory reports that it has ended.',
      };
    case 'purging_off':
      return {
        now: 'The desk is not set up to delete anything.',
        because: 'Whoever runs the desk has to turn purging on; then release this hold.',
        ...release,
        label: 'Release it',
      };
    default:
      return { now: `On hold: ${holdLabel(reason)}.`, because, ...release, label: 'Release it' };
  }
}

/** Notes of the desk are phrases, those of agents whatever they typed. */
function asSentence(note: string): string | null {
  const text = plain(note);
  if (text === '') return null;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? '' : '.'}`;
}

function reviewLabel({ state, planHash }: ActionFacts): string {
  if (state === 'received') return 'Look at it';
  return planHash === null ? 'Send a new code' : 'Review the plan';
}

function purgingAdvice(facts: ActionFacts): Advice {
  const hold = mostUrgent(facts.holds);
  return hold === null ? runningAdvice(facts) : heldPurgeAdvice(facts, hold);
}

function heldPurgeAdvice(facts: ActionFacts, hold: HoldFact): Advice {
  switch (hold.reason) {
    case 'residue':
      return {
        now: 'Some of it cannot be deleted.',
        because: `${asSentence(hold.note) ?? ''} Accept that it stays, and the purge goes on without it.`,
        act: 'residue',
        label: 'See what stays',
      };
    case 'checklist':
      return {
        now: 'The next step is done by hand.',
        because: 'The purge goes on when the last item is ticked.',
        act: 'checklist',
        label: 'Open the checklist',
      };
    case 'step_failed':
      return {
        now: 'A step failed.',
        because: asSentence(hold.note),
        act: 'release',
        path: 'release?hold=step_failed',
        label: 'Try the step again',
      };
    default:
      return heldAdvice(facts, hold);
  }
}

function runningAdvice(facts: ActionFacts): Advice {
  if (facts.isHalted)
    return { now: 'All purges are halted.', because: 'See Operations for who halted them and why.' };
  const { brake, step } = facts;
  if (brake === null || step === null)
    return { now: 'Is being deleted. Nothing to do.', because: 'It can no longer be cancelled.' };
  if (brake.setBy !== null)
    return {
      now: `${brake.setBy} braked the store ${step.store}.`,
      because: 'Nothing is deleted there until somebody releases it in Operations.',
    };
  return {
    now: `The store ${step.store} fails.`,
    because: `${brake.lastError ?? 'Unknown error'}, ${brake.failures} in a row. It is tried again by itself${
      brake.seconds === null || brake.seconds === 0 ? ' now' : ` in ${brake.seconds} s`
    }.`,
    act: 'retry',
    label: 'Try it now',
  };
}

/** Every other hold can be released too. */
function releases(facts: ActionFacts, agent: Who, next: ActionLink | null): readonly ActionLink[] {
  if (isClosed(facts.state)) return [];
  return facts.holds
    .filter(
      ({ reason }) => mayAct(agent.role, neededToRelease(facts, reason)) && !isVouchedFor(facts, reason),
    )
    .map(({ reason }) => ({
      path: `release?hold=${reason}`,
      label: `Release: ${holdLabel(reason).toLowerCase()}`,
    }))
    .filter(({ path }) => path !== next?.path);
}

const isVouchedFor = (facts: ActionFacts, reason: HoldReason): boolean =>
  reason === 'review' && facts.verdict === 'ownerless' && facts.state === 'received';

/** Not an act on the ticket: a mail to whoever asked for it. */
const writing = ({ requester, isErased }: ActionFacts, { role }: Who): readonly ActionLink[] =>
  requester !== null && !isErased && mayAct(role, 'agent')
    ? [{ path: 'reply', label: 'Write to the requester' }]
    : [];

function quietActs(facts: ActionFacts): readonly (readonly [Act, string])[] {
  const acts: (readonly [Act, string])[] = [];
  if (isCorrectable(facts)) acts.push(['correct', 'Correct the request']);
  if (!isClosed(facts.state) && !isHeldByPerson(facts)) acts.push(['hold', 'Put on hold']);
  if (!facts.isErased) acts.push(['note', 'Write a note']);
  return acts;
}

const closingActs = ({ state }: ActionFacts): readonly (readonly [Act, string])[] =>
  isClosed(state) || state === 'purging'
    ? []
    : [
        ['cancel', 'Cancel the request'],
        ['reject', 'Reject the request'],
      ];

/** The name of who placed it; the desk and a party have none. */
export const whoPlaced = ({ placedBy }: HoldFact): string =>
  placedBy.startsWith('agent:') ? placedBy.slice('agent:'.length) : 'The desk';
