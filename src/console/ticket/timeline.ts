import { plain } from '../../domain/words.ts';
import { eventWords } from './event-words.ts';
import type { HoldRow, TicketRecord } from './read-ticket.ts';
import { actorWords, HOLD_WORDS } from './state-words.ts';
import { deliveryOf, templateWords } from './template-words.ts';

export const TIMELINE_KINDS = ['all', 'decisions', 'mails', 'notes'] as const;
export type TimelineKind = (typeof TIMELINE_KINDS)[number];

export interface TimelineItem {
  readonly kind: Exclude<TimelineKind, 'all'>;
  readonly at: string;
  readonly title: string;
  readonly text: string | null;
  readonly who: string | null;
  readonly tone: 'good' | 'risk' | '';
  readonly href: string | null;
}

/** Everything that happened, in one order, the newest first. */
export function timelineOf(record: TicketRecord, path: string): readonly TimelineItem[] {
  const who = (actor: string) => actorWords(actor, record.ticket.requester_hash);
  // What happened at one instant stands in the order in which it was decided.
  const items: (TimelineItem & { readonly rank: number })[] = [
    ...record.events
      .filter(({ type }) => type !== 'held' && type !== 'released')
      .map((event) => {
        const { title, text, tone } = eventWords(event);
        const at = event.at.toISOString();
        return {
          kind: 'decisions',
          at,
          title,
          text,
          who: who(event.actor),
          tone: tone ?? '',
          href: null,
          rank: event.seq,
        } as const;
      }),
    ...record.holds.flatMap((hold) => holdItems(hold, who)),
    ...record.notes.map(({ agent, act, note, at }) => ({
      kind: 'notes' as const,
      at: at.toISOString(),
      title: NOTES[act] ?? 'Note',
      text: note === '' ? null : note,
      who: agent,
      tone: '' as const,
      href: null,
      rank: 20_000,
    })),
    ...record.mailsIn.map((mail) => ({
      kind: 'mails' as const,
      at: mail.arrived_at.toISOString(),
      title: 'A mail came in',
      text: mail.erased_at !== null ? 'erased' : plain(mail.subject ?? ''),
      who: mail.author,
      tone: '' as const,
      href: mail.erased_at !== null || !mail.has_raw ? null : `${path}?mail=${mail.id}#mail`,
      rank: -1,
    })),
    ...record.mailsOut.map((mail) => {
      const delivery = deliveryOf(mail.status, mail.attempts);
      return {
        kind: 'mails' as const,
        at: mail.created_at.toISOString(),
        title: `Mail out: ${templateWords(mail.template)}`,
        text: delivery.label,
        who: mail.recipient === null ? null : `to ${mail.recipient}`,
        tone: delivery.tone === 'risk' ? ('risk' as const) : ('' as const),
        href: null,
        rank: 30_000,
      };
    }),
  ];
  return items
    .sort((a, b) => (a.at === b.at ? b.rank - a.rank : a.at < b.at ? 1 : -1))
    .map(({ rank: _rank, ...item }) => item);
}

const NOTES: Readonly<Record<string, string>> = {
  vouched: 'Why they vouch for it',
  approved: 'Why they approved it',
  corrected: 'Why they corrected it',
  note: 'Internal note',
};

function holdItems(hold: HoldRow, who: (actor: string) => string): (TimelineItem & { rank: number })[] {
  const { label } = HOLD_WORDS[hold.reason];
  const placed = {
    kind: 'notes' as const,
    at: hold.placed_at.toISOString(),
    title: `Hold placed: ${label.toLowerCase()}`,
    text: hold.note === '' ? null : plain(hold.note),
    who: who(hold.placed_by),
    tone: 'risk' as const,
    href: null,
    rank: 10_000,
  };
  if (hold.lifted_at === null) return [placed];
  const lifted = {
    ...placed,
    at: hold.lifted_at.toISOString(),
    title: `Hold lifted: ${label.toLowerCase()}`,
    text: hold.lift_note === null ? null : plain(hold.lift_note),
    who: hold.lifted_by === null ? null : who(hold.lifted_by),
    tone: '' as const,
    rank: 10_001,
  };
  return [placed, lifted];
}

export interface TimelinePage {
  readonly kinds: readonly { readonly label: string; readonly href: string; readonly isHere: boolean }[];
  readonly items: readonly TimelineItem[];
  readonly older: { readonly href: string; readonly count: number } | null;
  readonly newer: string | null;
  readonly isEmpty: boolean;
}

/** How many are on the page at once. */
const SHOWN = 40;

/** @param from - how many of the newest to leave out */
export function timelinePage(
  all: readonly TimelineItem[],
  { kind, from, path }: { readonly kind: TimelineKind; readonly from: number; readonly path: string },
): TimelinePage {
  const chosen = kind === 'all' ? all : all.filter((item) => item.kind === kind);
  const start = Math.min(from, Math.max(0, chosen.length - 1));
  const hrefOf = (show: TimelineKind, at: number) =>
    `${path}?show=${show}${at > 0 ? `&from=${at}` : ''}#timeline`;
  const left = chosen.length - start - SHOWN;
  return {
    kinds: TIMELINE_KINDS.map((name) => ({
      label: KIND_LABELS[name],
      href: hrefOf(name, 0),
      isHere: name === kind,
    })),
    items: chosen.slice(start, start + SHOWN),
    older: left > 0 ? { href: hrefOf(kind, start + SHOWN), count: left } : null,
    newer: start > 0 ? hrefOf(kind, Math.max(0, start - SHOWN)) : null,
    isEmpty: chosen.length === 0,
  };
}

const KIND_LABELS: Readonly<Record<TimelineKind, string>> = {
  all: 'Everything',
  decisions: 'Decisions',
  mails: 'Mails',
  notes: 'Notes and holds',
};
