/** The page of operations as plain values. */
import { type AgentRole, mayAct } from '../../domain/agents.ts';
import { beginningOf, durationInWords, howMany } from './figures.ts';
import { EMPTY_FORM, type OrderFormView } from './order-form.ts';
import type { AuditCheckLine, OperationsPorts, Purges, Replies } from './ports.ts';
import type { DeskWork } from './read-operations.ts';

type Tone = 'good' | 'wait' | 'risk' | 'info' | '';

export interface OperationsView {
  readonly page: { readonly title: string };
  readonly live: string;
  readonly mayOrder: boolean;
  readonly mayCheck: boolean;
  readonly halt: { readonly at: string; readonly by: string; readonly reason: string } | null;
  /** Also where the desk itself has halted them, so that they stay halted when its own reason is over. */
  readonly mayHalt: boolean;
  readonly haltForm: OrderFormView;
  readonly purgeEnabled: boolean;
  readonly purges: readonly PurgeView[];
  readonly stores: readonly StoreView[];
  readonly failures: DeskWork['failures'];
  readonly mailboxes: readonly MailboxView[];
  readonly hasMailbox: boolean;
  readonly queues: readonly FactView[];
  readonly replies: readonly FactView[];
  readonly breakers: Replies['breakers'];
  readonly records: readonly FactView[];
  readonly check: CheckView | null;
  readonly lastAnchor: DeskWork['lastAnchor'];
  readonly ledger: { readonly entries: string; readonly hash: string };
  readonly orders: readonly (Omit<DeskWork['orders'][number], 'what'> & { readonly words: string })[];
}

interface FactView {
  readonly name: string;
  readonly value: string;
  readonly tone: Tone;
  readonly word: string;
  /** A page that says more, below the base; `null` = none. */
  readonly href: string | null;
}

interface PurgeView {
  readonly reference: string;
  readonly step: string;
  readonly store: string;
  readonly done: string;
  readonly percent: number;
  readonly eta: string;
  readonly words: string;
}

interface StoreView {
  readonly name: string;
  readonly kind: string;
  readonly tone: Tone;
  readonly word: string;
  readonly words: string;
  readonly isBraked: boolean;
}

interface MailboxView {
  readonly account: string;
  readonly folder: string;
  readonly lastPolledAt: string | null;
  readonly lag: string;
  readonly tone: Tone;
  readonly word: string;
  readonly unmoved: string;
  readonly lastError: string | null;
}

export interface CheckView {
  readonly tone: Tone;
  readonly word: string;
  readonly askedAt: string;
  readonly askedBy: string;
  readonly words: string;
  readonly isRunning: boolean;
  readonly examples: readonly string[];
  readonly more: number;
  readonly newestAnchor: string | null;
}

export interface OperationsFacts {
  readonly work: DeskWork;
  readonly purges: Purges;
  readonly replies: Replies;
  readonly nearDeadline: number;
  readonly keys: Awaited<ReturnType<OperationsPorts['receiptKeys']>>;
  readonly check: AuditCheckLine | null;
}

export function operationsView(
  facts: OperationsFacts,
  desk: {
    readonly base: string;
    readonly role: AgentRole;
    readonly ports: Pick<OperationsPorts, 'stores' | 'purgeEnabled' | 'hasMailbox'>;
    readonly haltForm?: OrderFormView;
  },
): OperationsView {
  const { work, purges, replies } = facts;
  return {
    page: { title: 'Operations' },
    live: `${desk.base}/live?about=operations`,
    mayOrder: mayAct(desk.role, 'approver'),
    mayCheck: mayAct(desk.role, 'agent'),
    halt: purges.halt,
    mayHalt: purges.halt === null || purges.halt.by === 'desk',
    haltForm: desk.haltForm ?? EMPTY_FORM,
    purgeEnabled: desk.ports.purgeEnabled,
    purges: purges.purges.map(purgeOf),
    stores: storesOf(desk.ports.stores, purges.brakes),
    failures: work.failures,
    mailboxes: work.mailboxes.map(mailboxOf),
    hasMailbox: desk.ports.hasMailbox,
    queues: queuesOf(work),
    replies: repliesOf(replies),
    breakers: replies.breakers,
    records: recordsOf(facts),
    check: facts.check === null ? null : checkOf(facts.check),
    lastAnchor: work.lastAnchor,
    ledger: { entries: String(work.ledger.entries), hash: work.ledger.hash },
    orders: work.orders.map(({ what, ...order }) => ({ ...order, words: ORDER_WORDS[what] })),
  };
}

export const ORDER_WORDS = {
  halt: 'halted all purges',
  resume: 'let purges run again',
  brake: 'braked a store',
  release: 'released a store',
} as const;

const purgeOf = (line: Purges['purges'][number]): PurgeView => ({
  reference: line.reference,
  step: `${line.step} of ${line.steps}`,
  store: line.store,
  done: `${howMany(line.deleted)} of about ${howMany(line.estimate)}`,
  percent: line.percent,
  eta: line.isRunning && line.etaSeconds !== null ? `about ${durationInWords(line.etaSeconds)} to go` : '',
  words: line.words,
});

/** Those of the configuration, and any that is braked and not named there any more. */
function storesOf(stores: OperationsPorts['stores'], brakes: Purges['brakes']): readonly StoreView[] {
  const unknown = brakes
    .filter(({ store }) => !stores.some(({ name }) => name === store))
    .map(({ store }) => ({ name: store, kind: 'not configured any more' }));
  return [...stores, ...unknown].map(({ name, kind }) => {
    const brake = brakes.find(({ store }) => store === name);
    if (brake === undefined) return { name, kind, tone: 'good', word: 'in use', words: '', isBraked: false };
    if (brake.setBy !== null) {
      const words = `by ${brake.setBy}: ${brake.reason ?? ''}`;
      return { name, kind, tone: 'risk', word: 'braked', words, isBraked: true };
    }
    const next =
      brake.seconds === null || brake.seconds <= 0 ? 'now' : `in ${durationInWords(brake.seconds)}`;
    const words = `${brake.failures} failure${brake.failures === 1 ? '' : 's'} in a row (${brake.lastError ?? 'unknown'}); tried again ${next}, by itself`;
    return { name, kind, tone: 'wait', word: 'failing', words, isBraked: true };
  });
}

/** Without a reading for this long a mailbox is not well. */
const SILENCE_SECONDS = 15 * 60;

function mailboxOf(box: DeskWork['mailboxes'][number]): MailboxView {
  const isSilent = box.silentSeconds === null || box.silentSeconds > SILENCE_SECONDS;
  const [tone, word]: [Tone, string] = isSilent
    ? ['risk', 'not read']
    : box.lastError === null
      ? ['good', 'read']
      : ['wait', 'trying again'];
  return {
    account: box.account,
    folder: box.folder,
    lastPolledAt: box.lastPolledAt,
    lag: box.silentSeconds === null ? 'never read' : `${durationInWords(box.silentSeconds)} ago`,
    tone,
    word,
    unmoved: howMany(box.unmoved),
    lastError: box.lastError,
  };
}

const fact = (name: string, value: string, rest: Partial<FactView> = {}): FactView => ({
  name,
  value,
  tone: '',
  word: '',
  href: null,
  ...rest,
});

const trouble = (name: string, count: number, word: string, href: string | null = null): FactView =>
  fact(name, howMany(count), { href, ...(count > 0 ? { tone: 'risk', word } : {}) });

function queuesOf(work: DeskWork): readonly FactView[] {
  const { outbox } = work;
  return [
    fact('Mails to be read', howMany(work.pendingMails)),
    fact('Mails for agents', howMany(work.mailsForAgents), { href: '/mails' }),
    fact('Jobs that are due', howMany(work.jobsWaiting)),
    work.jobsFailing > 0
      ? fact('Jobs that failed and are tried again', howMany(work.jobsFailing), {
          tone: 'wait',
          word: 'trying again',
        })
      : fact('Jobs that failed and are tried again', '0'),
    trouble('Jobs that failed for good', work.jobsFailed, 'needs a person'),
    fact('Mails to be sent', howMany(outbox.pending + outbox.sending), { href: '/outbox' }),
    trouble('Mails that could not be sent', outbox.failed, 'needs a person', '/outbox'),
    fact('Mails that may or may not have gone out', howMany(outbox.unknown), { href: '/outbox' }),
    fact('Mails that came back', howMany(outbox.bounced), { href: '/outbox' }),
  ];
}

function repliesOf({ hour, keptBack, undeliverable, waiting }: Replies): readonly FactView[] {
  const share = (used: number, limit: number): Partial<FactView> =>
    used >= limit
      ? { tone: 'risk', word: 'used up' }
      : used >= limit * 0.8
        ? { tone: 'wait', word: 'nearly used up' }
        : {};
  return [
    fact(
      'To people who are not verified, this hour',
      `${hour.used} of ${hour.limit}`,
      share(hour.used, hour.limit),
    ),
    fact(
      'Of those, to senders who prove nothing',
      `${hour.unprovenUsed} of ${hour.unprovenLimit}`,
      share(hour.unprovenUsed, hour.unprovenLimit),
    ),
    fact('Kept back in the last 24 hours', howMany(keptBack)),
    fact('Waiting, to be ten minutes apart', howMany(waiting)),
    fact('Addresses whose mail comes back', howMany(undeliverable)),
  ];
}

function recordsOf({ work, nearDeadline, keys }: OperationsFacts): readonly FactView[] {
  const current = keys.find(({ isCurrent }) => isCurrent);
  return [
    nearDeadline > 0
      ? fact('Open requests near or past their 30 days', howMany(nearDeadline), {
          tone: 'risk',
          word: 'look at them',
          href: '/queue',
        })
      : fact('Open requests near or past their 30 days', '0', { tone: 'good', word: 'in time' }),
    trouble('Workspaces that are stopped', work.stopped, 'decide', '/directory/stops'),
    fact('People who must not be taken in again', howMany(work.suppressed)),
    fact('Key that signs receipts', beginningOf(current?.fingerprint ?? ''), { href: '/receipt-key' }),
    fact('Former keys of receipts', String(keys.length - (current === undefined ? 0 : 1)), {
      href: '/receipt-key',
    }),
  ];
}

export function checkOf(check: AuditCheckLine): CheckView {
  const base = {
    askedAt: check.askedAt,
    askedBy: check.askedBy,
    examples: check.examples,
    newestAnchor: check.newestAnchor,
  };
  if (check.finishedAt === null) {
    const words =
      check.startedAt === null ? 'It begins as soon as a worker is free.' : 'Every chain is being read.';
    return { ...base, tone: 'info', word: 'under way', words, isRunning: true, more: 0 };
  }
  const problems = check.problems ?? 0;
  const counts = `${howMany(check.tickets ?? 0)} chains with ${howMany(check.events ?? 0)} events, and ${howMany(check.ledgerEntries ?? 0)} entries of the ledger`;
  return problems === 0
    ? { ...base, tone: 'good', word: 'all hold', words: counts, isRunning: false, more: 0 }
    : {
        ...base,
        tone: 'risk',
        word: `${howMany(problems)} broken`,
        words: counts,
        isRunning: false,
        more: problems - check.examples.length,
      };
}
