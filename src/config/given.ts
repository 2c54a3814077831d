import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { type Environment, errorCode, type Problem } from './problem.ts';
import { SETTINGS, type Setting, type SettingName } from './settings.ts';

export type Settings = { readonly [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> };

/** The settings that are set, those of `NAME_FILE` read. An empty value counts as not set, as in compose files. */
export function givenSettings(env: Environment, problems: Problem[]): Record<string, string> {
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

/** The settings that are right. They are all of them, defaults included, when no problem was added. */
export function checkSettings(
  given: Readonly<Record<string, string>>,
  problems: Problem[],
): Partial<Settings> {
  const right: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting>(SETTINGS)) {
    const parsed = setting.schema.safeParse(given[name]);
    const example = `${name}=${setting.example}`;
    if (parsed.success) right[name] = parsed.data;
    else problems.push(...parsed.error.issues.map(({ message }) => ({ name, what: message, example })));
  }
  return right;
}

/**
 * What is missing beside what is given. Asked of what is given, so that it shows beside other problems.
 * @param hasMailboxes - purgedesk.yaml has some
 */
export function problemsBetween(
  given: Readonly<Record<string, string>>,
  hasMailboxes: boolean,
): readonly Problem[] {
  const has = (name: SettingName): boolean => given[name] !== undefined;
  const missing = (name: SettingName, why: string): Problem => ({
    name,
    what: `is missing; ${why}`,
    example: `${name}=${SETTINGS[name].example}`,
  });
  const lacking = (names: readonly SettingName[], why: string): readonly Problem[] =>
    names.filter((name) => !has(name)).map((name) => missing(name, why));
  const provider = lacking(PROVIDER, 'the sign-in by a provider takes all three');
  return [
    ...(provider.length === PROVIDER.length ? [] : provider),
    ...missingForOAuth(has, { missing, lacking }),
    ...missingForMail(has, hasMailboxes, { missing, lacking }),
  ];
}

const PROVIDER = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const;
const OAUTH = ['MAIL_OAUTH_TOKEN_URL', 'MAIL_OAUTH_CLIENT_ID'] as const;
const OAUTH_PROOF = ['MAIL_OAUTH_CLIENT_SECRET', 'MAIL_OAUTH_REFRESH_TOKEN'] as const;

type Has = (name: SettingName) => boolean;

interface Lack {
  missing(name: SettingName, why: string): Problem;
  lacking(names: readonly SettingName[], why: string): readonly Problem[];
}

function missingForOAuth(has: Has, { missing, lacking }: Lack): readonly Problem[] {
  if (![...OAUTH, ...OAUTH_PROOF, 'MAIL_OAUTH_SCOPE' as const].some(has)) return [];
  const proof = OAUTH_PROOF.some(has)
    ? []
    : [missing(OAUTH_PROOF[0], 'and there is no MAIL_OAUTH_REFRESH_TOKEN either')];
  return [...lacking([...OAUTH, 'IMAP_URL'], 'a mailbox opened by a provider’s tokens takes it'), ...proof];
}

function missingForMail(has: Has, hasMailboxes: boolean, { missing, lacking }: Lack): readonly Problem[] {
  if (!has('IMAP_URL') && !has('SMTP_URL') && !hasMailboxes) return [];
  if (has('IMAP_URL') && !has('SMTP_URL'))
    return [missing('SMTP_URL', 'IMAP_URL is set and mails must be answered')];
  if (!has('IMAP_URL') && !hasMailboxes)
    return [missing('IMAP_URL', 'SMTP_URL is set and nothing would be read')];
  const needed = ['PUBLIC_URL', 'SECRET_KEY'] as const;
  return lacking(has('IMAP_URL') ? ['DESK_ADDRESS', ...needed] : needed, 'a real mailbox needs it');
}
