import type { State } from '../domain/ticket.ts';
import { instantInShort, instantInWords, plain } from '../domain/words.ts';
import type { CancelChoice, ChallengeView, Overview, ReceiptKeyView, Standing } from './ports.ts';
import { tries } from './words.ts';

/** What each page of `templates/console` may show. Plain values: templates decide nothing but presence. */
export interface Views {
  readonly confirm: ConfirmView;
  readonly confirmed: ConfirmedView;
  readonly keys: KeysView;
  readonly notice: NoticeView;
  readonly overview: OverviewView;
  readonly settle: SettleView;
  readonly settled: SettledView;
}

interface PageHead {
  readonly title: string;
  /** Beside the name at the top. `null` = nothing. */
  readonly mark: string | null;
  readonly isWide: boolean;
  readonly refreshSeconds: number | null;
}

interface TicketLine {
  readonly reference: string;
  readonly sentence: string;
}

interface ConfirmView {
  readonly page: PageHead;
  readonly action: string;
  readonly isSeveral: boolean;
  readonly tickets: readonly TicketLine[];
  readonly expiresAt: string;
  readonly validUntil: string;
  readonly triesLeft: string;
  readonly problem: string | null;
}

interface ConfirmedView {
  readonly page: PageHead;
  readonly isSeveral: boolean;
  readonly tickets: readonly TicketLine[];
}

interface SettleView extends ConfirmView {
  /** False when the problem is that nothing was chosen. */
  readonly isCodeAtFault: boolean;
  /** What was chosen before, so that a wrong code does not make one choose again. */
  readonly chose: Readonly<Record<CancelChoice, boolean>>;
}

interface SettledView {
  readonly page: PageHead;
  readonly heading: string;
  readonly badge: { readonly tone: Tone; readonly words: string };
  /** Each says how it stands only where they stand differently. */
  readonly tickets: readonly (TicketLine & { readonly stands: string | null })[];
  readonly paragraphs: readonly string[];
}

export interface NoticeView {
  readonly page: PageHead;
  readonly heading: string;
  readonly paragraphs: readonly string[];
}

interface KeysView {
  readonly page: PageHead;
  readonly current: KeyView;
  readonly former: readonly KeyView[];
}

interface KeyView {
  readonly publicKey: string;
  readonly pem: string;
  /** In groups of four, to be compared by eye. */
  readonly fingerprint: readonly string[];
  readonly firstUsedAt: string | null;
  readonly firstUsedInWords: string | null;
}

interface OverviewView {
  readonly page: PageHead;
  readonly isLive: boolean;
  readonly deskAddress: string;
  readonly now: string;
  readonly nowInWords: string;
  readonly tickets: readonly OverviewTicket[];
  readonly moreTickets: number;
  readonly mails: readonly OverviewMail[];
  readonly moreMails: number;
  readonly formField: string;
  readonly guide: readonly {
    readonly title: string;
    readonly lead: string;
    readonly isDone: boolean;
    readonly isNow: boolean;
    readonly person: { readonly key: string; readonly name: string } | null;
    /** Letting time pass is what there is to do. */
    readonly isWait: boolean;
  }[];
  readonly people: Overview['people'];
  readonly commands: Overview['commands'];
  readonly notices: readonly string[];
}

interface OverviewTicket {
  readonly reference: string;
  readonly state: string;
  readonly tone: Tone;
  readonly holds: readonly string[];
  readonly sentence: string;
  readonly requester: string;
  readonly next: string;
  /** Empty when the ticket left the way before its end. */
  readonly steps: readonly { readonly label: string; readonly tone: string; readonly isNow: boolean }[];
}

interface OverviewMail {
  readonly at: string;
  readonly atInShort: string;
  readonly isIn: boolean;
  readonly who: string;
  readonly what: string;
  readonly disposition: string;
}

type Tone = 'info' | 'wait' | 'risk' | 'good' | 'quiet';

/** @param problem - why the last try was not taken, `null` = there was none */
export function confirmView(
  challenge: ChallengeView,
  action: string,
  problem: 'wrong' | 'not_six_digits' | 'not_taken' | null,
): ConfirmView {
  const left = tries(challenge.triesLeft);
  const isSeveral = challenge.tickets.length > 1;
  const title = `Confirm your deletion ${isSeveral ? 'requests' : 'request'}`;
  return {
    page: headOf(problem === null ? title : `Not confirmed yet – ${title}`),
    action,
    isSeveral,
    tickets: challenge.tickets.map(lineOf),
    expiresAt: new Date(challenge.expiresAt).toISOString(),
    validUntil: instantInWords(challenge.expiresAt),
    triesLeft: left,
    problem: problem === null ? null : PROBLEMS[problem](left),
  };
}

export const confirmedView = (challenge: ChallengeView): ConfirmedView => ({
  page: headOf('Confirmed'),
  isSeveral: challenge.tickets.length > 1,
  tickets: challenge.tickets.map(lineOf),
});

/**
 * @param problem - why the last try was not taken, `null` = there was none
 * @param chosen - what was chosen with it, `null` = nothing
 */
export function settleView(
  challenge: ChallengeView,
  action: string,
  problem: 'wrong' | 'not_six_digits' | 'not_taken' | 'not_chosen' | null,
  chosen: CancelChoice | null,
): SettleView {
  const left = tries(challenge.triesLeft);
  const title = 'On hold: please tell us which it is';
  return {
    page: headOf(problem === null ? title : `Not taken yet – ${title}`),
    action,
    isSeveral: challenge.tickets.length > 1,
    tickets: challenge.tickets.map(lineOf),
    expiresAt: new Date(challenge.expiresAt).toISOString(),
    validUntil: instantInWords(challenge.expiresAt),
    triesLeft: left,
    problem: problem === null ? null : PROBLEMS[problem](left),
    isCodeAtFault: problem !== null && problem !== 'not_chosen',
    chose: { cancel: chosen === 'cancel', go_on: chosen === 'go_on' },
  };
}

/** What became of the deletions that a cancel was about: as they stand now, whoever decided it. */
export function settledView(challenge: ChallengeView): SettledView {
  const stands = [...new Set(challenge.tickets.map((ticket) => ticket.standing))];
  const [only = null] = stands.length === 1 ? stands : [];
  const words = only === null ? SETTLED_VARIOUSLY : SETTLED[only];
  return {
    page: headOf(words.heading),
    heading: words.heading,
    badge: words.badge,
    tickets: challenge.tickets.map((ticket) => ({
      ...lineOf(ticket),
      stands: only === null ? STANDS[ticket.standing] : null,
    })),
    paragraphs: words.paragraphs,
  };
}

const STANDS = {
  on_hold: 'on hold',
  going_on: 'goes on',
  cancelled: 'cancelled',
  started: 'has started',
  ended: 'closed',
} as const satisfies Record<Standing, string>;

const STATUS_BY_MAIL = 'To hear where it stands, reply “status” to any of our mails.';

type Settled = Pick<SettledView, 'heading' | 'badge' | 'paragraphs'>;

const SETTLED: Readonly<Record<Standing, Settled>> = {
  cancelled: {
    heading: 'The deletion is cancelled',
    badge: { tone: 'good', words: 'Cancelled' },
    paragraphs: [
      'Nothing is deleted. Everyone who knew of the deletion is told.',
      'The data stays until somebody in charge asks again.',
    ],
  },
  going_on: {
    heading: 'The deletion goes on',
    badge: { tone: 'info', words: 'Goes on' },
    paragraphs: [
      'The hold is over. The waiting time was kept; if it had ended meanwhile, 24 more hours pass before anything is deleted.',
      'Until the deletion starts, any owner or admin can cancel it: reply “cancel” to any of our mails.',
    ],
  },
  on_hold: {
    heading: 'Thank you. It is still on hold',
    badge: { tone: 'wait', words: 'On hold' },
    paragraphs: [
      'Something else still stands in the way, so nothing is deleted for now. Our team looks at it.',
      STATUS_BY_MAIL,
    ],
  },
  started: {
    heading: 'The deletion has started',
    badge: { tone: 'risk', words: 'Too late to cancel' },
    paragraphs: [
      'A deletion that has started cannot be cancelled any more. We write to you when it is complete.',
      STATUS_BY_MAIL,
    ],
  },
  ended: {
    heading: 'This request is closed',
    badge: { tone: 'quiet', words: 'Closed' },
    paragraphs: ['There is nothing left to cancel or to take up again.', STATUS_BY_MAIL],
  },
};

const SETTLED_VARIOUSLY: Settled = {
  heading: 'Where your requests stand',
  badge: { tone: 'quiet', words: 'Settled' },
  paragraphs: ['To hear more about them, reply “status” to any of our mails.'],
};

export const noticeView = (heading: string, paragraphs: readonly string[]): NoticeView => ({
  page: headOf(heading),
  heading,
  paragraphs,
});

/** @param keys - the one that signs now, then the former ones */
export function keysView(keys: readonly ReceiptKeyView[]): KeysView {
  const view = ({ publicKey, pem, fingerprint, firstUsedAt }: ReceiptKeyView): KeyView => ({
    publicKey,
    pem: pem.trim(),
    fingerprint: fingerprint.match(/.{1,4}/g) ?? [],
    firstUsedAt,
    firstUsedInWords: firstUsedAt === null ? null : instantInWords(firstUsedAt),
  });
  const [current, ...former] = keys.map(view);
  if (current === undefined) throw new RangeError('a desk has a key');
  return { page: headOf('How to check a receipt'), current, former };
}

/** @param isLive - the page asks for itself again every few seconds */
export function overviewView(overview: Overview, isLive: boolean): OverviewView {
  return {
    page: {
      title: 'Sandbox',
      mark: 'sandbox',
      isWide: true,
      refreshSeconds: isLive ? REFRESH_SECONDS : null,
    },
    isLive,
    deskAddress: plain(overview.deskAddress),
    now: new Date(overview.now).toISOString(),
    nowInWords: instantInWords(overview.now),
    tickets: overview.tickets.slice(0, TICKETS_SHOWN).map(ticketView),
    moreTickets: Math.max(0, overview.tickets.length - TICKETS_SHOWN),
    mails: overview.mails.slice(0, MAILS_SHOWN).map(mailView),
    moreMails: Math.max(0, overview.mails.length - MAILS_SHOWN),
    formField: overview.formField,
    guide: guideOf(overview),
    people: overview.people.map(({ key, name, address, role, workspace }) => ({
      key: plain(key),
      name: plain(name),
      address: plain(address),
      role: plain(role),
      workspace: plain(workspace),
    })),
    // Commands are ours and get copied: shown exactly as they are.
    commands: overview.commands,
    notices: overview.notices.map(plain),
  };
}

function guideOf({ guide, people }: Overview): OverviewView['guide'] {
  const now = guide.findIndex((step) => !step.isDone);
  return guide.map(({ title, lead, isDone, person }, at) => {
    const who = people.find(({ key }) => key === person);
    return {
      title: plain(title),
      lead: plain(lead),
      isDone,
      isNow: at === now,
      // Where to go now; at the very end where to look at what came of it.
      person:
        who !== undefined && (at === now || (now === -1 && at === guide.length - 1))
          ? { key: plain(who.key), name: plain(who.name) }
          : null,
      isWait: who === undefined && at === now,
    };
  });
}

const REFRESH_SECONDS = 5;
const TICKETS_SHOWN = 50;
const MAILS_SHOWN = 60;

const PROBLEMS = {
  wrong: (left: string) => `That code is not right. You have ${left} left.`,
  not_six_digits: (left: string) =>
    `Please type the six digits from the mail. This did not count; you still have ${left}.`,
  not_chosen: (left: string) =>
    `Please choose one of the two as well. This did not count; you still have ${left}.`,
  not_taken: (left: string) => `The code could not be taken just now. Please try again; you have ${left}.`,
};

const headOf = (title: string): PageHead => ({ title, mark: null, isWide: false, refreshSeconds: null });

const lineOf = (ticket: TicketLine): TicketLine => ({
  reference: plain(ticket.reference),
  sentence: sentenceOf(ticket.sentence),
});

/** A phrase set on its own: "All data of the workspace …". */
function sentenceOf(phrase: string): string {
  const line = plain(phrase);
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}`;
}

function ticketView(ticket: Overview['tickets'][number]): OverviewTicket {
  return {
    reference: plain(ticket.reference),
    state: spaced(ticket.state),
    tone: TONES[ticket.state],
    holds: ticket.holds.map((hold) => spaced(plain(hold))),
    sentence: sentenceOf(ticket.sentence),
    requester: plain(ticket.requester),
    next: plain(ticket.next),
    steps: stepsOf(ticket.state),
  };
}

const TONES = {
  received: 'info',
  needs_details: 'wait',
  verifying: 'wait',
  approval: 'wait',
  grace: 'info',
  purging: 'risk',
  completed: 'good',
  cancelled: 'quiet',
  rejected: 'quiet',
  expired: 'quiet',
} as const satisfies Record<State, Tone>;

const spaced = (word: string): string => word.replaceAll('_', ' ');

function stepsOf(state: State): OverviewTicket['steps'] {
  const reached = STEP_OF[state];
  if (reached === null) return [];
  return STEPS.map((label, step) => ({
    label,
    tone: step < reached ? 'done' : step === reached ? 'now' : 'ahead',
    isNow: step === reached,
  }));
}

const STEPS = ['Read', 'Confirm', 'Wait', 'Purge', 'Tell'] as const;

/** How many steps lie behind a ticket; the one with this number is being taken. `null` = it goes no further. */
const STEP_OF = {
  received: 0,
  needs_details: 0,
  verifying: 1,
  approval: 2,
  grace: 2,
  purging: 3,
  completed: 5,
  cancelled: null,
  rejected: null,
  expired: null,
} as const satisfies Record<State, number | null>;

const mailView = (mail: Overview['mails'][number]): OverviewMail => ({
  at: new Date(mail.at).toISOString(),
  atInShort: instantInShort(mail.at),
  isIn: mail.direction === 'in',
  who: plain(mail.who),
  what: plain(mail.what),
  disposition: spaced(plain(mail.disposition)),
});
