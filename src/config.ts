import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { inspect } from 'node:util';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { PurgedeskError } from './domain/errors.ts';
import { DEFAULT_POLICY, type Policy } from './domain/policy.ts';
import { SCOPES } from './domain/request.ts';
import { apiSchema, type Webhook, webhooksSchema } from './notify/webhooks.ts';
import { checkStores, type StoreCatalogue, storesSchema } from './purge/catalogue.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A value that no log, error or dump can show. Only `reveal()` gives it, at the place that needs it. */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}

const HIDDEN = '[secret]';

export interface ImapSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. `false` only on loopback. */
  readonly secure: boolean;
  readonly user: string;
  readonly password: Secret;
  readonly folder: string;
  readonly processedFolder: string;
  readonly pollSeconds: number;
}

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. */
  readonly secure: boolean;
  /** STARTTLS or nothing. `false` only with `secure` or on loopback. */
  readonly requireTls: boolean;
  readonly login: { readonly user: string; readonly password: Secret } | null;
}

/** An OpenID Connect provider, and what the desk is there. */
export interface ProviderSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
}

/** Everything that is set from outside, checked and frozen. */
export interface Config {
  /** `null` = the embedded database under `dataDir`. */
  readonly databaseUrl: Secret | null;
  /** `null` = sandbox mail. */
  readonly mail: { readonly imap: ImapSettings; readonly smtp: SmtpSettings } | null;
  /** `address` is never null with a real mailbox. */
  readonly desk: { readonly name: string; readonly address: string | null; readonly publicUrl: string };
  /** At least 32 bytes. Never null with a real mailbox; the sandbox makes its own. */
  readonly secretKey: Secret<Buffer> | null;
  /** `host:port` each; empty = the system's resolver. */
  readonly dnsServers: readonly string[];
  /** Lower case; empty = no Received header is believed. */
  readonly trustedReceivedBy: readonly string[];
  /** Domains, lower case, whose ARC seal is shown as trusted; empty = nobody's. */
  readonly trustedSealers: readonly string[];
  readonly trustedAuthservId: string | null;
  readonly logLevel: LogLevel;
  readonly http: { readonly host: string; readonly port: number };
  readonly dataDir: string;
  /** `null` = the suppression list is not served over HTTP. */
  readonly suppressionToken: Secret | null;
  /** Who vouches for agents; `null` = they sign in with a password and a code only. */
  readonly provider: ProviderSettings | null;
  /** Label at which the process kills itself: fault tests only. */
  readonly crashAt: string | null;
  /** From purgedesk.yaml, save for `purgeEnabled`, which is PURGE_ENABLED. */
  readonly policy: Policy;
  /** As purgedesk.yaml has them, each `${NAME}` resolved; wrapped because they hold passwords. */
  readonly stores: Secret<StoreCatalogue>;
  /** Where other systems want to hear of tickets; wrapped because they hold secrets. */
  readonly webhooks: Secret<readonly Webhook[]>;
  /** `host` or `host:port` each, to which an app may have the status of its requests sent; empty = nowhere. */
  readonly callbackHosts: readonly string[];
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const SECRET_KEY_MIN_BYTES = 32;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** One thing that is wrong. Says what, never the value. */
interface Problem {
  /** A setting's name or a path in purgedesk.yaml. */
  readonly name: string;
  readonly what: string;
  readonly example?: string;
}

interface Setting {
  /** One sentence or two, word for word as docs/configuration.md has it. */
  readonly doc: string;
  readonly example: string;
  /** In words, for the documentation. */
  readonly fallback: string;
  /** Also read from the file named by `NAME_FILE`; its value is never printed. */
  readonly secret?: true;
  readonly schema: z.ZodType;
}

/** Every setting of the environment, in the order in which the documentation shows them. */
export const SETTINGS = {
  DATABASE_URL: {
    doc: 'The desk’s own PostgreSQL database.',
    example: 'postgres://purgedesk:secret@db.example.org/purgedesk',
    fallback: 'an embedded database under `DATA_DIR`',
    secret: true,
    schema: z
      .string()
      .refine((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text), 'is not a postgres:// URL')
      .transform((text) => new Secret(text))
      .optional(),
  },
  IMAP_URL: {
    doc: 'The mailbox that customers write to: account, server and folder (INBOX if left out). `imap://` without TLS is accepted on loopback only. Percent-encode special characters in user name and password.',
    example: 'imaps://desk%40example.org:secret@mail.example.org/INBOX',
    fallback: 'sandbox mail',
    secret: true,
    schema: reading(imapServer).optional(),
  },
  SMTP_URL: {
    doc: 'The server that takes the desk’s mails. `smtp://` insists on STARTTLS, except on loopback.',
    example: 'smtps://desk%40example.org:secret@mail.example.org',
    fallback: 'sandbox mail',
    secret: true,
    schema: reading(smtpServer).optional(),
  },
  DESK_ADDRESS: {
    doc: 'The address that customers write to and that the desk writes from. Needed with a real mailbox.',
    example: 'privacy@example.org',
    fallback: 'the sandbox’s desk',
    schema: z
      .string()
      .max(254, 'is longer than 254 characters')
      // Without the u flag: with it and i, \P{ASCII} also means k and s, whose folded kin are outside of ASCII.
      .regex(/^[!#-'*+\-/-9=?A-Z^-~.]+@[a-z0-9-]+(\.[a-z0-9-]+)*$/i, 'is not one plain ASCII address')
      .optional(),
  },
  DESK_NAME: {
    doc: 'The name beside that address.',
    example: 'Example privacy desk',
    fallback: '`purgedesk support`',
    schema: z
      .string()
      .max(100, 'is longer than 100 characters')
      .regex(/^\P{Cc}*$/u, 'holds a control character')
      .default('purgedesk support'),
  },
  DNS_SERVERS: {
    doc: 'Resolvers for SPF, DKIM and DMARC, as IP addresses with optional ports, comma-separated.',
    example: '127.0.0.1:53,[2001:db8::53]:53',
    fallback: 'the system’s resolvers',
    schema: reading(dnsServers).default([]),
  },
  TRUSTED_RECEIVED_BY: {
    doc: 'Host names of your own mail servers, comma-separated: the newest Received header written by one of them tells the sender’s IP address for SPF.',
    example: 'mx1.example.org,mx2.example.org',
    fallback: 'none; SPF is not evaluated',
    schema: reading(hostNames).default([]),
  },
  TRUSTED_AUTHSERV_ID: {
    doc: 'The authserv-id of the Authentication-Results header that your own mail server adds at the top and removes from incoming mail. With it the desk believes that header instead of checking for itself.',
    example: 'mx.example.org',
    fallback: 'none; the desk checks for itself',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9._-]+$/, 'is not one authserv-id')
      .toLowerCase()
      .optional(),
  },
  TRUSTED_ARC_SEALERS: {
    doc: 'Domains of mail forwarders, comma-separated, whose ARC seal agents are shown as trusted. A seal only explains why a forwarded mail lost its signature: it never makes a mail authenticated.',
    example: 'lists.example.org,google.com',
    fallback: 'none is trusted',
    schema: reading(hostNames).default([]),
  },
  PUBLIC_URL: {
    doc: 'Where customers and agents reach the web pages; links in mails begin with it. Needed with a real mailbox. `http://` is accepted on loopback only.',
    example: 'https://privacy.example.org',
    fallback: '`http://HTTP_HOST:HTTP_PORT`',
    schema: reading(publicUrl).optional(),
  },
  SECRET_KEY: {
    doc: 'The key behind codes, links and hashes: 32 bytes or more, as hex or base64. Needed with a real mailbox. Keep it: with another key every open code and link is void. `openssl rand -base64 32` makes one.',
    example: '$(openssl rand -base64 32)',
    fallback: 'the sandbox makes one',
    secret: true,
    schema: reading(secretKey).optional(),
  },
  PURGE_ENABLED: {
    doc: 'Only the exact word `true` lets purges start; with anything else a ticket stops after its rehearsal and waits.',
    example: 'true',
    fallback: 'off',
    schema: z
      .string()
      .transform((text) => text === 'true')
      .default(false),
  },
  LOG_LEVEL: {
    doc: 'One of trace, debug, info, warn, error, silent.',
    example: 'info',
    fallback: '`info`',
    schema: z.enum(LOG_LEVELS, `is not one of ${LOG_LEVELS.join(', ')}`).default('info'),
  },
  POLL_SECONDS: {
    doc: 'How often the mailbox is searched even when the server announces nothing, 5 to 3600.',
    example: '30',
    fallback: '`30`',
    schema: wholeNumber(5, 3600).default(30),
  },
  IMAP_PROCESSED_FOLDER: {
    doc: 'The folder that mails are moved to once they are stored; made if missing.',
    example: 'Processed',
    fallback: '`Processed`',
    schema: z
      .string()
      .regex(/^\P{Cc}+$/u, 'holds a control character')
      .default('Processed'),
  },
  HTTP_HOST: {
    doc: 'The address that the web server listens on.',
    example: '127.0.0.1',
    fallback: '`127.0.0.1`',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9.:-]+$/, 'is not an IP address or a host name')
      .default('127.0.0.1'),
  },
  HTTP_PORT: {
    doc: 'The port that the web server listens on; 0 takes a free one.',
    example: '8080',
    fallback: '`8080`',
    schema: wholeNumber(0, 65_535).default(8080),
  },
  DATA_DIR: {
    doc: 'The folder for what a machine without services needs: the embedded database and the sandbox’s keys.',
    example: '.purgedesk',
    fallback: '`.purgedesk`',
    schema: z.string().default('.purgedesk'),
  },
  PURGEDESK_CONFIG: {
    doc: 'The path of purgedesk.yaml.',
    example: '/etc/purgedesk/purgedesk.yaml',
    fallback: '`./purgedesk.yaml` if it exists',
    schema: z.string().optional(),
  },
  SUPPRESSION_TOKEN: {
    doc: 'What a system has to show that asks over HTTP who must not be taken in again: 32 characters or more. Unset, there is no such address. `openssl rand -hex 32` makes one.',
    example: '$(openssl rand -hex 32)',
    fallback: 'the list is not served',
    secret: true,
    schema: z
      .string()
      .regex(/^[!-~]{32,512}$/, 'is not 32 to 512 printable characters without spaces')
      .transform((text) => new Secret(text))
      .optional(),
  },
  OIDC_ISSUER: {
    doc: 'The OpenID Connect provider with which agents may sign in, by its issuer. It takes `OIDC_CLIENT_ID` and `OIDC_CLIENT_SECRET` too; there, allow the redirect to `PUBLIC_URL` followed by `/sign-in/callback`.',
    example: 'https://login.example.org',
    fallback: 'agents sign in with password and code only',
    schema: reading(publicUrl).optional(),
  },
  OIDC_CLIENT_ID: {
    doc: 'What the desk is called at that provider.',
    example: 'purgedesk',
    fallback: 'no provider',
    schema: z
      .string()
      .regex(/^[!-~]{1,200}$/, 'is not 1 to 200 printable characters without spaces')
      .optional(),
  },
  OIDC_CLIENT_SECRET: {
    doc: 'What the desk shows to that provider.',
    example: 'the-secret-that-the-provider-gave',
    fallback: 'no provider',
    secret: true,
    schema: z
      .string()
      .regex(/^[!-~]{8,512}$/, 'is not 8 to 512 printable characters without spaces')
      .transform((text) => new Secret(text))
      .optional(),
  },
  CRASH_AT: {
    doc: 'For fault tests only: the process kills itself at the point with this label. Never set it in production.',
    example: 'ingest.committed',
    fallback: 'unset',
    schema: z
      .string()
      .regex(/^[a-z_]+(\.[a-z_]+)+$/, 'is not a label')
      .optional(),
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;

/** What an operator may change of the policy, and how far. Nothing here, or anywhere, can shorten the grace. */
const POLICY_SCHEMA = z
  .strictObject({
    roles: z.partialRecord(
      z.enum(SCOPES),
      z.array(z.enum(['owner', 'admin'], 'is not owner or admin')).min(1, 'names no role; nobody could ask'),
    ),
    finalScopes: z.array(z.enum(SCOPES, `is not one of ${SCOPES.join(', ')}`)),
    review: z.enum(['exceptions', 'all'], 'is not exceptions or all'),
    approvals: z.union([z.literal(1), z.literal(2)], 'is not 1 or 2'),
    suppressDeletedUsers: z.boolean('is not true or false'),
    ticketCap: integer(1, Number.MAX_SAFE_INTEGER),
    dayCap: integer(1, Number.MAX_SAFE_INTEGER),
    residue: z.array(
      z
        .strictObject({
          category: z.enum(
            ['backups', 'finance', 'security', 'other'],
            'is not backups, finance, security or other',
          ),
          what: words(200),
          why: words(500),
          legalBasis: words(120).nullable().default(null),
          retentionDays: integer(1, 36_500).nullable().default(null),
          rollingDays: integer(1, 3650).nullable().default(null),
        })
        .refine(({ retentionDays, rollingDays }) => retentionDays === null || rollingDays === null, {
          path: ['rollingDays'],
          error: 'is given beside retentionDays; one of them says when the last of it is gone',
        }),
    ),
    challengeHours: integer(1, 72),
    challengeTries: integer(1, 5),
    challengeReminderHours: integer(1, 71),
    detailsDays: integer(1, 90),
    graceReminderHours: integer(1, 119),
    deadlineDays: integer(7, 30),
    contextRetentionDays: integer(1, 3650),
    rawRetentionDays: integer(1, 3650),
    repliesAnHour: integer(1, 100_000),
    repliesADomain: integer(1, 100_000),
    repliesAThread: integer(1, 100),
  })
  .partial();

const YAML_SCHEMA = z.strictObject({
  policy: POLICY_SCHEMA.optional(),
  stores: storesSchema.default([]),
  webhooks: webhooksSchema.default([]),
  api: apiSchema.default({ callbackHosts: [] }),
});

type Settings = { readonly [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> };

/**
 * Reads the environment and, if there is one, purgedesk.yaml.
 * @param options.yamlPath - instead of `PURGEDESK_CONFIG` or ./purgedesk.yaml
 * @throws PurgedeskError PD_CONFIG_INVALID that lists every problem; no value is in it, secret or not
 */
export function loadConfig(env: Environment, options: { readonly yamlPath?: string } = {}): Config {
  const problems: Problem[] = [];
  const given = givenSettings(env, problems);
  const settings = checkSettings(given, problems);
  problems.push(...problemsBetween(given));
  const yamlText = readYamlText(options.yamlPath ?? given.PURGEDESK_CONFIG, problems);
  const yaml = checkYaml(yamlText, env, problems);
  if (problems.length > 0 || settings === null || yaml === null) throw configInvalid(problems);
  return deepFreeze(assemble(settings, yaml));
}

/** The settings that are set, those of `NAME_FILE` read. An empty value counts as not set, as in compose files. */
function givenSettings(env: Environment, problems: Problem[]): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, setting] of Object.entries<Setting>(SETTINGS)) {
    const value = env[name]?.trim() ?? '';
    const file = setting.secret ? (env[`${name}_FILE`] ?? '') : '';
    if (value !== '' && file !== '') problems.push({ name, what: `is given twice: also as ${name}_FILE` });
    if (value !== '') given[name] = value;
    else if (file !== '') {
      // Not even the path is shown: people put the secret itself there by mistake.
      try {
        given[name] = readFileSync(file, 'utf8').trim();
      } catch (error) {
        problems.push({ name: `${name}_FILE`, what: `cannot be read (${errorCode(error)})` });
      }
      if (given[name] === '') problems.push({ name: `${name}_FILE`, what: 'names an empty file' });
    }
  }
  return given;
}

function checkSettings(given: Readonly<Record<string, string>>, problems: Problem[]): Settings | null {
  const schemas = Object.fromEntries(
    Object.entries<Setting>(SETTINGS).map(([name, setting]) => [name, setting.schema]),
  );
  const parsed = z.object(schemas).safeParse(given);
  if (parsed.success) return parsed.data as Settings;
  for (const issue of parsed.error.issues) {
    const name = String(issue.path[0]);
    const example = `${name}=${SETTINGS[name as SettingName].example}`;
    problems.push({ name, what: issue.message, example });
  }
  return null;
}

/** What is wrong although each setting alone is right. Asked of what is given, so that it shows beside other problems. */
function problemsBetween(given: Readonly<Record<string, string>>): readonly Problem[] {
  const has = (name: SettingName): boolean => given[name] !== undefined;
  const missing = (name: SettingName, why: string): Problem => ({
    name,
    what: `is missing; ${why}`,
    example: `${name}=${SETTINGS[name].example}`,
  });
  const provider = (['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const).filter(
    (name) => !has(name),
  );
  const half =
    provider.length === 3
      ? []
      : provider.map((name) => missing(name, 'the sign-in by a provider takes all three'));
  return [...half, ...missingForMail(has, missing)];
}

function missingForMail(
  has: (name: SettingName) => boolean,
  missing: (name: SettingName, why: string) => Problem,
): readonly Problem[] {
  if (!has('IMAP_URL') && !has('SMTP_URL')) return [];
  if (!has('SMTP_URL')) return [missing('SMTP_URL', 'IMAP_URL is set and mails must be answered')];
  if (!has('IMAP_URL')) return [missing('IMAP_URL', 'SMTP_URL is set and nothing would be read')];
  return (['DESK_ADDRESS', 'PUBLIC_URL', 'SECRET_KEY'] as const)
    .filter((name) => !has(name))
    .map((name) => missing(name, 'a real mailbox needs it'));
}

const DEFAULT_YAML_PATH = 'purgedesk.yaml';

function readYamlText(path: string | undefined, problems: Problem[]): string {
  try {
    return readFileSync(path ?? DEFAULT_YAML_PATH, 'utf8');
  } catch (error) {
    const code = errorCode(error);
    if (path === undefined && code === 'ENOENT') return '';
    const name = path === undefined ? DEFAULT_YAML_PATH : 'PURGEDESK_CONFIG';
    const example = `PURGEDESK_CONFIG=${SETTINGS.PURGEDESK_CONFIG.example}`;
    problems.push({ name, what: `cannot be read (${code})`, example });
    return '';
  }
}

function checkYaml(text: string, env: Environment, problems: Problem[]): z.output<typeof YAML_SCHEMA> | null {
  const document = parseDocument(text, { prettyErrors: true });
  for (const error of document.errors) {
    const at = error.linePos?.[0];
    // The library's message quotes the line, and the line may hold a password.
    problems.push({
      name: DEFAULT_YAML_PATH,
      what: `is not YAML at line ${at?.line ?? '?'} (${error.code})`,
    });
  }
  if (document.errors.length > 0) return null;
  const content = resolveReferences(document.toJS() ?? {}, env, problems);
  const parsed = YAML_SCHEMA.safeParse(content);
  if (parsed.success) {
    problems.push(...policyProblems(parsed.data.policy ?? {}));
    problems.push(...checkStores(parsed.data.stores).map((what) => ({ name: 'stores', what })));
    return parsed.data;
  }
  problems.push(...parsed.error.issues.flatMap(yamlProblems));
  return null;
}

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** By list, the keys of its entries in which `${NAME}` is filled in, and what such a variable may look like. */
const REFERRING: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  stores: {
    url: 'postgres://user:secret@host/db',
    token: 'secret',
    endpoint: 'https://s3.example.org',
    accessKeyId: 'AKIAEXAMPLE',
    secretAccessKey: 'secret',
    callbackSecret: 'whsec_...',
  },
  webhooks: { url: 'https://hooks.example.org/purgedesk', secret: 'whsec_...' },
};

/** Replaces `${NAME}` in those keys of each entry by that environment variable, so that passwords stay out of the file. */
function resolveReferences(content: unknown, env: Environment, problems: Problem[]): unknown {
  if (!isObject(content)) return content;
  const resolved: Record<string, unknown> = { ...content };
  for (const [list, keys] of Object.entries(REFERRING)) {
    const entries = content[list];
    if (!Array.isArray(entries)) continue;
    resolved[list] = entries.map((entry: unknown, index) =>
      isObject(entry) ? resolveEntry(entry, { path: `${list}.${index}`, keys, env, problems }) : entry,
    );
  }
  return resolved;
}

function resolveEntry(
  entry: Readonly<Record<string, unknown>>,
  { path, keys, env, problems }: ResolveContext,
): Record<string, unknown> {
  const resolved: Record<string, unknown> = { ...entry };
  for (const [key, example] of Object.entries(keys)) {
    const written = entry[key];
    if (typeof written !== 'string') continue;
    resolved[key] = written.replace(REFERENCE, (_, name: string) => {
      const value = env[name] ?? '';
      if (value !== '') return value;
      const what = `refers to the environment variable ${name}, which is not set`;
      problems.push({ name: `${path}.${key}`, what, example: `${name}=${example}` });
      return '';
    });
  }
  return resolved;
}

interface ResolveContext {
  /** Of the entry, as problems name it. */
  readonly path: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly env: Environment;
  readonly problems: Problem[];
}

function yamlProblems(issue: z.core.$ZodIssue): readonly Problem[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') {
    return [
      {
        name: path.join('.') || DEFAULT_YAML_PATH,
        what: issue.message.replace(/^Invalid input: /, 'is wrong: '),
      },
    ];
  }
  return issue.keys.map((key) => ({
    name: [...path, key].join('.'),
    what: /grace/i.test(key) ? 'does not exist: no setting changes the grace' : 'is not a known key',
  }));
}

function policyProblems(given: z.output<typeof POLICY_SCHEMA>): readonly Problem[] {
  const policy = mergePolicy(given);
  const problems: Problem[] = [];
  if (policy.challengeReminderHours >= policy.challengeHours) {
    problems.push({
      name: 'policy.challengeReminderHours',
      what: 'is not before the end of challengeHours',
      example: 'challengeReminderHours: 24',
    });
  }
  if (policy.ticketCap > policy.dayCap) {
    problems.push({ name: 'policy.ticketCap', what: 'is above dayCap', example: 'ticketCap: 100000' });
  }
  return problems;
}

function mergePolicy(given: z.output<typeof POLICY_SCHEMA>): Policy {
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...DEFAULT_POLICY, ...set, roles: { ...DEFAULT_POLICY.roles, ...given.roles } } as Policy;
}

function configInvalid(problems: readonly Problem[]): PurgedeskError {
  const lines = problems.map(({ name, what, example }) =>
    example === undefined ? `  ${name}: ${what}` : `  ${name}: ${what}; for example ${example}`,
  );
  return new PurgedeskError('PD_CONFIG_INVALID', `the configuration has problems:\n${lines.join('\n')}`, {
    details: { problems: problems.length },
    remedy: 'docs/configuration.md describes every setting',
  });
}

function assemble(settings: Settings, yaml: z.output<typeof YAML_SCHEMA>): Config {
  const { IMAP_URL: imap, SMTP_URL: smtp } = settings;
  const poll = { processedFolder: settings.IMAP_PROCESSED_FOLDER, pollSeconds: settings.POLL_SECONDS };
  const urlHost = isIP(settings.HTTP_HOST) === 6 ? `[${settings.HTTP_HOST}]` : settings.HTTP_HOST;
  return {
    databaseUrl: settings.DATABASE_URL ?? null,
    mail: imap === undefined || smtp === undefined ? null : { imap: { ...imap, ...poll }, smtp },
    desk: {
      name: settings.DESK_NAME,
      address: settings.DESK_ADDRESS ?? null,
      publicUrl: settings.PUBLIC_URL ?? `http://${urlHost}:${settings.HTTP_PORT}`,
    },
    secretKey: settings.SECRET_KEY ?? null,
    dnsServers: settings.DNS_SERVERS,
    trustedReceivedBy: settings.TRUSTED_RECEIVED_BY,
    trustedSealers: settings.TRUSTED_ARC_SEALERS,
    trustedAuthservId: settings.TRUSTED_AUTHSERV_ID ?? null,
    logLevel: settings.LOG_LEVEL,
    http: { host: settings.HTTP_HOST, port: settings.HTTP_PORT },
    dataDir: settings.DATA_DIR,
    suppressionToken: settings.SUPPRESSION_TOKEN ?? null,
    provider: providerOf(settings),
    crashAt: settings.CRASH_AT ?? null,
    policy: { ...mergePolicy(yaml.policy ?? {}), purgeEnabled: settings.PURGE_ENABLED },
    stores: new Secret(deepFreeze(yaml.stores)),
    webhooks: new Secret(deepFreeze(yaml.webhooks)),
    callbackHosts: yaml.api.callbackHosts,
  };
}

function providerOf(settings: Settings): ProviderSettings | null {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = settings;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return null;
  return { issuer, clientId, clientSecret };
}

/** A schema out of a parser that throws `BadValue`. */
function reading<T>(parse: (text: string) => T) {
  return z.string().transform((text, context): T => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });
}

/** Says what is wrong with a value without quoting it. */
class BadValue extends Error {}

function refuse(what: string): never {
  throw new BadValue(what);
}

function imapServer(text: string): Omit<ImapSettings, 'processedFolder' | 'pollSeconds'> {
  const url = serverUrl(text, ['imap:', 'imaps:']);
  const secure = url.protocol === 'imaps:';
  if (!secure && !LOOPBACK.test(url.hostname)) return refuse('is imap:// without TLS; use imaps://');
  const user = decoded(url.username);
  const password = decoded(url.password);
  const folder = decoded(url.pathname.slice(1));
  if (user === '' || password === '') return refuse('lacks a user name or a password');
  return {
    host: bareHost(url),
    port: url.port === '' ? (secure ? 993 : 143) : Number(url.port),
    secure,
    user,
    password: new Secret(password),
    folder: folder === '' ? 'INBOX' : folder,
  };
}

function smtpServer(text: string): SmtpSettings {
  const url = serverUrl(text, ['smtp:', 'smtps:']);
  const secure = url.protocol === 'smtps:';
  const user = decoded(url.username);
  const password = decoded(url.password);
  if ((user === '') !== (password === '')) return refuse('has a user name or a password, not both');
  return {
    host: bareHost(url),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTls: !secure && !LOOPBACK.test(url.hostname),
    login: user === '' ? null : { user, password: new Secret(password) },
  };
}

function serverUrl(text: string, protocols: readonly string[]): URL {
  const url = URL.parse(text);
  if (url === null || !protocols.includes(url.protocol) || url.hostname === '') {
    const kinds = protocols.map((protocol) => `${protocol}//`).join(' or ');
    return refuse(`is not a ${kinds} URL (percent-encode special characters in user name and password)`);
  }
  if (url.search !== '' || url.hash !== '') {
    return refuse('holds a ? or #; percent-encode it if it belongs to user name or password');
  }
  return url;
}

const bareHost = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').toLowerCase();

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('holds a % that starts no percent-encoding; write it as %25');
  }
}

function dnsServers(text: string): readonly string[] {
  const servers = listed(text).map((server) => {
    const match = /^(?:\[([^\]]+)\]|([^:]+)|([^[\]]+))(?::(\d{1,5}))?$/.exec(
      isIP(server) === 6 ? `[${server}]` : server,
    );
    const host = match?.[1] ?? match?.[2] ?? '';
    const port = Number(match?.[4] ?? 53);
    if (isIP(host) === 0 || port < 1 || port > 65_535) return null;
    return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
  });
  const right = servers.filter((server) => server !== null);
  return right.length === servers.length ? right : refuse('is not a list of IP addresses with ports');
}

function hostNames(text: string): readonly string[] {
  const names = listed(text).map((name) => name.toLowerCase());
  const right = names.every((name) => /^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(name));
  return right ? names : refuse('is not a list of host names');
}

const listed = (text: string): readonly string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

function publicUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return refuse('is not an https:// URL');
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    return refuse('is http:// without TLS; use https://, signed links go through it');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return refuse('holds more than a host and a path');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function secretKey(text: string): Secret<Buffer> {
  const hex = /^([0-9a-f]{2})+$/i.test(text);
  if (!hex && !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return refuse('is neither hex nor base64');
  const bytes = Buffer.from(text, hex ? 'hex' : 'base64');
  if (bytes.length < SECRET_KEY_MIN_BYTES) return refuse(`is shorter than ${SECRET_KEY_MIN_BYTES} bytes`);
  return new Secret(bytes);
}

/** For text from the environment. */
function wholeNumber(min: number, max: number) {
  return z
    .string()
    .refine(
      (text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max,
      `is not a whole number from ${min} to ${max}`,
    )
    .transform(Number);
}

/** One line that customers read, from YAML. */
function words(most: number) {
  return z
    .string('is not a text')
    .max(most, `is longer than ${most} characters`)
    .refine((text) => text.trim() !== '', 'is empty')
    .refine((text) => !/[\p{Cc}\u2028\u2029]/u.test(text), 'holds a line end or another control character');
}

/** For numbers from YAML. */
function integer(min: number, max: number) {
  const what = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`;
  return z
    .number(`is not a whole number ${what}`)
    .refine(
      (value) => Number.isSafeInteger(value) && value >= min && value <= max,
      `is not a whole number ${what}`,
    );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown';

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
