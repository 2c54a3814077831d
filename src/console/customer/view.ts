import type { CustomerWords, StatusPage, StatusTicket } from './ports.ts';

interface Head {
  readonly title: string;
  readonly language: string;
}

export interface StatusView {
  readonly page: Head;
  readonly words: CustomerWords;
  readonly heading: string;
  readonly tickets: readonly (StatusTicket & { readonly links: TicketLinks })[];
  readonly valid: string;
  readonly keyPage: string;
}

interface TicketLinks {
  readonly cancel: string;
  readonly receipt: string;
  readonly certificate: string;
}

/** @param here - the address of the page */
export function statusView(status: StatusPage, here: string): StatusView {
  const { words, tickets, valid, keyPage } = status;
  const heading = tickets.length > 1 ? words.titleOfSeveral : words.title;
  return {
    page: { title: heading, language: words.language },
    words,
    heading,
    tickets: tickets.map((ticket) => ({
      ...ticket,
      links: {
        cancel: `${here}/cancel/${ticket.reference}`,
        receipt: `${here}/receipt/${ticket.reference}`,
        certificate: `${here}/certificate/${ticket.reference}`,
      },
    })),
    valid,
    keyPage,
  };
}

export interface CancelView {
  readonly page: Head;
  readonly words: CustomerWords;
  readonly ticket: StatusTicket;
  readonly action: string;
  readonly back: string;
  readonly field: string;
  readonly problem: string | null;
}

/** @param isMistyped - the last try was not taken */
export function cancelView(
  words: CustomerWords,
  ticket: StatusTicket,
  {
    here,
    field,
    isMistyped,
  }: { readonly here: string; readonly field: string; readonly isMistyped: boolean },
): CancelView {
  return {
    page: {
      title: isMistyped ? `${ticket.mistyped} – ${words.sure.heading}` : words.sure.heading,
      language: words.language,
    },
    words,
    ticket,
    action: `${here}/cancel/${ticket.reference}`,
    back: here,
    field,
    problem: isMistyped ? ticket.mistyped : null,
  };
}

export interface GoneView {
  readonly page: Head;
  readonly words: CustomerWords;
  readonly action: string;
  readonly field: string;
}

export interface SaidView {
  readonly page: Head;
  readonly words: CustomerWords;
  readonly heading: string;
  readonly said: string;
}

export const goneView = (words: CustomerWords, here: string, field: string): GoneView => ({
  page: { title: words.gone.heading, language: words.language },
  words,
  action: `${here}/renew`,
  field,
});

export const saidView = (words: CustomerWords, heading: string, said: string): SaidView => ({
  page: { title: heading, language: words.language },
  words,
  heading,
  said,
});

/** The reference as people type it: with any dash, in any case, with the full-width digits of another keyboard. */
export function isTyped(field: unknown, reference: string): boolean {
  if (typeof field !== 'string' || field.length > TYPED_LENGTH_MAX) return false;
  const typed = field
    .normalize('NFKC')
    .replace(/[\s\p{Pd}]/gu, '')
    .toUpperCase();
  return typed === reference.replace('-', '');
}

const TYPED_LENGTH_MAX = 60;
