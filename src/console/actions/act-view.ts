/** The page of one act: what it does, what is typed, what is in the way. Plain values. */
import { STATE_WORDS } from '../ticket/state-words.ts';
import { WORDS } from './act-words.ts';
import type { ActionFacts, Remark } from './facts.ts';
import { NOTE_LENGTH_MAX, REASON_LENGTH_MAX, type Typed } from './form.ts';
import type { Notice, PlainAct, Sight } from './sight.ts';

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

export const REASON_MAX_OF = (act: PlainAct): number =>
  act === 'note' ? NOTE_LENGTH_MAX : REASON_LENGTH_MAX;
