import { z } from 'zod';
import { FIELDS, type Place, storeName, storeScopes } from './catalogue-fields.ts';
import { CALLBACK_SECRET } from './http-callback.ts';

/** One collection of a service: what a step empties. */
const collectionSchema = z.strictObject({
  collection: z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,62}$/, { error: 'a plain name, like contacts' }),
  /** By what the service can narrow this collection besides the workspace. */
  narrows: z
    .array(z.enum(FIELDS, { error: `one of ${FIELDS.join(', ')}` }))
    .max(FIELDS.length)
    .default([]),
  /** Which of the store's scopes this collection serves; without it, all of them. */
  scopes: storeScopes.optional(),
});

/** A service that deletes when it is asked to, as docs/http-store.md describes. */
export const httpStoreSchema = z.strictObject({
  name: storeName,
  kind: z.literal('http'),
  /** Where the service's paths begin. https:// except on loopback. */
  url: z.string().min(1, { error: 'an https:// URL' }),
  /** Sent as a bearer token. */
  token: z
    .string()
    .regex(/^[\x21-\x7e]{1,4096}$/, { error: 'printable ASCII without spaces' })
    .optional(),
  /** With it the service may call back; without it nobody can. */
  callbackSecret: z
    .string()
    .regex(CALLBACK_SECRET, { error: 'whsec_ and 24 to 64 bytes in base64' })
    .optional(),
  /** Whether this is the archive that a source deletion is about. */
  archive: z.boolean().default(false),
  scopes: storeScopes,
  /** Whether the service deletes at most as many as it is told; if not, it takes a step whole. */
  batches: z.boolean().default(true),
  /** In the order of deletion. */
  collections: z.array(collectionSchema).min(1, { error: 'at least one collection' }).max(100),
});

export type HttpStoreDefinition = Readonly<z.infer<typeof httpStoreSchema>>;

export const httpPlaces = (store: HttpStoreDefinition): readonly Place[] =>
  store.collections.map(({ collection, narrows, scopes }) => ({
    target: collection,
    fields: narrows,
    scopes,
  }));

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What is wrong with an address; never says the address itself, which may hold a secret. */
export function httpProblems({ url }: HttpStoreDefinition): string[] {
  if (!URL.canParse(url)) return ['url is not a URL'];
  const { protocol, hostname, username, password, search, hash } = new URL(url);
  const problems: string[] = [];
  if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.test(hostname))) {
    problems.push('url must begin with https://; http:// is for loopback only');
  }
  if (username !== '' || password !== '') problems.push('url holds a login; use token');
  if (search !== '' || hash !== '') problems.push('url must end with its path');
  return problems;
}
