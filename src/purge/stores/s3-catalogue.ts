import { z } from 'zod';
import type { Predicate } from '../../domain/plan.ts';
import type { Scope } from '../../domain/request.ts';
import { FIELDS, type Field, type Place, repeats, storeName, storeScopes } from './catalogue-fields.ts';

const prefixSchema = z.strictObject({
  /** Like `events/{workspace}/{source}/{day}/`. */
  prefix: z.string().min(1, { error: 'a prefix with placeholders, like events/{workspace}/' }).max(500),
  /** Which of the store's scopes these prefixes serve; without it, all of them. */
  scopes: storeScopes.optional(),
  /** Says that an object was stored when its data was received, so that its LastModified tells a time frame. */
  receivedAt: z.literal('lastModified', { error: 'lastModified, or left out' }).optional(),
});

export const s3StoreSchema = z.strictObject({
  name: storeName,
  kind: z.literal('s3'),
  endpoint: z.string().min(1, { error: 'an https:// URL' }),
  region: z.string().regex(/^[a-z0-9-]{1,40}$/, { error: 'a region, like eu-central-1' }),
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { error: 'the name of a bucket' }),
  /** The bucket in the path, not in the host name: most servers that are not Amazon's want it. */
  forcePathStyle: z.boolean().default(false),
  accessKeyId: z.string().min(1, { error: 'an access key' }),
  secretAccessKey: z.string().min(1, { error: 'the secret of the access key' }),
  /** Whether this is the archive that a source deletion is about. */
  archive: z.boolean().default(false),
  scopes: storeScopes,
  /** In the order of deletion, identities last. */
  prefixes: z.array(prefixSchema).min(1, { error: 'at least one prefix' }).max(100),
});

export type S3StoreDefinition = Readonly<z.infer<typeof s3StoreSchema>>;
export type S3Prefix = S3StoreDefinition['prefixes'][number];

const IDENTIFIERS = ['workspace', 'source', 'space', 'project', 'user'] as const;
export type Identifier = (typeof IDENTIFIERS)[number];
export type DayPart = 'day' | 'yyyy' | 'mm' | 'dd';
export type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'id'; readonly id: Identifier }
  | { readonly kind: 'date'; readonly part: DayPart };

const TOKEN = /\{([^{}]*)\}|([^{}]+)|[{}]/g;
/** No `@`: a step's place in the ledger is written `target@workspace`. */
const PLAIN_TEXT = /^[A-Za-z0-9_.=+/-]+$/;

/** The parts of a template; `null` = it holds a placeholder or a character that nobody knows. */
export function tokensOf(prefix: string): readonly Token[] | null {
  const tokens = [...prefix.matchAll(TOKEN)].map(([, name, text]): Token | null => {
    if (text !== undefined) return PLAIN_TEXT.test(text) ? { kind: 'text', text } : null;
    if (name === 'day' || name === 'yyyy' || name === 'mm' || name === 'dd')
      return { kind: 'date', part: name };
    const id = IDENTIFIERS.find((known) => known === name);
    return id === undefined ? null : { kind: 'id', id };
  });
  return tokens.some((token) => token === null) ? null : (tokens as Token[]);
}

export const s3Places = (store: S3StoreDefinition): readonly Place[] =>
  store.prefixes.map((prefix) => ({
    target: targetOf(store, prefix),
    fields: fieldsOf(prefix),
    scopes: prefix.scopes,
    limits: (predicate) => limitsOf(prefix, predicate),
  }));

/** How a step names one prefix of a bucket. */
export const targetOf = (store: S3StoreDefinition, { prefix }: S3Prefix): string =>
  `${store.bucket}/${prefix}`;

/** Everything in an S3 store's entry that could make a purge match more, or less, than it says. */
export function s3Problems(store: S3StoreDefinition): string[] {
  const problems: string[] = [];
  if (!isTrustworthy(store.endpoint)) {
    problems.push('endpoint must be an https:// URL of a server; http:// is accepted on loopback only');
  }
  for (const prefix of store.prefixes) {
    const flaws = [...shapeFlaws(prefix.prefix), ...scopeFlaws(store, prefix)];
    problems.push(...flaws.map((flaw) => `prefix ${prefix.prefix} ${flaw}`));
  }
  return problems;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Requests are signed, answers are not: without TLS an empty listing could be anybody's. */
function isTrustworthy(endpoint: string): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { protocol, hostname, username, search, hash } = new URL(endpoint);
  if (username !== '' || search !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}

/** One prefix must mean one tenant, and never the beginning of another's. */
function shapeFlaws(prefix: string): string[] {
  const tokens = tokensOf(prefix);
  if (tokens === null) {
    return [
      'holds something other than plain text and {workspace} {source} {space} {project} {user} {day} {yyyy} {mm} {dd}',
    ];
  }
  const flaws: string[] = [];
  const ids = tokens.flatMap((token) => (token.kind === 'id' ? [token.id] : []));
  const parts = tokens.flatMap((token) => (token.kind === 'date' ? [token.part] : []));
  if (!ids.includes('workspace')) flaws.push('lacks {workspace}: without it a delete could leave its tenant');
  flaws.push(...repeats([...ids, ...parts]).map((name) => `holds {${name}} twice`));
  if (!/\{(workspace|source|space|project|user|day|dd)\}\/$/.test(prefix)) {
    flaws.push('must end in a whole identifier or day and a slash, like {workspace}/');
  }
  if (!['', 'day', 'yyyy,mm,dd'].includes(parts.join()))
    flaws.push('must name a day as {day} or as {yyyy} {mm} {dd}');
  const kinds = tokens.map((token) => token.kind);
  if (kinds.slice(kinds.indexOf('date'), kinds.lastIndexOf('date') + 1).includes('id')) {
    flaws.push('has an identifier in the middle of the day');
  }
  const segments = prefix.slice(0, -1).split('/');
  if (segments.some((segment) => segment === '' || /^\.+$/.test(segment))) {
    flaws.push('has an empty segment or one of dots only');
  }
  // Side by side, two ids can be cut in more than one place: a-b and c, a and b-c.
  if (segments.some(mixes)) flaws.push('must have a slash between two placeholders');
  return flaws;
}

const mixes = (segment: string): boolean =>
  (segment.match(/\{(workspace|source|space|project|user)\}/g) ?? []).length > 0 &&
  (segment.match(/\{/g) ?? []).length > 1;

function scopeFlaws(store: S3StoreDefinition, prefix: S3Prefix): string[] {
  const names = [...new Set(placeholdersOf(prefix))];
  return [...new Set(prefix.scopes ?? store.scopes)].flatMap((scope) => {
    const beyond = names.filter((name) => !NAMED_BY[scope].includes(name)).map((name) => `{${name}}`);
    if (beyond.length === 0) return [];
    return [
      `cannot be filled in for scope ${scope}, which names no ${beyond.join(', ')}; list the prefix's own scopes`,
    ];
  });
}

/** What the predicate of a scope always gives. */
const NAMED_BY: Readonly<Record<Scope, readonly (Identifier | 'day')[]>> = {
  workspace: ['workspace'],
  account: ['workspace'],
  source: ['workspace', 'source', 'day'],
  space: ['workspace', 'space'],
  user: ['workspace', 'user'],
  events: ['workspace', 'project', 'day'],
};

const placeholdersOf = ({ prefix }: S3Prefix): readonly (Identifier | 'day')[] =>
  (tokensOf(prefix) ?? []).flatMap((token) =>
    token.kind === 'id' ? [token.id] : token.kind === 'date' ? (['day'] as const) : [],
  );

function fieldsOf(prefix: S3Prefix): readonly Field[] {
  const names = placeholdersOf(prefix);
  const ids = (['source', 'space', 'project', 'user'] as const).filter((field) => names.includes(field));
  return names.includes('day') || prefix.receivedAt !== undefined ? [...ids, 'receivedAt'] : ids;
}

/** What of a predicate a template cannot express; empty = its prefixes match exactly. */
export function cannotExpress(prefix: S3Prefix, predicate: Predicate): readonly string[] {
  const { sourceId, spaceId, projectId, users, events, receivedFrom, receivedBefore } = predicate;
  const given: Readonly<Record<Field, boolean>> = {
    source: sourceId !== null,
    space: spaceId !== null,
    project: projectId !== null,
    user: users.length > 0,
    event: events.length > 0,
    receivedAt: (receivedFrom ?? receivedBefore) !== null,
  };
  const fields = fieldsOf(prefix);
  const beyond = FIELDS.filter((field) => given[field] && !fields.includes(field));
  return [...beyond, ...limitsOf(prefix, predicate)];
}

/** A placeholder that a predicate leaves open, and a time frame that cuts a day in two where only the day is known. */
function limitsOf(prefix: S3Prefix, predicate: Predicate): readonly string[] {
  const names = placeholdersOf(prefix);
  const given: Readonly<Record<Identifier | 'day', boolean>> = {
    workspace: true,
    source: predicate.sourceId !== null,
    space: predicate.spaceId !== null,
    project: predicate.projectId !== null,
    user: predicate.users.length > 0,
    day: predicate.receivedBefore !== null,
  };
  const limits: string[] = [...new Set(names)].filter((name) => !given[name]);
  if (names.includes('day') && prefix.receivedAt === undefined && !isWholeDays(predicate)) {
    limits.push('receivedAt within a day');
  }
  return limits;
}

/** Whether both ends of the received range are at 00:00 UTC. */
const isWholeDays = ({ receivedFrom, receivedBefore }: Predicate): boolean =>
  [receivedFrom, receivedBefore].every((end) => end === null || end.endsWith('T00:00:00.000Z'));
