import { isIP } from 'node:net';
import { checkSettings, givenSettings, problemsBetween, type Settings } from './config/given.ts';
import { mailboxesOf } from './config/mailboxes.ts';
import { mergePolicy } from './config/policy.ts';
import { configInvalid, type Environment, type Problem } from './config/problem.ts';
import { Secret } from './config/secret.ts';
import type { Config, MailboxSettings, ProviderSettings } from './config/types.ts';
import { checkYaml, readYamlText, type Yaml } from './config/yaml.ts';

export { MAIN_MAILBOX } from './config/mailboxes.ts';
export type { Environment } from './config/problem.ts';
export { Secret } from './config/secret.ts';
export { SETTINGS, type SettingName } from './config/settings.ts';
export type * from './config/types.ts';

/**
 * Reads the environment and, if there is one, purgedesk.yaml.
 * @param options.yamlPath - instead of `PURGEDESK_CONFIG` or ./purgedesk.yaml
 * @throws PurgedeskError PD_CONFIG_INVALID that lists every problem; no value is in it, secret or not
 */
export function loadConfig(env: Environment, options: { readonly yamlPath?: string } = {}): Config {
  const problems: Problem[] = [];
  const given = givenSettings(env, problems);
  const settings = checkSettings(given, problems);
  const inYaml: Problem[] = [];
  const yamlText = readYamlText(options.yamlPath ?? given.PURGEDESK_CONFIG, inYaml);
  const yaml = checkYaml(yamlText, env, inYaml);
  problems.push(...problemsBetween(given, (yaml?.mailboxes ?? []).length > 0), ...inYaml);
  const mailboxes = mailboxesOf(settings, yaml?.mailboxes ?? [], problems);
  if (problems.length > 0 || yaml === null) throw configInvalid(problems);
  return deepFreeze(assemble(settings as Settings, yaml, mailboxes));
}

function assemble(settings: Settings, yaml: Yaml, mailboxes: readonly MailboxSettings[]): Config {
  const [main] = mailboxes;
  const urlHost = isIP(settings.HTTP_HOST) === 6 ? `[${settings.HTTP_HOST}]` : settings.HTTP_HOST;
  return {
    databaseUrl: settings.DATABASE_URL ?? null,
    mailboxes,
    desk: {
      name: main?.displayName ?? settings.DESK_NAME,
      address: main?.address ?? settings.DESK_ADDRESS ?? null,
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

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
