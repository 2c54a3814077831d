/** The page of one act: what it does, what is typed, what is in the way. Plain values. */
import { randomUUID } from 'node:crypto';
import { instantInWords } from '../../domain/words.ts';
import { isClosed, STATE_WORDS } from '../ticket/state-words.ts';
import {
  type Act,
  approvalsFor,
  countedApprovals,
  holdLabel,
  isAmong,
  isHeldByPerson,
  mostUrgent,
  neededToRelease,
  whyNotApprove,
} from './acts.ts';
import type { requestLines } from './correct-words.ts';
import type { ActionFacts, HoldFact, Remark } from './facts.ts';
import { NOTE_LENGTH_MAX, REASON_LENGTH_MAX, type Typed } from './form.ts';
import { whoPlaced } from './panel.ts';

/** Acts whose page is a form of a reason and, for dangerous ones, a confirmation. */
export type PlainAct = Exclude<Act, 'correct' | 'checklist'>;

export interface Notice {
  readonly tone: 'info' | 'wait' | 'risk';
  readonly text: string;
}

export interface ActView {
  readonly page: { readonly title: string };
  readonly reference: string;
  readonly act: string;
  readonly title: string;
  readonly what: string;
  readonly requester: string | null;
  readonly state: { readonly label: string; readonly tone: string };
  readonly consequences: readonly string[];
  readonly notices: readonly Notice[];
  readonly plan: PlanFacts | null;
  readonly remarks: readonly RemarkView[];
  /** `null` = it cannot be done now; the notices say why. */
  readonly form: FormView | null;
}

interface RemarkView extends Omit<Remark, 'act'> {
  readonly did: string;
}

const DID: Readonly<Record<string, string>> = {
  vouched: 'vouched for the requester',
  approved: 'approved the plan',
  corrected: 'corrected the request',
  noted: 'wrote',
  cancelled: 'cancelled it',
  rejected: 'rejected it',
};

interface PlanFacts {
  readonly hash: string;
  readonly estimate: string;
  readonly steps: readonly { readonly no: number; readonly store: string; readonly estimate: string }[];
  readonly approvedBy: string | null;
  readonly correctedBy: string | null;
}

interface FormView {
  readonly problem: string | null;
  readonly hidden: readonly { readonly name: string; readonly value: string }[];
  readonly label: string;
  readonly hint: string;
  readonly reason: Typed;
  readonly isTall: boolean;
  readonly confirm: Typed | null;
  readonly button: string;
  readonly isDangerous: boolean;
}

/** What was typed before, and why it was refused. */
export interface Tried {
  readonly problem: string | null;
  readonly reason: Typed;
  readonly confirm: Typed;
}

const EMPTY: Typed = { value: '', error: null };
export const NOT_TRIED: Tried = { problem: null, reason: EMPTY, confirm: EMPTY };

export interface Sight {
  readonly facts: ActionFacts;
  readonly agent: string;
  readonly approvals: 1 | 2;
  /** The hold to release. */
  readonly hold: HoldFact | null;
  /** What will be deleted, in words. */
  readonly sentence: string;
  /** What the request says, line by line. */
  readonly lines: ReturnType<typeof requestLines>;
  /** Digest of that request. */
  readonly seen: string;
  readonly remarks: readonly Remark[];
}

interface Words {
  readonly title: string;
  readonly consequences: readonly string[];
  readonly notices?: readonly Notice[];
  readonly label?: string;
  readonly hint?: string;
  readonly button: string;
  readonly isTyped?: boolean;
  readonly isDangerous?: boolean;
  readonly isTall?: boolean;
  readonly hidden?: readonly { readonly name: string; readonly value: string }[];
  /** Why it cannot be done now. */
  readonly instead?: string | null;
}

export function actView(act: PlainAct, sight: Sight, tried: Tried = NOT_TRIED): ActView {
  const { facts } = sight;
  const words = WORDS[act](sight);
  const instead = words.instead ?? null;
  return {
    page: { title: `${words.title} · ${facts.reference}` },
    reference: facts.reference,
    act,
    title: words.title,
    what: `Delete ${sight.sentence}.`,
    requester: facts.requester,
    state: STATE_WORDS[facts.state],
    consequences: instead === null ? words.consequences : [],
    notices: [
      ...(instead === null ? [] : [{ tone: 'wait' as const, text: instead }]),
      ...(words.notices ?? []),
    ],
    plan: act === 'approve' || (act === 'release' && facts.planHash !== null) ? planFacts(facts) : null,
    remarks: sight.remarks.map(({ act: did, ...remark }) => ({ ...remark, did: DID[did] ?? did })),
    form:
      instead !== null
        ? null
        : {
            problem: tried.problem,
            hidden: words.hidden ?? [],
            label: words.label ?? 'Why',
            hint: words.hint ?? 'Kept with the ticket. Other agents read it; the customer does not.',
            reason: tried.reason,
            isTall: words.isTall ?? false,
            confirm: words.isTyped === true ? tried.confirm : null,
            button: words.button,
            isDangerous: words.isDangerous ?? false,
          },
  };
}

function planFacts(facts: ActionFacts): PlanFacts | null {
  if (facts.planHash === null) return null;
  const count = (value: number): string => value.toLocaleString('en');
  const names = (list: readonly string[]): string | null => (list.length === 0 ? null : list.join(', '));
  return {
    hash: facts.planHash,
    estimate: count(facts.estimate ?? 0),
    steps: facts.steps.map(({ no, store, estimate }) => ({ no, store, estimate: count(estimate) })),
    approvedBy: names(facts.approvedBy),
    correctedBy: names(facts.correctedBy),
  };
}

const open = (facts: ActionFacts): string | null =>
  isClosed(facts.state) ? 'It is closed already; nothing more can be done with it.' : null;

const WORDS: Readonly<Record<PlainAct, (sight: Sight) => Words>> = {
  approve: (sight) => approveWords(sight),
  release: (sight) => releaseWords(sight),
  hold: ({ facts }) => ({
    title: 'Put on hold',
    consequences: [
      ...(facts.holds.some(({ reason }) => reason === 'agent')
        ? [`The hold of ${whoHolds(facts)} becomes yours, and the program can no longer release it.`]
        : []),
      'It takes no further step until somebody releases it. Nothing is deleted meanwhile.',
      'Mails, codes and cancels go on as ever, and the customer is not told.',
    ],
    button: 'Put on hold',
    instead: open(facts) ?? (isHeldByPerson(facts) ? `${whoHolds(facts)} keeps it on hold already.` : null),
  }),
  note: ({ facts }) => ({
    title: 'Write a note',
    consequences: ['It stands in the timeline for other agents. The customer never sees it.'],
    label: 'Note',
    hint: `Plain text, ${NOTE_LENGTH_MAX.toLocaleString('en')} characters at most. It is erased with the rest of what the desk knows.`,
    isTall: true,
    hidden: [{ name: 'form', value: randomUUID() }],
    button: 'Save the note',
    instead: facts.isErased
      ? 'What the desk knew of it was erased, so that nothing is written to it any more.'
      : null,
  }),
  cancel: ({ facts }) => ({
    title: 'Cancel the request',
    consequences: [
      'Nothing is deleted.',
      'Everyone who was told of the deletion is told that it will not happen.',
      CLOSING,
    ],
    button: 'Cancel the request',
    isTyped: true,
    isDangerous: true,
    instead: notClosable(facts),
  }),
  reject: ({ facts }) => ({
    title: 'Reject the request',
    consequences: [
      'Nothing is deleted.',
      'The customer is told that we do not carry it out, without the reason below.',
      CLOSING,
    ],
    button: 'Reject the request',
    isTyped: true,
    isDangerous: true,
    instead: notClosable(facts),
  }),
  vouch: ({ facts, lines, seen }) => ({
    title: 'Vouch for the requester',
    hidden: [{ name: 'seen', value: seen }],
    consequences: [
      `What they ask for, in their words: ${lines.map(({ label, value }) => `${label}: ${value}`).join('; ')}.`,
      'You say that this person may ask for it, although the directory knows nobody in charge.',
      'Nothing is verified by that: the plan is made, and two different agents have to approve it.',
    ],
    hint: 'What proves it: a contract, an invoice, a call back. The agents who approve decide by it.',
    button: 'Vouch for them',
    isTyped: true,
    isDangerous: true,
    instead:
      facts.state === 'received' && facts.verdict === 'ownerless'
        ? facts.correctedBy.length === 0
          ? null
          : 'An agent corrected what it asks for, so that nobody can vouch for it. Reject it, and ask for a new request.'
        : 'Agents vouch only for requests about a deleted workspace of which the directory knows nobody in charge.',
  }),
  residue: ({ facts }) => ({
    title: 'Accept what stays',
    consequences: [
      'The place is asked once more what it keeps. The purge goes on without exactly that.',
      'The customer is told what stays, why, and until when. The receipt lists it.',
    ],
    notices: facts.holds
      .filter(({ reason }) => reason === 'residue')
      .map(({ note }) => ({ tone: 'wait' as const, text: note })),
    button: 'Accept that it stays',
    isTyped: true,
    isDangerous: true,
    instead: facts.holds.some(({ reason }) => reason === 'residue')
      ? null
      : 'No step of it waits because of something that stays.',
  }),
  retry: ({ facts: { step, brake } }) => ({
    title: 'Try the store again now',
    consequences: [
      'The store is tried at once instead of at the end of its pause, for this and all other purges that wait for it.',
      'If it fails again, the next pause begins.',
    ],
    hint: 'What has changed, if you know.',
    button: 'Try it now',
    hidden: step === null ? [] : [{ name: 'store', value: step.store }],
    instead:
      step === null || brake === null
        ? 'No store keeps it waiting any more.'
        : brake.setBy !== null
          ? `${brake.setBy} braked the store ${step.store} by hand. Operations has the switch.`
          : null,
  }),
};

const CLOSING = 'It is closed for good. For a deletion the customer has to ask again.';

function notClosable(facts: ActionFacts): string | null {
  if (facts.state === 'purging')
    return 'It is being deleted, which cannot be undone. Put it on hold to stop the next step.';
  return open(facts);
}

const whoHolds = (facts: ActionFacts): string => {
  const hold = facts.holds.find(({ reason }) => reason === 'agent');
  return hold === undefined ? 'Somebody' : whoPlaced(hold);
};

function approveWords({ facts, agent, approvals }: Sight): Words {
  const wanted = approvalsFor(facts, approvals);
  const isLast = countedApprovals(facts, approvals).length + 1 >= wanted;
  return {
    title: 'Approve the plan',
    consequences: [
      isLast
        ? 'The waiting time of the customer starts now. At its end exactly this plan is carried out, and no other.'
        : 'A second, different agent has to approve it too. Then the waiting time starts.',
      'Until then anyone in charge of it can cancel.',
    ],
    notices: approvalNotices(facts),
    button: 'Approve this plan',
    isTyped: true,
    hidden: facts.planHash === null ? [] : [{ name: 'plan', value: facts.planHash }],
    instead: notApprovable(facts) ?? whyNotApprove(facts, agent, approvals),
  };
}

function approvalNotices(facts: ActionFacts): readonly Notice[] {
  const notices: Notice[] = [];
  if (facts.vouchedBy !== null)
    notices.push({
      tone: 'risk',
      text: `The directory knows nobody in charge. ${facts.vouchedBy} vouched for the requester; nobody else will hear of it.`,
    });
  if (facts.isOverCap) notices.push({ tone: 'wait', text: 'It deletes more than the cap allows.' });
  if (facts.correctedBy.length > 0)
    notices.push({
      tone: 'info',
      text: `${facts.correctedBy.join(', ')} corrected the request; the customer confirmed it as it is now.`,
    });
  return notices;
}

function notApprovable(facts: ActionFacts): string | null {
  if (facts.state !== 'approval') return 'It does not wait for an approval.';
  if (facts.planHash === null)
    return 'The plan is being rehearsed. It can be approved as soon as that is done.';
  const hold = mostUrgent(facts.holds);
  return hold === null
    ? null
    : `It is on hold (${holdLabel(hold.reason).toLowerCase()}). Release that first.`;
}

function releaseWords({ facts, hold, agent, approvals }: Sight): Words {
  const title = hold === null ? 'Release a hold' : `Release: ${holdLabel(hold.reason).toLowerCase()}`;
  const button = 'Release it';
  if (hold === null)
    return {
      title,
      button,
      consequences: [],
      instead: 'There is no such hold any more; somebody was faster.',
    };
  const two = takesTwo(facts, hold, approvals);
  const isShort = neededToRelease(facts, hold.reason) !== 'agent';
  return {
    title,
    consequences: [
      two && facts.liftedBy.length === 0
        ? 'A second, different agent has to release it too.'
        : outcomeOf(facts, hold),
    ],
    notices: [
      ...(hold.note === '' ? [] : [{ tone: 'wait' as const, text: `${whoPlaced(hold)}: ${hold.note}` }]),
      ...(facts.liftedBy.length > 0 && hold.reason === 'review'
        ? [
            {
              tone: 'info' as const,
              text: `${facts.liftedBy.join(', ')} would release it; it takes one more.`,
            },
          ]
        : []),
    ],
    button,
    isTyped: isShort,
    hidden: [
      { name: 'hold', value: hold.reason },
      { name: 'seen', value: String(hold.id) },
    ],
    instead: two ? whyNotLift(facts, agent) : null,
  };
}

/** The same rule as that of the ticket. */
const takesTwo = ({ state }: ActionFacts, { reason }: HoldFact, approvals: 1 | 2): boolean =>
  reason === 'review' && approvals > 1 && (state === 'grace' || state === 'purging');

function whyNotLift(facts: ActionFacts, agent: string): string | null {
  if (isAmong(facts.liftedBy, agent))
    return 'You would release it already. Somebody else has to look at it too.';
  if (isAmong(facts.correctedBy, agent) || (facts.vouchedBy !== null && isAmong([facts.vouchedBy], agent)))
    return 'You corrected the request or vouched for it, so somebody else has to release it.';
  return null;
}

/** What happens once this hold is gone. */
function outcomeOf(facts: ActionFacts, hold: HoldFact): string {
  if (facts.holds.length > 1) return 'The other holds stay; it goes on when the last one is released.';
  switch (facts.state) {
    case 'received':
      return facts.origin === 'app'
        ? 'It is looked at again by the rules of the directory.'
        : 'It is judged by the directory. If the requester may ask for it, the code goes to the address in the directory, never to the address in the mail.';
    case 'verifying':
      if (facts.verifiedAt !== null)
        return 'It goes on: the plan is approved, or the waiting time starts in full.';
      return hold.reason === 'review'
        ? 'The customer gets a new code at the address in the directory.'
        : 'It goes on waiting for the code.';
    case 'approval':
      return 'The plan can be approved.';
    case 'grace':
      return facts.startsAt === null
        ? 'The waiting time goes on.'
        : `It is deleted from ${instantInWords(facts.startsAt)}; if that is past, everyone is told and 24 more hours go by.`;
    case 'purging':
      return hold.reason === 'step_failed'
        ? 'The step is tried again from where it stopped.'
        : 'The purge goes on where it stopped.';
    default:
      return 'The hold is gone; nothing else happens.';
  }
}

export const REASON_MAX_OF = (act: PlainAct): number =>
  act === 'note' ? NOTE_LENGTH_MAX : REASON_LENGTH_MAX;
