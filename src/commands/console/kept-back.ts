/**
 * What of a mail no agent may see yet. Whoever has a code and its link confirms a deletion in the name of their reader, so
 * a mail that may hold them is shown without them, and its bytes are kept back, until nobody can use them any more.
 */
import type { CleanHtml, KeptBack, MailWords, Unreadable } from '../../console/ticket/ports.ts';
import { addressHash, sha256 } from '../../domain/canonical.ts';
import { hideCodes, hideLinks, hideSecrets, linkTokensIn, mayHoldCode } from '../../domain/secret-words.ts';
import { rawMail } from '../../ingest/agent-mails.ts';
import type { Explanation } from '../../ingest/understand/explanation.ts';
import type { Desk } from '../desk.ts';
import { linksInBytes } from './link-scan.ts';

/** `links`: nothing but links. `quotes`: also what may be a code in words that are not the writer's. `all`: everywhere. */
type Level = 'links' | 'quotes' | 'all';

export interface Shield {
  readonly level: Level;
  /** Until when any code can be used that went out before this mail came. */
  readonly open: KeptBack | null;
  /** The same where something says that the mail has to do with one of them. */
  readonly codes: KeptBack | null;
  /** Until when a link in it leads somewhere. */
  readonly links: KeptBack | null;
}

export interface Shields {
  /** What is hidden of this mail at this moment: an answer changes it at once. */
  of(id: number): Promise<Shield>;
  /** Whether these bytes hold a link that still leads somewhere. */
  linksIn(bytes: Uint8Array): Promise<KeptBack | null>;
}

const REMEMBERED_MAX = 500;

export function mailShields({ db, tickets }: Pick<Desk, 'db' | 'tickets'>): Shields {
  const scanned = new Map<number, readonly string[]>();
  const linksOf = async (id: number): Promise<readonly string[]> => {
    const known = scanned.get(id);
    if (known !== undefined) return known;
    const raw = await rawMail(db, id);
    const links = raw === null ? [] : linksInBytes(raw);
    scanned.set(id, links);
    const [oldest] = scanned.keys();
    if (scanned.size > REMEMBERED_MAX && oldest !== undefined) scanned.delete(oldest);
    return links;
  };
  const living = async (tokens: readonly string[]): Promise<KeptBack | null> => {
    if (tokens.length === 0) return null;
    const found = await db.raw<{ rows: [{ until: Date | null }] }>(LIVING, { hashes: tokens.map(sha256) });
    return keptUntil(found.rows[0].until);
  };
  return {
    linksIn: (bytes) => living(linksInBytes(bytes)),
    async of(id) {
      const tokens = await linksOf(id);
      const mail = await db('messages').where({ id }).first<{ author: string | null } | undefined>('author');
      const author = mail?.author ?? null;
      const found = await db.raw<{ rows: [{ any: Date | null; related: Date | null }] }>(OPEN, {
        id,
        author: author === null ? '' : addressHash(tickets.key, author),
      });
      const [{ any, related }] = found.rows;
      const codes = tokens.length === 0 ? related : any;
      return {
        level: codes !== null ? 'all' : any !== null ? 'quotes' : 'links',
        open: keptUntil(any),
        codes: keptUntil(codes),
        links: await living(tokens),
      };
    },
  };
}

const keptUntil = (until: Date | null): KeptBack | null => (until === null ? null : { keptUntil: until });

/**
 * Challenges whose mail this one may hold. Mail servers' clocks differ from the desk's, so it may seem to have come before
 * them; the mail that a challenge is the answer to cannot hold it.
 */
const OPEN = `
  select max(c.expires_at) as any, max(c.expires_at) filter (where
    c.conversation_id = m.conversation_id or c.requester_hash = :author or m.author is null
    or m.disposition is null or m.disposition in ('automatic', 'own', 'unreadable')) as related
  from messages m join challenges c on c.created_at <= m.arrived_at + interval '10 minutes'
  where m.id = :id and c.answered_at is null and c.voided_at is null and c.tries_left > 0 and c.expires_at > desk_now()
    and not exists (select from outbox o
      where o.cause_message_id = m.id and o.facts -> 'challenge' ->> 'id' = cast(c.id as text))`;

const LIVING = `
  select max(expires_at) as until from (
    select c.expires_at from challenges c where c.link_hash = any(:hashes)
      and c.answered_at is null and c.voided_at is null and c.tries_left > 0
    union all
    select l.expires_at from status_links l where l.link_hash = any(:hashes)
      and exists (select from tickets t where t.id = any(l.ticket_ids) and t.closed_at is null)
  ) links where expires_at > desk_now()`;

/** The words for a ticket's page, without what is hidden; every place in them stays where it was. */
export function shieldedWords(words: MailWords | Unreadable, { level }: Shield): MailWords | Unreadable {
  if ('unreadable' in words) return words;
  const hide = level === 'links' ? hideLinks : hideSecrets;
  return {
    ...words,
    subject: hide(words.subject),
    text: hidden(words.text, words.leftOut, level),
    notTaken: words.notTaken.map((each) => ({ ...each, text: hide(each.text) })),
  };
}

/** The same for what was read in a mail. */
export function shieldedExplanation(explanation: Explanation, { level }: Shield): Explanation {
  const { source, leftOut, ownText, notTaken } = explanation;
  const hide = level === 'links' ? hideLinks : hideSecrets;
  return {
    ...explanation,
    source: hidden(source, leftOut, level),
    ownText: { ...ownText, text: level === 'all' ? hideSecrets(ownText.text) : hideLinks(ownText.text) },
    notTaken: notTaken.map((each) => ({ ...each, text: hide(each.text) })),
  };
}

/** For what else a page says of a mail. */
export const shieldedText = (text: string, { level }: Shield): string =>
  level === 'all' ? hideSecrets(text) : level === 'quotes' ? hideCodes(hideLinks(text)) : hideLinks(text);

/** Words may lie in many elements: where that leaves a link or, with a code about, six digits, nothing is shown of it. */
export function shieldedHtml(clean: CleanHtml | null, shield: Shield): CleanHtml | KeptBack | null {
  if (clean === null) return null;
  const html = hideLinks(clean.html);
  const text = html.replace(/<[^>]*>/g, '');
  const mayHold = linkTokensIn(text).length > 0 ? (shield.open ?? shield.links) : null;
  const keptBack = mayHold ?? (mayHoldCode(text) || mayHoldCode(html) ? shield.open : null);
  return keptBack ?? { ...clean, html };
}

function hidden(
  text: string,
  leftOut: readonly { readonly start: number; readonly end: number }[],
  level: Level,
): string {
  const linkless = hideLinks(text);
  if (level === 'links') return linkless;
  if (level === 'all') return hideSecrets(linkless);
  let shown = '';
  let at = 0;
  for (const { start, end } of leftOut) {
    const from = Math.max(start, at);
    const to = Math.max(end, from);
    shown += linkless.slice(at, from) + hideSecrets(linkless.slice(from, to));
    at = to;
  }
  return shown + linkless.slice(at);
}
