import { z } from 'zod';
import type { Settings } from './given.ts';
import { type Problem, reading } from './problem.ts';
import { Secret } from './secret.ts';
import { type ImapServer, imapServer, type SmtpServer, smtpServer, tokenUrl } from './servers.ts';
import {
  ENVELOPES,
  type EnvelopeKind,
  type MailboxSettings,
  type MailLogin,
  type OAuthSettings,
  type SmtpSettings,
} from './types.ts';
import { folderName, integer, locale, plainAddress, printable, words } from './values.ts';

/** Bounds what one process polls and sends through. */
const MAILBOXES_MAX = 50;
/** The mailbox that IMAP_URL names. */
export const MAIN_MAILBOX = 'main';

const DEFAULTS = { folder: 'INBOX', processedFolder: 'Processed', pollSeconds: 30 } as const;
/** Answers come to a subaddress too, so nothing more is asked of the mail server. */
const DEFAULT_ENVELOPE: EnvelopeKind = 'verp';

const oauthSchema = z
  .strictObject({
    tokenUrl: reading(tokenUrl),
    clientId: printable(500),
    clientSecret: printable(1000).optional(),
    scope: z
      .string()
      .regex(/^[!-~ ]{1,1000}$/, 'is not 1 to 1000 printable characters')
      .optional(),
    refreshToken: printable(8000).optional(),
  })
  .refine(({ clientSecret, refreshToken }) => clientSecret !== undefined || refreshToken !== undefined, {
    path: ['clientSecret'],
    error: 'is missing, and there is no refreshToken either',
  })
  .transform(
    (oauth): OAuthSettings => ({
      tokenUrl: oauth.tokenUrl,
      clientId: oauth.clientId,
      clientSecret: oauth.clientSecret === undefined ? null : new Secret(oauth.clientSecret),
      scope: oauth.scope ?? null,
      refreshToken: oauth.refreshToken === undefined ? null : new Secret(oauth.refreshToken),
    }),
  );

export const mailboxesSchema = z
  .array(
    z.strictObject({
      name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'is not a short name in lower case'),
      imap: reading(imapServer),
      smtp: reading(smtpServer).optional(),
      address: plainAddress,
      displayName: words(100).optional(),
      signature: words(200).optional(),
      locale: locale.optional(),
      folder: folderName.optional(),
      processedFolder: folderName.optional(),
      pollSeconds: integer(5, 3600).optional(),
      envelope: z.enum(ENVELOPES, `is not one of ${ENVELOPES.join(', ')}`).optional(),
      oauth: oauthSchema.optional(),
    }),
  )
  .max(MAILBOXES_MAX, `has more than ${MAILBOXES_MAX} entries`);

type Written = z.output<typeof mailboxesSchema>[number];

/**
 * Puts the mailboxes together: that of the environment first, then those of purgedesk.yaml. Those with a problem are left
 * out. @param settings - those of the environment that could be read
 */
export function mailboxesOf(
  settings: Partial<Settings>,
  written: readonly Written[],
  problems: Problem[],
): readonly MailboxSettings[] {
  const report: Report = (name, what) => problems.push({ name, what });
  const ownOAuth = oauthOfEnvironment(settings);
  const ownSmtp =
    settings.SMTP_URL === undefined
      ? undefined
      : smtpSettings(settings.SMTP_URL, ownOAuth, {
          name: 'SMTP_URL',
          remedy: 'MAIL_OAUTH_TOKEN_URL',
          report,
        });
  const sources = written.map((entry, index) => sourceOf(entry, `mailboxes.${index}`, report));
  const shared = [ownSmtp, ...sources.map(({ smtp }) => smtp)].find((server) => server !== undefined);
  const main = mainMailbox(settings, { oauth: ownOAuth, smtp: ownSmtp ?? null, report });
  const others = sources.map((source) => {
    if (shared === undefined)
      report(`${source.path}.smtp`, 'is missing, and there is no other server to share');
    return writtenMailbox(source, source.smtp === undefined ? shared : source.smtp, settings.DESK_NAME ?? '');
  });
  reportCollisions(
    [
      ...(main === null ? [] : [{ path: 'IMAP_URL', mailbox: main }]),
      ...others.map((mailbox, index) => ({ path: `mailboxes.${index}`, mailbox })),
    ].flatMap(({ path, mailbox }) => (mailbox === null ? [] : [{ path, mailbox }])),
    report,
  );
  return [main, ...others].flatMap((mailbox) => mailbox ?? []);
}

type Report = (name: string, what: string) => void;

/** Where a login is written, and what else would do instead of a password. */
interface LoginPlace {
  readonly name: string;
  readonly remedy: string;
  readonly report: Report;
}

function oauthOfEnvironment(settings: Partial<Settings>): OAuthSettings | null {
  const { MAIL_OAUTH_TOKEN_URL: tokenUrl, MAIL_OAUTH_CLIENT_ID: clientId } = settings;
  if (tokenUrl === undefined || clientId === undefined) return null;
  return {
    tokenUrl,
    clientId,
    clientSecret: settings.MAIL_OAUTH_CLIENT_SECRET ?? null,
    scope: settings.MAIL_OAUTH_SCOPE ?? null,
    refreshToken: settings.MAIL_OAUTH_REFRESH_TOKEN ?? null,
  };
}

/** `null` after a problem. */
function imapLogin(server: ImapServer, oauth: OAuthSettings | null, place: LoginPlace): MailLogin | null {
  if (server.password !== null && oauth !== null)
    place.report(place.name, `holds a password although there is ${place.remedy}; only one can log in`);
  return loginOf(server.password, oauth, place);
}

function loginOf(password: Secret | null, oauth: OAuthSettings | null, place: LoginPlace): MailLogin | null {
  if (password !== null) return { kind: 'password', password };
  if (oauth !== null) return { kind: 'oauth', oauth };
  place.report(place.name, `lacks a password, and there is no ${place.remedy}`);
  return null;
}

/** `null` after a problem. A relay of one's own may well want a password although the mailbox is opened with a token. */
function smtpSettings(
  { login, ...server }: SmtpServer,
  oauth: OAuthSettings | null,
  place: LoginPlace,
): SmtpSettings | null {
  if (login === null) return { ...server, login: null };
  const found = loginOf(login.password, oauth, place);
  return found === null ? null : { ...server, login: { user: login.user, ...found } };
}

function mainMailbox(
  settings: Partial<Settings>,
  parts: {
    readonly oauth: OAuthSettings | null;
    readonly smtp: SmtpSettings | null;
    readonly report: Report;
  },
): MailboxSettings | null {
  const { IMAP_URL: server, DESK_ADDRESS: address } = settings;
  if (server === undefined) return null;
  const place = { name: 'IMAP_URL', remedy: 'MAIL_OAUTH_TOKEN_URL', report: parts.report };
  const login = imapLogin(server, parts.oauth, place);
  if (login === null || parts.smtp === null || address === undefined) return null;
  const { password: _, folder, ...rest } = server;
  return {
    name: MAIN_MAILBOX,
    imap: {
      ...rest,
      login,
      folder: folder ?? DEFAULTS.folder,
      processedFolder: settings.IMAP_PROCESSED_FOLDER ?? DEFAULTS.processedFolder,
      pollSeconds: settings.POLL_SECONDS ?? DEFAULTS.pollSeconds,
    },
    smtp: parts.smtp,
    address,
    displayName: settings.DESK_NAME ?? '',
    signature: settings.DESK_SIGNATURE ?? null,
    locale: settings.DESK_LOCALE ?? null,
    envelope: settings.MAIL_ENVELOPE ?? DEFAULT_ENVELOPE,
  };
}

interface Source {
  readonly path: string;
  readonly entry: Written;
  readonly login: MailLogin | null;
  /** `undefined` = another's; `null` = its own has a problem. */
  readonly smtp: SmtpSettings | null | undefined;
}

function sourceOf(entry: Written, path: string, report: Report): Source {
  const oauth = entry.oauth ?? null;
  const place = { remedy: 'oauth', report };
  const login = imapLogin(entry.imap, oauth, { ...place, name: `${path}.imap` });
  if (entry.imap.folder !== null && entry.folder !== undefined)
    report(`${path}.folder`, 'is given twice: the URL of imap names one too');
  const { smtp } = entry;
  return {
    path,
    entry,
    login,
    smtp: smtp === undefined ? undefined : smtpSettings(smtp, oauth, { ...place, name: `${path}.smtp` }),
  };
}

function writtenMailbox(
  { entry, login }: Source,
  smtp: SmtpSettings | null | undefined,
  displayName: string,
): MailboxSettings | null {
  if (login === null || smtp === undefined || smtp === null) return null;
  const { password: _, folder, ...rest } = entry.imap;
  return {
    name: entry.name,
    imap: {
      ...rest,
      login,
      folder: entry.folder ?? folder ?? DEFAULTS.folder,
      processedFolder: entry.processedFolder ?? DEFAULTS.processedFolder,
      pollSeconds: entry.pollSeconds ?? DEFAULTS.pollSeconds,
    },
    smtp,
    address: entry.address,
    displayName: entry.displayName ?? displayName,
    signature: entry.signature ?? null,
    locale: entry.locale ?? null,
    envelope: entry.envelope ?? DEFAULT_ENVELOPE,
  };
}

/** What would have two mailboxes be one, or one feed the other. */
function reportCollisions(
  found: readonly { readonly path: string; readonly mailbox: MailboxSettings }[],
  report: Report,
): void {
  const seen = { name: new Set<string>(), address: new Set<string>(), folder: new Set<string>() };
  const first = (kind: keyof typeof seen, value: string): boolean => {
    const isNew = !seen[kind].has(value);
    seen[kind].add(value);
    return isNew;
  };
  const processed = new Set(found.map(({ mailbox }) => folderKey(mailbox, mailbox.imap.processedFolder)));
  for (const [index, { path, mailbox }] of found.entries()) {
    const at = (key: string) => (path === 'IMAP_URL' ? path : `${path}.${key}`);
    const folder = folderKey(mailbox, mailbox.imap.folder);
    if (!first('name', mailbox.name)) report(at('name'), 'is the name of another mailbox');
    else if (index > 0 && mailbox.name === MAIN_MAILBOX)
      report(at('name'), 'is what only the first one may be called');
    if (!first('address', mailbox.address.toLowerCase()))
      report(at('address'), 'is the address of another mailbox');
    if (!first('folder', folder))
      report(at('imap'), 'is read already: another mailbox has this account and folder');
    if (processed.has(folder))
      report(at('folder'), 'is a folder that mails are moved to once they are stored');
  }
}

/** INBOX is called so in any case (RFC 9051 section 5.1); other folders are told apart by it. */
const folderKey = ({ imap }: MailboxSettings, folder: string): string =>
  JSON.stringify([imap.host, imap.port, imap.user, /^inbox$/i.test(folder) ? 'INBOX' : folder]);
