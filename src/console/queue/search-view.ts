import { referenceOf, ticketId } from '../../domain/ids.ts';
import { plain } from '../../domain/words.ts';
import { DISPOSITION_LABELS } from '../mails/words.ts';
import type { QueuePorts } from './ports.ts';
import { type RowView, rowView } from './row-view.ts';
import type { Found, FoundMail, Search, SearchEnd } from './search.ts';

export interface SearchView {
  readonly page: { readonly title: string };
  readonly text: string;
  readonly problem: string | null;
  readonly found: {
    readonly tickets: readonly RowView[];
    readonly moreTickets: string | null;
    readonly mails: readonly MailView[];
    readonly moreMails: string | null;
    /** Not the first page of it. */
    readonly isFurther: boolean;
  } | null;
}

interface MailView {
  readonly id: number;
  readonly author: string;
  readonly subject: string;
  readonly became: string;
  readonly tone: string;
  readonly tickets: readonly string[];
  readonly arrivedAt: string;
}

/** Before anything is searched for, and where nothing can be. */
export const emptySearch = (text: string, problem: string | null = null): SearchView => ({
  page: { title: 'Search' },
  text,
  problem,
  found: null,
});

export function searchView(
  search: Search,
  end: SearchEnd,
  { base, sentence }: { readonly base: string; readonly sentence: QueuePorts['sentence'] },
): SearchView {
  if (end.kind === 'too_broad')
    return emptySearch(search.text, 'Too much fits. Add a word that must occur, or a rarer one.');
  const { tickets, mails } = end.found;
  return {
    ...emptySearch(search.text),
    page: { title: `Search: ${plain(search.text)}` },
    found: {
      tickets: tickets.map((row) => rowView(row, sentence)),
      mails: mails.map(mailView),
      isFurther: search.ticketsBefore !== null || search.mailsBefore !== null,
      ...further(search, end.found, base),
    },
  };
}

/** Each list goes on by itself; the other one stays where it is. */
function further(search: Search, found: Found, base: string) {
  const address = (places: Pick<Search, 'ticketsBefore' | 'mailsBefore'>): string => {
    const query = new URLSearchParams({ q: search.text });
    if (places.ticketsBefore !== null) query.set('tickets', String(places.ticketsBefore));
    if (places.mailsBefore !== null) query.set('mails', String(places.mailsBefore));
    return `${base}/search?${query}`;
  };
  const { ticketsBefore, mailsBefore } = search;
  const [lastTicket, lastMail] = [found.tickets.at(-1), found.mails.at(-1)];
  return {
    moreTickets:
      found.moreTickets && lastTicket !== undefined
        ? address({ ticketsBefore: lastTicket.id, mailsBefore })
        : null,
    moreMails:
      found.moreMails && lastMail !== undefined ? address({ ticketsBefore, mailsBefore: lastMail.id }) : null,
  };
}

function mailView({ id, author, subject, disposition, tickets, arrived_at: arrivedAt }: FoundMail): MailView {
  const { words, tone } =
    disposition === null ? { words: 'Not decided yet', tone: 'info' } : DISPOSITION_LABELS[disposition];
  return {
    id,
    author: author === null ? 'nobody known' : plain(author),
    subject: subject === null || subject.trim() === '' ? 'No subject' : plain(subject),
    became: words,
    tone,
    tickets: tickets.map((one) => referenceOf(ticketId(one))),
    arrivedAt: arrivedAt.toISOString(),
  };
}
