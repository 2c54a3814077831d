/** The page behind the link of a mail: what the mails would tell its reader now, in the language of the mail. */
import type { Area } from '../../console/areas.ts';
import { customerArea } from '../../console/customer/area.ts';
import type { CustomerWords, StatusPage, StatusTicket } from '../../console/customer/ports.ts';
import type { TicketFacts } from '../../domain/mail-facts.ts';
import { plain } from '../../domain/words.ts';
import { loadCertificateFonts } from '../../reply/certificate/fonts.ts';
import { type CertificateWording, certificateView } from '../../reply/certificate/view.ts';
import { receiptFile } from '../../reply/message.ts';
import { fill, instantIn } from '../../reply/phrase.ts';
import { tongueFor } from '../../reply/render.ts';
import { keyPageOf, type Tongue } from '../../reply/views.ts';
import { standingOf, startOf, targetInWords, tooLateInWords } from '../../reply/words.ts';
import { mailboxOfTicket } from '../../tickets/mailbox-of.ts';
import { factsToldTo, type Told } from '../../tickets/queue-mails.ts';
import { findStatusLink, type StatusLink, statusFormOf } from '../../tickets/status-links.ts';
import { cancelByLink, isCancellable, renewLink } from '../../tickets/use-status-link.ts';
import { decideOnPage } from '../decide-on-page.ts';
import type { Desk } from '../desk.ts';
import { mailTemplates } from '../mail-templates.ts';
import { identityOf } from '../outgoing.ts';

export function customerOf(desk: Desk): Area {
  const { db, environment } = desk;
  const tongues: readonly Tongue[] = [...mailTemplates().values()];
  const fonts = loadCertificateFonts();
  const tongueOf = (link: StatusLink) => tongueFor(tongues, [link.locale]);
  const toldBy = (link: StatusLink) => factsToldTo(db, desk.tickets, link.ticketIds, link.recipientHash);
  const linkOf = (token: string) => (LINK.test(token) ? findStatusLink(db, token) : Promise.resolve(null));
  const openLink = async (token: string) => {
    const link = await linkOf(token);
    return link !== null && link.expiresAt > (await desk.now()) ? link : null;
  };
  const receiptOf = async (token: string, reference: string) => {
    const link = await openLink(token);
    const told = link === null ? undefined : findTold(await toldBy(link), reference);
    const receipt = told?.facts.receipt ?? null;
    return link === null || receipt === null ? null : { receipt, link };
  };
  /** As the mail was sent that the link stood in. */
  const identityFor = async ({ ticketIds: [first] }: StatusLink) =>
    identityOf(environment, first === undefined ? null : await mailboxOfTicket(db, first));
  return customerArea({
    open: async (token) => {
      const link = await openLink(token);
      if (link === null) return null;
      const told = await toldBy(link);
      if (told.length === 0) return null;
      return pageOf(told, link, tongueOf(link), await identityFor(link));
    },
    words: async (token, languages) => {
      const link = await linkOf(token);
      const tongue = tongueFor(tongues, link === null ? languagesIn(languages) : [link.locale]);
      return wordsOf(tongue, { desk: link === null ? environment.desk : await identityFor(link) });
    },
    cancel: async (token, reference) => {
      const link = await openLink(token);
      const told = link === null ? undefined : findTold(await toldBy(link), reference);
      if (link === null || told === undefined) return;
      await decideOnPage(desk, (trx) => cancelByLink(trx, desk.tickets, link, told.id));
    },
    renew: async (token) => {
      const link = await linkOf(token);
      if (link !== null) await decideOnPage(desk, (trx) => renewLink(trx, desk.tickets, link));
    },
    receipt: async (token, reference) => {
      const found = await receiptOf(token, reference);
      return found === null ? null : receiptFile(found.receipt);
    },
    certificate: async (token, reference) => {
      const found = await receiptOf(token, reference);
      if (found === null) return null;
      const tongue = printable(tongues, found.link.locale);
      const view = certificateView(
        found.receipt,
        receiptFile(found.receipt),
        await identityFor(found.link),
        tongue,
      );
      // Loaded when somebody asks for one: it takes some ten megabytes.
      const { makeCertificate } = await import('../../reply/certificate/certificate.ts');
      return makeCertificate(view, fonts);
    },
    formField: (token) => statusFormOf(environment.key, token),
  });
}

const LINK = /^[A-Za-z0-9_-]{32}$/;

const findTold = (told: readonly Told[], reference: string): Told | undefined =>
  told.find(({ facts }) => facts.reference === reference);

/** Where a language has no words for certificates, the whole page is in English, as in mails. */
function printable(
  tongues: readonly Tongue[],
  locale: string,
): { readonly language: string; readonly wording: CertificateWording } {
  for (const { language, wording } of [tongueFor(tongues, [locale]), tongueFor(tongues, ['en'])]) {
    const { certificate } = wording;
    if (certificate !== null) return { language, wording: { ...wording, certificate } };
  }
  throw new RangeError('there are no words for a certificate, not even in English');
}

function pageOf(
  told: readonly Told[],
  link: StatusLink,
  tongue: Tongue,
  desk: Desk['environment']['desk'],
): StatusPage {
  const { wording } = tongue;
  return {
    words: wordsOf(tongue, { desk }),
    tickets: told.map((each) => ticketOf(each, tongue)),
    valid: fill(wording.page.valid, { until: instantIn(wording, link.expiresAt.toISOString()) }),
    keyPage: keyPageOf(desk),
  };
}

function ticketOf({ facts, address }: Told, { wording }: Tongue): StatusTicket {
  const { page } = wording;
  const reference = plain(facts.reference);
  const what =
    facts.target === null ? wording.yourRequestTitle : targetInWords(wording, facts.target, facts.verified);
  const standing = standingOf(wording, facts);
  const isFinal = facts.verified && !facts.cancellable;
  const isTooLate = facts.state === 'purging' || (facts.state === 'grace' && isFinal);
  return {
    reference,
    what: raised(what),
    standing: raised(standing),
    steps: stepsOf(facts, wording),
    dates: datesOf(facts, wording),
    cancel: address !== null && isCancellable(facts) ? cancelOf(facts, wording) : null,
    tooLate: isTooLate ? raised(tooLateInWords(wording, facts)) : null,
    hasReceipt: facts.receipt !== null,
    label: fill(page.sure.label, { reference }),
    mistyped: fill(page.sure.mistyped, { reference }),
  };
}

/** A phrase set on its own. */
const raised = (phrase: string): string => `${phrase.charAt(0).toLocaleUpperCase()}${phrase.slice(1)}`;

function cancelOf(facts: TicketFacts, wording: Tongue['wording']): string {
  const start = facts.state === 'grace' ? startOf(facts) : null;
  const { cancel } = wording.page;
  return start === null ? cancel.open : fill(cancel.until, { until: instantIn(wording, start) });
}

const STEPS = ['asked', 'confirmed', 'waiting', 'deleting', 'done'] as const;

/** How many steps lie behind; `null` = it goes no further. */
const STEPS_BEHIND = {
  received: 1,
  needs_details: 1,
  verifying: 1,
  approval: 2,
  grace: 2,
  purging: 3,
  completed: 5,
  cancelled: null,
  rejected: null,
  expired: null,
} as const satisfies Record<TicketFacts['state'], number | null>;

function stepsOf({ state }: TicketFacts, { page: { progress } }: Tongue['wording']): StatusTicket['steps'] {
  const behind = STEPS_BEHIND[state];
  if (behind === null) return [];
  return STEPS.map((step, at) => {
    const tone = at < behind ? 'done' : at === behind ? 'now' : 'ahead';
    const said = { done: progress.isDone, now: progress.isNow, ahead: progress.isAhead }[tone];
    return { label: progress[step], tone, said };
  });
}

function datesOf(facts: TicketFacts, wording: Tongue['wording']): StatusTicket['dates'] {
  const { dates } = wording.page;
  const isEnded = facts.closedAt !== null;
  const all: readonly (readonly [string, string | null])[] = [
    [dates.asked, facts.requestedAt],
    [dates.confirmed, facts.unconfirmed === true ? null : facts.verifiedAt],
    [dates.waiting, facts.state === 'grace' ? startOf(facts) : null],
    [dates.started, facts.purgeStartedAt],
    [dates.due, isEnded ? null : facts.dueAt],
    [dates.closed, facts.closedAt],
  ];
  return all.flatMap(([label, at]) => (at === null ? [] : [{ label, at, when: instantIn(wording, at) }]));
}

function wordsOf(
  { language, wording: { page } }: Tongue,
  { desk }: Pick<Desk['environment'], 'desk'>,
): CustomerWords {
  return { ...page, language, desk: plain(desk.name) };
}

/** "de-AT,de;q=0.9,en;q=0.8" → de-AT, de, en. */
const languagesIn = (header: string): readonly string[] =>
  header
    .slice(0, 200)
    .split(',')
    .map((part) => part.split(';', 1)[0]?.trim() ?? '')
    .filter((tag) => /^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/.test(tag));
