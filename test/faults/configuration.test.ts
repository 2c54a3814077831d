/** Settings that are wrong in every way that hands make, keys that change under way, templates that are gone. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { packageFile } from '../../src/commands/package-file.ts';
import { type Environment, loadConfig } from '../../src/config.ts';
import { PurgedeskError } from '../../src/domain/errors.ts';
import { loadTemplates } from '../../src/reply/render.ts';
import { ada, openTestDesk, sourceRequest } from '../tickets/desk.ts';
import { byForm } from './form.ts';
import { faultSeed, type Random, randomFrom } from './random.ts';
import { injected } from './tally.ts';

/** None of these may ever be shown. */
const CANARIES = {
  database: 'canaryDatabase77',
  imap: 'canaryMailbox77',
  smtp: 'canaryOutgoing77',
  store: 'canaryArchive77',
  file: 'canaryTypedIntoTheFile77',
  hook: `whsec_${Buffer.from('canaryWebhook77canaryWebhook77xy').toString('base64')}`,
  key: Buffer.from('canarySecretKey77canarySecret77x').toString('base64'),
} as const;

const ENVIRONMENT: Environment = {
  DATABASE_URL: `postgres://desk:${CANARIES.database}@db.example.org/desk`,
  IMAP_URL: `imaps://desk%40example.org:${CANARIES.imap}@mail.example.org/INBOX`,
  SMTP_URL: `smtps://desk%40example.org:${CANARIES.smtp}@mail.example.org`,
  DESK_ADDRESS: 'privacy@example.org',
  PUBLIC_URL: 'https://privacy.example.org/',
  SECRET_KEY: CANARIES.key,
  PURGE_ENABLED: 'true',
  POLL_SECONDS: '30',
  HTTP_PORT: '8080',
  DNS_SERVERS: '192.0.2.1,192.0.2.2',
  ARCHIVE_URL: `postgres://reader:${CANARIES.store}@db.example.org/archive`,
  HOOK_SECRET: CANARIES.hook,
};

const YAML = `
policy:
  review: all
  approvals: 2
  residue:
    - what: backups of the archive
      why: they expire by themselves
      category: backups
stores:
  - name: archive
    kind: postgres
    archive: true
    url: \${ARCHIVE_URL}
    scopes: [workspace, account, source]
    tables:
      - table: public.events
        id: id
        workspace: workspace_id
        source: source_id
        receivedAt: received_at
  - name: billing
    kind: postgres
    url: postgres://reader:${CANARIES.file}@db.example.org/billing
    scopes: [workspace]
    tables:
      - {table: public.bills, id: id, workspace: workspace_id}
webhooks:
  - name: crm
    url: https://crm.example.org/hook
    secret: \${HOOK_SECRET}
`;

const ODD = [
  '',
  ' ',
  '\0',
  '\n',
  '-1',
  '1e999',
  'null',
  'true',
  '\u202e',
  '🧨',
  '[',
  '{',
  '}',
  '&a',
  '*a',
  `$\{X}`,
  '%',
  '://',
  'é',
];

/** Somewhere in the text something is lost, doubled, swapped or put in. */
function spoil(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const lines = text.split('\n');
  const line = random.below(lines.length);
  switch (random.below(7)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + random.pick(ODD) + text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(at + 1 + random.below(4));
    case 3:
      return lines.toSpliced(line, 1).join('\n');
    case 4:
      return lines.toSpliced(line, 0, lines[random.below(lines.length)] ?? '').join('\n');
    case 5:
      return lines.with(line, `  ${lines[line]}`).join('\n');
    default:
      return lines.with(line, (lines[line] ?? '').replace(/: .*/, `: ${random.pick(ODD)}`)).join('\n');
  }
}

function spoilEnvironment(random: Random): Environment {
  const env = { ...ENVIRONMENT };
  const names = Object.keys(env);
  for (let changes = random.below(3); changes > 0; changes -= 1) {
    const name = random.pick(names);
    const roll = random.below(5);
    if (roll === 0) delete env[name];
    else if (roll === 1) env[name] = env[random.pick(names)];
    else if (roll === 2) env[name] = random.pick(ODD).repeat(1 + random.below(2_000));
    else env[name] = spoil(env[name] ?? '', random);
  }
  return env;
}

/** All that a log, a terminal or a crash report could show of an error. */
const shown = (error: unknown): string =>
  `${inspect(error, { depth: 10, showHidden: true })} ${String(error)}`;

describe('F37 a configuration that is wrong', () => {
  test('names its faults or is taken, never crashes, and never shows a secret', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'purgedesk-fuzz-'));
    const warnings: Error[] = [];
    const hear = (warning: Error) => warnings.push(warning);
    process.on('warning', hear);
    try {
      const yamlPath = join(folder, 'purgedesk.yaml');
      await writeFile(yamlPath, YAML);
      expect(loadConfig(ENVIRONMENT, { yamlPath }).databaseUrl).not.toBeNull();
      const random = randomFrom(faultSeed());
      console.log(`FAULT_SEED=${random.seed}`);
      let refused = 0;
      const rounds = byForm({ short: 300, long: 30_000 });
      for (let round = 0; round < rounds; round += 1) {
        let yaml = YAML;
        for (let changes = random.below(3); changes > 0; changes -= 1) yaml = spoil(yaml, random);
        const env = spoilEnvironment(random);
        await writeFile(yamlPath, yaml);
        try {
          loadConfig(env, { yamlPath });
        } catch (error) {
          refused += 1;
          const said = shown(error);
          expect([round, error instanceof PurgedeskError && error.code, said]).toEqual([
            round,
            'PD_CONFIG_INVALID',
            said,
          ]);
          for (const canary of Object.values(CANARIES)) expect(said).not.toContain(canary);
        }
      }
      await writeFile(yamlPath, `? {a: ${CANARIES.file}}\n: 1\n`); // a key that is a map: libraries warn of it
      expect(() => loadConfig(ENVIRONMENT, { yamlPath })).toThrow('a');
      await immediate();
      expect(warnings).toEqual([]);
      injected('F37', refused);
      expect(refused).toBeGreaterThan(rounds / 4);
    } finally {
      process.off('warning', hear);
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('a template that is missing or does not compile stops the start and is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'purgedesk-templates-'));
    try {
      await cp(packageFile('templates'), folder, { recursive: true });
      expect(() => loadTemplates(folder)).not.toThrow();
      await writeFile(join(folder, 'en', 'status.text.hbs'), '{{#if x}} open for ever');
      injected('F37');
      expect(() => loadTemplates(folder)).toThrow(/status/);
      await rm(join(folder, 'en', 'status.text.hbs'));
      injected('F37');
      expect(() => loadTemplates(folder)).toThrow(/status/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('F37 a secret key that is changed', () => {
  test('makes the codes that are under way worthless, and the next code counts', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    const old = await desk.code();
    Buffer.from(desk.deps.key.buffer, desk.deps.key.byteOffset, 32).fill(7);
    injected('F37');
    const { mails } = await desk.mail({ from: ada, intent: 'verify', code: old, ticket: `PD-${id}` });
    expect((await desk.ticket(id)).verified_at).toBeNull();
    expect(mails.map(({ template }) => template)).not.toContain('grace_started');
    const { mails: asked } = await desk.mail({
      from: ada,
      intent: 'delete',
      requests: [sourceRequest({ source: 'iOS App' })],
    });
    expect(asked.map(({ facts }) => facts.challenge !== null)).toEqual([true]);
    await desk.mail({ from: ada, intent: 'verify', code: await desk.code() });
    const states = (await desk.tickets()).map(({ state }) => state);
    expect(states).toContain('grace');
  });
});
