import type { Environment, Problem } from './problem.ts';
import { isObject } from './values.ts';

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** By list, the keys of its entries, or of an object in them, in which `${NAME}` is filled in, and what such a variable may look like. */
const REFERRING: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  stores: {
    url: 'postgres://user:secret@host/db',
    token: 'secret',
    endpoint: 'https://s3.example.org',
    accessKeyId: 'AKIAEXAMPLE',
    secretAccessKey: 'secret',
    callbackSecret: 'whsec_...',
  },
  mailboxes: {
    imap: 'imaps://user:secret@mail.example.org',
    smtp: 'smtps://user:secret@mail.example.org',
    'oauth.clientId': 'purgedesk',
    'oauth.clientSecret': 'secret',
    'oauth.refreshToken': 'secret',
  },
  webhooks: { url: 'https://hooks.example.org/purgedesk', secret: 'whsec_...' },
};

/** Replaces `${NAME}` in those keys of each entry by that environment variable, so that passwords stay out of the file. */
export function resolveReferences(content: unknown, env: Environment, problems: Problem[]): unknown {
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
    const [outer = '', inner] = key.split('.');
    const holder = inner === undefined ? resolved : { ...asObject(resolved[outer]) };
    const last = inner ?? outer;
    const written = holder[last];
    if (typeof written !== 'string') continue;
    holder[last] = written.replace(REFERENCE, (_, name: string) => {
      const value = env[name] ?? '';
      if (value !== '') return value;
      const what = `refers to the environment variable ${name}, which is not set`;
      problems.push({ name: `${path}.${key}`, what, example: `${name}=${example}` });
      return '';
    });
    if (inner !== undefined) resolved[outer] = holder;
  }
  return resolved;
}

const asObject = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {});

interface ResolveContext {
  /** Of the entry, as problems name it. */
  readonly path: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly env: Environment;
  readonly problems: Problem[];
}
