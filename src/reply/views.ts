import { PurgedeskError } from '../domain/errors.ts';
import type { DeskIdentity, MailFacts, TemplateName, TicketFacts } from '../domain/mail-facts.ts';
import { residueEnd } from '../domain/policy.ts';
import { asCurrent, matchedNothing, type SignedReceipt } from '../domain/receipt.ts';
import { plain, plainLine } from '../domain/words.ts';
import { counted, dayIn, fill, instantIn, numberIn } from './phrase.ts';
import type { Counted, Wording } from './wording.ts';
import {
  exclusionsInWords,
  formOf,
  holdsInWords,
  oneLine,
  questionsOf,
  residueInWords,
  retainedInWords,
  standingOf,
  startOf,
  targetInWords,
  tooLateInWords,
} from './words.ts';

/** The language that a mail is written in, and its words. */
export interface Tongue {
  /** BCP 47. */
  readonly language: string;
  readonly wording: Wording;
}

/** Derived when the mail is rendered, never stored. */
export interface Secrets {
  /** The six digits of the challenge. */
  readonly code: string | null;
  /** The signed link to the page with the button. */
  readonly link: string | null;
  /** The link to the page that tells how far it is; none unless told. */
  readonly status?: string | null;
}

interface TicketView {
  readonly reference: string;
  /** "the data of the source “Website Prod” in …", or "your request" when nothing of it may be shown. */
  readonly what: string;
  readonly due: string;
}

/** What every template can use. */
interface Shared {
  /** BCP 47, for the `lang` of the page. */
  readonly language: string;
  /** The one word that cancels. */
  readonly cancel: string;
  /** `signature`: empty = none. */
  readonly desk: { readonly name: string; readonly address: string; readonly signature: string };
  /** Where it is told how to check a receipt. */
  readonly keyPage: string;
  /** A person wrote it, and not the desk. */
  readonly byHand: boolean;
  /** "[PD-1042] ", or empty when there is no ticket. */
  readonly subjectTag: string;
  readonly reference: string | null;
  readonly tickets: readonly TicketView[];
  readonly several: boolean;
  /** What kinds of deletion the mail is about; each brings its own facts along. */
  readonly about: {
    readonly whole: boolean;
    readonly source: boolean;
    readonly space: boolean;
    readonly user: boolean;
    readonly events: boolean;
  };
  /** Names of the archive stores of a source deletion, joined; empty when they are not planned yet. */
  readonly archives: string;
  readonly others: readonly string[];
  /** Where the reader can look how far it is. */
  readonly statusPage: { readonly words: string; readonly link: string } | null;
}

interface Waiting extends Shared {
  /** Nothing is deleted before this instant, and up to it a cancel counts. */
  readonly until: string;
  readonly due: string;
  readonly keeps: readonly string[];
  /** False when the policy makes a deletion of this kind final once it is confirmed. */
  readonly cancellable: boolean;
  /** The waiting time was over while a hold was in the way. */
  readonly extended: boolean;
}

/** The fields of each template. Templates are compiled strict: one that asks for anything else does not render. */
interface Views {
  readonly received: Shared & { readonly due: string | null };
  readonly needs_details: Shared & {
    readonly requests: readonly {
      readonly reference: string;
      readonly what: string | null;
      readonly questions: readonly {
        /** What stands before it in text: its number, from 1 in each request, or a dash when it is the only one. */
        readonly sign: string;
        readonly question: string;
      }[];
      readonly numbered: boolean;
      readonly form: readonly string[];
      /** Not even the kind of deletion is known, so every line of the form stands there. */
      readonly anything: boolean;
    }[];
  };
  readonly verify_request: Shared & {
    readonly code: string;
    readonly link: string | null;
    readonly validUntil: string;
    readonly triesLeft: string;
    readonly reminder: boolean;
    readonly due: string;
  };
  readonly verify_failed: Shared & {
    readonly triesLeft: string | null;
    readonly validUntil: string | null;
    /** Set when the code came by a mail that proves nothing: the page takes it all the same. */
    readonly page: { readonly link: string | null } | null;
  };
  readonly not_authorised: Shared;
  readonly blocked: Shared & { readonly reasons: readonly string[] };
  readonly grace_started: Waiting & {
    /** Said in place of thanks for a confirmation where there was none. */
    readonly unconfirmed: { readonly heading: string; readonly lead: string } | null;
  };
  readonly owner_notice: Waiting;
  readonly grace_reminder: Waiting;
  readonly cancelled: Shared;
  readonly cancel_paused: Shared & {
    /** Set when a deletion was pressed in the app, so that no ticket of ours is about it. */
    readonly workspace: { readonly name: string; readonly slug: string } | null;
    /** Set for the one in whose name it was asked: the page on which they settle it. */
    readonly settle: {
      readonly code: string;
      readonly link: string;
      readonly validUntil: string;
      readonly triesLeft: string;
    } | null;
  };
  readonly cancel_too_late: Shared & { readonly lines: readonly string[] };
  readonly purge_started: Shared & { readonly due: string; readonly keeps: readonly string[] };
  readonly status: Shared & {
    readonly lines: readonly {
      readonly reference: string;
      readonly what: string;
      readonly standing: string;
      readonly due: string | null;
      readonly cancelUntil: string | null;
    }[];
    readonly workspace: {
      readonly name: string;
      readonly slug: string;
      readonly deletedAt: string | null;
      readonly stopped: boolean;
    } | null;
  };
  readonly completed: Shared & {
    /** The heading when something was left where it is. */
    readonly partial: string | null;
    readonly results: readonly {
      readonly reference: string;
      readonly what: string;
      readonly completedAt: string;
      readonly receipt: ReceiptView | null;
      /** Said when the deleted end users are not to be taken in again. */
      readonly suppressed: string | null;
    }[];
    readonly keeps: readonly string[];
  };
  readonly residue_released: Shared & {
    readonly results: readonly {
      readonly reference: string;
      readonly what: string;
      /** On which the last backup expired. */
      readonly lastDay: string;
    }[];
    /** What stays even now. */
    readonly keeps: readonly string[];
  };
  readonly rejected: Shared;
  readonly expired: Shared;
  readonly pointers: Shared;
  readonly agent_reply: Shared & {
    /** What the agent wrote: paragraphs of lines. */
    readonly paragraphs: readonly {
      readonly lines: readonly { readonly line: string; readonly isFirst: boolean }[];
    }[];
  };
}

interface ReceiptView {
  readonly file: string;
  readonly certificate: string;
  /** Where anybody reads how to check a receipt, and with which key. */
  readonly keyPage: string;
  /** "1,204 records"; `null` when nothing was deleted and something else was done. */
  readonly total: string | null;
  /** What else was done, a sentence each. */
  readonly also: readonly string[];
  readonly nothing: boolean;
  /** "3 records could not be removed yet. …"; `null` when all went. */
  readonly remaining: string | null;
  readonly steps: readonly {
    readonly store: string;
    readonly target: string;
    /** Said where things were not simply deleted. */
    readonly how: string | null;
    readonly deleted: string;
    readonly remaining: string;
  }[];
  readonly exclusions: readonly string[];
}

export type View = Views[TemplateName];

/** The name under which a ticket's signed receipt is attached to the mail that tells of it. */
export const receiptFileName = (reference: string): string => `receipt-${plain(reference)}.json`;

/** The same for the page that shows it to people. */
export const certificateFileName = (reference: string): string => `certificate-${plain(reference)}.pdf`;

/** The page that tells how to check a receipt. */
export const keyPageOf = (desk: DeskIdentity): string => `${desk.publicUrl}/receipt-key`;

/**
 * The view that a mail's template is rendered with: every sentence of it is in the one language given.
 * @throws PurgedeskError `PD_TEMPLATE_INVALID` when the facts lack what the template must say
 */
export const viewOf = (facts: MailFacts, desk: DeskIdentity, secrets: Secrets, tongue: Tongue): View =>
  BUILDERS[facts.template](facts, sharedOf(facts, desk, secrets, tongue), tongue.wording, secrets);

type Builder<Name extends TemplateName> = (
  facts: MailFacts,
  shared: Shared,
  wording: Wording,
  secrets: Secrets,
) => Views[Name];

const onlyShared = (_facts: MailFacts, shared: Shared): Shared => shared;

const BUILDERS: { readonly [Name in TemplateName]: Builder<Name> } = {
  received: (facts, shared, wording) => ({ ...shared, due: dueOf(facts, wording) }),
  needs_details: (facts, shared, wording) => ({
    ...shared,
    requests:
      facts.tickets.length === 0
        ? [nothingSaid(wording)]
        : facts.tickets.map((ticket) => requestOf(ticket, wording)),
  }),
  verify_request: verifyRequest,
  verify_failed: verifyFailed,
  not_authorised: onlyShared,
  blocked: (facts, shared, wording) => ({
    ...shared,
    reasons: holdsInWords(
      wording,
      facts.tickets.flatMap((ticket) => ticket.holds),
    ),
  }),
  grace_started: graceStarted,
  owner_notice: waiting,
  grace_reminder: waiting,
  cancelled: onlyShared,
  cancel_paused: (facts, shared, wording, secrets) => ({
    ...shared,
    workspace: facts.workspace && { name: plain(facts.workspace.name), slug: plain(facts.workspace.slug) },
    settle: settleOf(facts, wording, secrets),
  }),
  cancel_too_late: (facts, shared, wording) => ({
    ...shared,
    lines: facts.tickets.map(
      (ticket) =>
        `${plain(ticket.reference)} (${whatOf(ticket, wording)}): ${tooLateInWords(wording, ticket)}`,
    ),
  }),
  purge_started: (facts, shared, wording) => ({
    ...shared,
    due: demanded(facts, 'a ticket', dueOf(facts, wording)),
    keeps: keepsOf(facts, wording),
  }),
  status: statusOf,
  completed: (facts, shared, wording) => ({
    ...shared,
    partial: facts.tickets.some(isPartial) ? wording.partial : null,
    results: facts.tickets.map((ticket) => resultOf(ticket, shared, wording)),
    keeps: keepsOf(facts, wording),
  }),
  residue_released: (facts, shared, wording) => ({
    ...shared,
    results: facts.tickets.map((ticket) => ({
      reference: plain(ticket.reference),
      what: whatOf(ticket, wording),
      lastDay: dayIn(wording, demanded(facts, 'the last day of the backups', ticket.backupsUntil)),
    })),
    keeps: stillKeptOf(facts, wording),
  }),
  rejected: onlyShared,
  expired: onlyShared,
  pointers: onlyShared,
  agent_reply: (facts, shared) => ({
    ...shared,
    paragraphs: paragraphsOf(demanded(facts, 'words', facts.said ?? null)),
  }),
};

/** Mails that a stranger may get: they say the same whatever the request was. */
const FOR_STRANGERS: readonly TemplateName[] = ['not_authorised', 'pointers', 'received', 'agent_reply'];

/** Lines between empty ones belong together. */
const paragraphsOf = (words: string): Views['agent_reply']['paragraphs'] =>
  words
    .split(/\n(?:[ \t]*\n)+/)
    .map((paragraph) =>
      paragraph
        .split('\n')
        .map(plainLine)
        .filter((line) => line !== ''),
    )
    .filter((lines) => lines.length > 0)
    .map((lines) => ({ lines: lines.map((line, index) => ({ line, isFirst: index === 0 })) }));

function sharedOf(
  facts: MailFacts,
  desk: DeskIdentity,
  secrets: Secrets,
  { language, wording }: Tongue,
): Shared {
  const stranger = facts.recipient === 'stranger' || facts.template === 'not_authorised';
  if (stranger && !FOR_STRANGERS.includes(facts.template)) {
    throw unfit(facts, 'a stranger gets fixed words only');
  }
  // Nothing about a request may reach someone who is not in charge of it, whatever the caller put into the facts.
  const told = stranger ? [] : facts.tickets;
  const scopes = new Set(told.map((ticket) => ticket.scope));
  const sources = told.filter((ticket) => ticket.scope === 'source');
  const tag = facts.tag === null ? null : plain(facts.tag);
  return {
    language,
    cancel: wording.cancel,
    desk: {
      name: plain(desk.name),
      address: plain(desk.address),
      signature: plain(desk.signature ?? ''),
    },
    keyPage: keyPageOf(desk),
    byHand: facts.template === 'agent_reply',
    subjectTag: `${facts.test === true ? '[Test] ' : ''}${tag === null ? '' : `[${tag}] `}`,
    reference: tag,
    tickets: told.map((ticket) => ({
      reference: plain(ticket.reference),
      what: whatOf(ticket, wording),
      due: instantIn(wording, ticket.dueAt),
    })),
    several: told.length > 1,
    about: {
      whole: scopes.has('workspace') || scopes.has('account'),
      source: scopes.has('source'),
      space: scopes.has('space'),
      user: scopes.has('user'),
      events: scopes.has('events'),
    },
    archives: [...new Set(sources.flatMap((ticket) => ticket.stores))].map(plain).join(', '),
    others: stranger ? [] : facts.others.map((ticket) => oneLine(wording, ticket)),
    statusPage: stranger ? null : statusPageOf(facts, secrets, wording),
  };
}

function statusPageOf(facts: MailFacts, { status }: Secrets, { page }: Wording): Shared['statusPage'] {
  const link = webAddress(facts, status ?? null);
  return link === null ? null : { words: page.link, link };
}

const whatOf = (ticket: TicketFacts, wording: Wording): string =>
  ticket.target === null ? wording.yourRequest : targetInWords(wording, ticket.target, ticket.verified);

/** For a mail that asks for a deletion and names nothing: no ticket stands for it yet. */
function nothingSaid(wording: Wording): Views['needs_details']['requests'][number] {
  const ticket = { asks: [{ field: 'scope', why: 'missing' }], problems: [], scope: 'workspace' } as const;
  return {
    reference: wording.yourRequestTitle,
    what: null,
    ...signed(questionsOf(wording, ticket)),
    form: formOf(wording, ticket),
    anything: true,
  };
}

function requestOf(ticket: TicketFacts, wording: Wording): Views['needs_details']['requests'][number] {
  return {
    reference: plain(ticket.reference),
    what: ticket.target === null ? null : targetInWords(wording, ticket.target, ticket.verified),
    ...signed(questionsOf(wording, ticket)),
    form: formOf(wording, ticket),
    anything: ticket.asks.some((ask) => ask.field === 'scope'),
  };
}

/** Numbers help to answer one by one. A lone question has none: "1. May" would leave open whether a day is meant. */
function signed(
  questions: readonly string[],
): Pick<Views['needs_details']['requests'][number], 'questions' | 'numbered'> {
  const numbered = questions.length > 1;
  return {
    numbered,
    questions: questions.map((question, index) => ({ sign: numbered ? `${index + 1}.` : '-', question })),
  };
}

function verifyRequest(
  facts: MailFacts,
  shared: Shared,
  wording: Wording,
  secrets: Secrets,
): Views['verify_request'] {
  const challenge = demanded(facts, 'a challenge', facts.challenge);
  if (facts.tickets.some((ticket) => ticket.target === null)) throw unfit(facts, 'a target is missing');
  return {
    ...shared,
    code: demanded(facts, 'a code', secrets.code),
    link: linkOf(facts, secrets),
    validUntil: instantIn(wording, challenge.expiresAt),
    triesLeft: counted(wording, wording.count.tries, challenge.triesLeft),
    reminder: challenge.reminder,
    due: demanded(facts, 'a ticket', dueOf(facts, wording)),
  };
}

/** A doubtful cancel is settled on the page only, so its code is worth nothing without the link. */
function settleOf(facts: MailFacts, wording: Wording, secrets: Secrets): Views['cancel_paused']['settle'] {
  const { challenge } = facts;
  if (challenge === null) return null;
  return {
    code: demanded(facts, 'a code', secrets.code),
    link: demanded(facts, 'a link', linkOf(facts, secrets)),
    validUntil: instantIn(wording, challenge.expiresAt),
    triesLeft: counted(wording, wording.count.tries, challenge.triesLeft),
  };
}

const linkOf = (facts: MailFacts, { link }: Secrets): string | null => webAddress(facts, link);

function webAddress(facts: MailFacts, link: string | null): string | null {
  if (link !== null && !/^https?:\/\/[^\s"'<>]+$/.test(link))
    throw unfit(facts, 'the link is not a web address');
  return link;
}

function verifyFailed(
  facts: MailFacts,
  shared: Shared,
  wording: Wording,
  secrets: Secrets,
): Views['verify_failed'] {
  const { challenge } = facts;
  const open =
    challenge !== null && challenge.triesLeft > 0 && Date.parse(challenge.expiresAt) > Date.parse(facts.at);
  return {
    ...shared,
    triesLeft: open ? counted(wording, wording.count.tries, challenge.triesLeft) : null,
    validUntil: open ? instantIn(wording, challenge.expiresAt) : null,
    page: open && challenge.unproven === true ? { link: linkOf(facts, secrets) } : null,
  };
}

/** The receipt itself speaks for facts that were frozen without the note. */
const isPartial = ({ partial, receipt }: TicketFacts): boolean =>
  partial === true || (receipt !== null && receipt.receipt.remainingTotal > 0);

function graceStarted(facts: MailFacts, shared: Shared, wording: Wording): Views['grace_started'] {
  const view = waiting(facts, shared, wording);
  const { heading, lead } = wording.unconfirmed;
  const isConfirmed = facts.tickets.every((ticket) => ticket.unconfirmed !== true);
  return {
    ...view,
    unconfirmed: isConfirmed ? null : { heading: fill(heading, { until: view.until }), lead },
  };
}

function waiting(facts: MailFacts, shared: Shared, wording: Wording): Waiting {
  // Of several tickets the one that starts first decides up to when a cancel is sure to count for all.
  const starts = facts.tickets.map(startOf).filter((start) => start !== null);
  return {
    ...shared,
    until: instantIn(wording, demanded(facts, 'the end of the waiting time', earliest(starts))),
    due: demanded(facts, 'a ticket', dueOf(facts, wording)),
    keeps: keepsOf(facts, wording),
    cancellable: facts.tickets.every((ticket) => ticket.cancellable),
    extended: facts.tickets.some((ticket) => startOf(ticket) !== ticket.graceEndsAt),
  };
}

function statusOf(facts: MailFacts, shared: Shared, wording: Wording): Views['status'] {
  const { workspace } = facts;
  return {
    ...shared,
    lines: facts.tickets.map((ticket) => ({
      reference: plain(ticket.reference),
      what: whatOf(ticket, wording),
      standing: standingOf(wording, ticket),
      due: IN_PROGRESS.includes(ticket.state) ? instantIn(wording, ticket.dueAt) : null,
      cancelUntil:
        ticket.state === 'grace' && ticket.cancellable ? wordsOrNull(wording, startOf(ticket)) : null,
    })),
    workspace: workspace && {
      name: plain(workspace.name),
      slug: plain(workspace.slug),
      deletedAt: wordsOrNull(wording, workspace.deletedAt),
      stopped: workspace.stopped,
    },
  };
}

const IN_PROGRESS: readonly TicketFacts['state'][] = ['verifying', 'approval', 'grace'];

function resultOf(
  ticket: TicketFacts,
  shared: Shared,
  wording: Wording,
): Views['completed']['results'][number] {
  const closedAt = ticket.closedAt ?? ticket.receipt?.receipt.completedAt;
  if (closedAt === undefined) {
    throw new PurgedeskError('PD_TEMPLATE_INVALID', 'the facts of a completed ticket lack its end', {
      details: { ticket: ticket.reference },
    });
  }
  return {
    reference: plain(ticket.reference),
    what: whatOf(ticket, wording),
    completedAt: instantIn(wording, closedAt),
    receipt: ticket.receipt && receiptOf(ticket.receipt, shared, wording),
    suppressed: ticket.suppressed === true ? wording.suppressed : null,
  };
}

function receiptOf(signed: SignedReceipt, shared: Shared, wording: Wording): ReceiptView {
  const receipt = asCurrent(signed.receipt);
  const { deletedTotal, clearedTotal, byHandTotal, remainingTotal } = receipt;
  const { cleared, byHand, remaining, how } = wording.receipt;
  const saidIf = (count: number, forms: Counted) => (count === 0 ? [] : [counted(wording, forms, count)]);
  const also = [...saidIf(clearedTotal, cleared), ...saidIf(byHandTotal, byHand)];
  return {
    file: receiptFileName(receipt.ticket),
    certificate: certificateFileName(receipt.ticket),
    keyPage: shared.keyPage,
    total:
      deletedTotal === 0 && also.length > 0 ? null : counted(wording, wording.count.records, deletedTotal),
    also,
    nothing: matchedNothing(receipt),
    remaining: saidIf(remainingTotal, remaining)[0] ?? null,
    steps: receipt.steps.map((step) => ({
      store: plain(step.store),
      target: plain(step.target),
      how: step.action === 'delete' ? null : how[step.action],
      deleted: numberIn(wording, step.deleted),
      remaining: numberIn(wording, step.remaining),
    })),
    exclusions: exclusionsInWords(wording, receipt.exclusions),
  };
}

/** What stays: the receipt's own lines where there is one, so that mail and attachment say the same. */
function keepsOf(facts: MailFacts, wording: Wording): readonly string[] {
  const retained = facts.tickets.flatMap((ticket) => ticket.receipt?.receipt.retained ?? []);
  const signed = new Set(retained.map((line) => line.what));
  const closedAt = latest(facts.tickets.map((ticket) => ticket.closedAt).filter((end) => end !== null));
  const unsigned = facts.residue.filter((residue) => !signed.has(residue.what));
  return [
    ...new Set([
      ...retained.map((line) => retainedInWords(wording, line)),
      ...unsigned.map((residue) => residueInWords(wording, residue, closedAt)),
    ]),
  ];
}

/** What stays once the backups are gone: neither them nor anything else whose day has come. */
function stillKeptOf(facts: MailFacts, wording: Wording): readonly string[] {
  const today = facts.at.slice(0, 10);
  const isKept = (category: string, until: string | null) =>
    category !== 'backups' && (until === null || until >= today);
  const lines = facts.tickets.flatMap(({ receipt, closedAt }) => {
    if (receipt !== null) {
      return receipt.receipt.retained
        .filter(({ category, until }) => isKept(category, until))
        .map((line) => retainedInWords(wording, line));
    }
    // Whoever is in charge of one workspace of several has no receipt: to them the policy of today speaks.
    return facts.residue
      .filter((each) => isKept(each.category, closedAt && residueEnd(each, new Date(closedAt))))
      .map((each) => residueInWords(wording, each, closedAt));
  });
  return [...new Set(lines)];
}

const wordsOrNull = (wording: Wording, iso: string | null): string | null =>
  iso === null ? null : instantIn(wording, iso);

const dueOf = (facts: MailFacts, wording: Wording): string | null =>
  wordsOrNull(
    wording,
    facts.recipient === 'stranger' ? null : latest(facts.tickets.map((ticket) => ticket.dueAt)),
  );

const earliest = (instants: readonly string[]): string | null =>
  [...instants].sort((a, b) => Date.parse(a) - Date.parse(b)).at(0) ?? null;

const latest = (instants: readonly string[]): string | null =>
  [...instants].sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? null;

function demanded<T>(facts: MailFacts, what: string, value: T | null): T {
  if (value === null) throw unfit(facts, `${what} is missing`);
  return value;
}

const unfit = (facts: MailFacts, why: string): PurgedeskError =>
  new PurgedeskError('PD_TEMPLATE_INVALID', `the facts of the mail ${facts.template} do not fit: ${why}`, {
    details: { template: facts.template },
  });
