import { readFileSync } from 'node:fs';
import { type Document, parseDocument } from 'yaml';
import { z } from 'zod';
import { apiSchema, webhooksSchema } from '../notify/webhooks.ts';
import { checkStores, storesSchema } from '../purge/catalogue.ts';
import { mailboxesSchema } from './mailboxes.ts';
import { POLICY_SCHEMA, policyProblems } from './policy.ts';
import { type Environment, errorCode, type Problem } from './problem.ts';
import { resolveReferences } from './references.ts';
import { SETTINGS } from './settings.ts';

const YAML_SCHEMA = z.strictObject({
  policy: POLICY_SCHEMA.optional(),
  stores: storesSchema.default([]),
  webhooks: webhooksSchema.default([]),
  mailboxes: mailboxesSchema.default([]),
  api: apiSchema.default({ callbackHosts: [] }),
});

export type Yaml = z.output<typeof YAML_SCHEMA>;

const DEFAULT_YAML_PATH = 'purgedesk.yaml';

export function readYamlText(path: string | undefined, problems: Problem[]): string {
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

export function checkYaml(text: string, env: Environment, problems: Problem[]): Yaml | null {
  // Its warnings would quote the file on standard error.
  const document = parseDocument(text, { prettyErrors: true, logLevel: 'error' });
  for (const error of document.errors) {
    const at = error.linePos?.[0];
    // The library's message quotes the line, and the line may hold a password.
    problems.push({
      name: DEFAULT_YAML_PATH,
      what: `is not YAML at line ${at?.line ?? '?'} (${error.code})`,
    });
  }
  if (document.errors.length > 0) return null;
  const read = plainContent(document, problems);
  if (read === null) return null;
  const content = resolveReferences(read.content ?? {}, env, problems);
  const parsed = YAML_SCHEMA.safeParse(content);
  if (parsed.success) {
    problems.push(...policyProblems(parsed.data.policy ?? {}));
    problems.push(...checkStores(parsed.data.stores).map((what) => ({ name: 'stores', what })));
    return parsed.data;
  }
  problems.push(...parsed.error.issues.flatMap(yamlProblems));
  return null;
}

/** An alias without its anchor, or far too many of one, comes out here only; the library's message quotes its name. */
function plainContent(document: Document, problems: Problem[]): { readonly content: unknown } | null {
  try {
    return { content: document.toJS() };
  } catch {
    problems.push({ name: DEFAULT_YAML_PATH, what: 'has an alias (*name) that cannot be resolved' });
    return null;
  }
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
