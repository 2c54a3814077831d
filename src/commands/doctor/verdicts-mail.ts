/** What the facts about mailboxes and about the desk's domain mean. Pure. */
import type { MailboxFacts } from '../../ingest/mailbox-probe.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** How the database knows a mailbox; `null` = not at all, or the database is down. */
export type KnownCursor = { readonly uidValidity: string; readonly lastUid: number } | null;

export function judgeMailbox(
  name: string,
  facts: MailboxFacts,
  names: { readonly folder: string; readonly processedFolder: string },
  cursor: KnownCursor,
): readonly Finding[] {
  const check = `mailbox ${name}`;
  const { folder } = facts;
  if (folder === null)
    return [
      problem(
        check,
        `It lets the desk in, and there is no folder ${names.folder} that the account may open.`,
        'Name the folder as the server calls it.',
      ),
    ];
  const lacks = (capability: string) => !facts.capabilities.includes(capability);
  return [
    ok(check, `Lets the desk in; ${names.folder} holds ${folder.mails} mail(s).`),
    ...(folder.isReadOnly
      ? [
          warning(
            check,
            `${names.folder} is read-only for this account: mails are taken in, and stay where they are.`,
            'Give the account the right to move mails, or clear the folder in another way.',
          ),
        ]
      : []),
    ...(facts.hasProcessedFolder || folder.isReadOnly
      ? []
      : [
          warning(
            check,
            `There is no folder ${names.processedFolder}.`,
            'The desk makes it when it starts; make it yourself if the account may not.',
          ),
        ]),
    ...(lacks('MOVE')
      ? [
          warning(
            check,
            'The server cannot move mails (MOVE), so they are flagged and stay in the folder.',
            'Clear the folder from time to time.',
          ),
        ]
      : lacks('UIDPLUS')
        ? [
            warning(
              check,
              'The server does not say which mails it moved (UIDPLUS), so the desk looks again after each move.',
              'Nothing needs to be done.',
            ),
          ]
        : []),
    ...(lacks('IDLE')
      ? [
          warning(
            check,
            'The server announces no new mail (IDLE), so mails wait for the next poll.',
            'Lower the seconds between polls if that is too long.',
          ),
        ]
      : []),
    ...renumbered(check, folder.uidValidity, cursor),
  ];
}

function renumbered(check: string, uidValidity: string, cursor: KnownCursor): readonly Finding[] {
  if (cursor === null || cursor.lastUid === 0 || cursor.uidValidity === uidValidity) return [];
  return [
    warning(
      check,
      'The server numbers the mails of the folder anew (UIDVALIDITY).',
      'Nothing needs to be done: the desk reads the folder again and knows what it has.',
    ),
  ];
}

/** TXT and MX of the desk's domain; `null` = the name service did not tell. */
export interface DomainFacts {
  readonly domain: string;
  readonly mx: readonly string[] | null;
  readonly txt: readonly string[] | null;
  /** The record, and the domain at which it was found. */
  readonly dmarc: { readonly at: string; readonly records: readonly string[] } | null;
  /** With a selector: what is there. */
  readonly dkim: { readonly selector: string; readonly records: readonly string[] | null } | null;
}

/** What receivers will think of the desk's own mails (RFC 7208, RFC 6376, RFC 7489). */
export function judgeDomain(facts: DomainFacts): readonly Finding[] {
  const check = `domain ${facts.domain}`;
  if (facts.mx === null || facts.txt === null) {
    const todo = 'Look after the name service, or set DNS_SERVERS.';
    return [problem(check, 'The name service does not answer for it.', todo)];
  }
  return [mx(check, facts.mx), spf(check, facts.txt), dkim(check, facts.dkim), dmarc(check, facts)];
}

const mx = (check: string, hosts: readonly string[]): Finding =>
  hosts.length === 0 || hosts.every((host) => host === '')
    ? problem(
        check,
        'It takes no mail: there is no MX record.',
        'Publish one, or nobody can answer the desk.',
      )
    : ok(check, `Takes mail at ${hosts.length} host(s).`);

function spf(check: string, txt: readonly string[]): Finding {
  const records = txt.filter((record) => /^v=spf1(\s|$)/i.test(record));
  const [record] = records;
  if (record === undefined)
    return warning(
      check,
      'It publishes no SPF record, so that receivers trust its mails less.',
      'Publish one that names the server behind SMTP_URL: v=spf1 include:… -all',
    );
  if (records.length > 1)
    return problem(
      check,
      `It publishes ${records.length} SPF records; more than one is an error for receivers.`,
      'Make one of them.',
    );
  if (/\s\+?all(\s|$)/i.test(record))
    return problem(check, 'Its SPF record allows every sender (+all).', 'End it in -all or ~all.');
  return ok(check, 'Publishes SPF.');
}

function dkim(check: string, facts: DomainFacts['dkim']): Finding {
  if (facts === null)
    return ok(check, 'DKIM was not looked at: name the selector with --dkim-selector to have it checked.');
  const { selector, records } = facts;
  if (records === null)
    return problem(
      check,
      'The name service does not tell its DKIM key.',
      'Look after the name service, or set DNS_SERVERS.',
    );
  const [record] = records;
  if (record === undefined)
    return warning(
      check,
      `There is no DKIM key ${selector}._domainkey.`,
      'Publish it, and have the server behind SMTP_URL sign with it.',
    );
  if (!/(^|;)\s*p=\s*[A-Za-z0-9+/]/.test(record))
    return problem(
      check,
      `The DKIM key ${selector} is revoked or empty.`,
      'Publish a key, or sign with another.',
    );
  return ok(check, `Publishes the DKIM key ${selector}.`);
}

function dmarc(check: string, { domain, dmarc: found }: DomainFacts): Finding {
  const records = (found?.records ?? []).filter((record) => /^v=DMARC1\s*(;|$)/i.test(record));
  const [record] = records;
  if (record === undefined)
    return warning(
      check,
      'It publishes no DMARC record, which large receivers demand.',
      `Publish one at _dmarc.${domain}, such as: v=DMARC1; p=quarantine; rua=mailto:…`,
    );
  if (records.length > 1)
    return problem(check, 'It publishes several DMARC records, so that none counts.', 'Make one of them.');
  const policy = /;\s*p\s*=\s*(none|quarantine|reject)/i.exec(record)?.[1]?.toLowerCase();
  if (policy === undefined)
    return problem(check, 'Its DMARC record names no policy.', 'Add p=quarantine or p=reject.');
  if (policy === 'none')
    return warning(
      check,
      'Its DMARC policy is none: anybody can write to your customers in the name of the desk.',
      'Go on to p=quarantine or p=reject once the reports look well.',
    );
  return ok(check, `Publishes DMARC with the policy ${policy}.`);
}
