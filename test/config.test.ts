import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Environment,
  loadConfig,
  type MailLogin,
  SETTINGS,
  Secret,
  type SettingName,
} from '../src/config.ts';
import { PurgedeskError } from '../src/domain/errors.ts';
import { DEFAULT_POLICY } from '../src/domain/policy.ts';

const KEY = randomBytes(32).toString('base64');
const WEBHOOK_SECRET = `whsec_${KEY}`;
const REAL = {
  DATABASE_URL: 'postgres://desk:pw@db.example.org/desk',
  IMAP_URL: 'imaps://desk%40example.org:p%2Fw@Mail.example.org/Privacy%20desk',
  SMTP_URL: 'smtp://desk%40example.org:pw@mail.example.org',
  DESK_ADDRESS: 'privacy@example.org',
  PUBLIC_URL: 'https://privacy.example.org/',
  SECRET_KEY: KEY,
} satisfies Environment;

const passwordOf = (login: MailLogin | undefined) =>
  login?.kind === 'password' ? login.password.reveal() : null;

let folder: string;
let none: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purgedesk-config-'));
  none = await written('empty.yaml', '');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const load = (env: Environment) => loadConfig(env, { yamlPath: none });

/** The error of a configuration that must not load. */
function refusal(env: Environment, yamlPath = none): PurgedeskError {
  try {
    loadConfig(env, { yamlPath });
  } catch (error) {
    if (error instanceof PurgedeskError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('what is loaded', () => {
  test('nothing set is the sandbox, and purges are off', () => {
    expect(load({})).toMatchObject({
      databaseUrl: null,
      mailboxes: [],
      secretKey: null,
      desk: { name: 'purgedesk support', address: null, publicUrl: 'http://127.0.0.1:8080' },
      policy: DEFAULT_POLICY,
      logLevel: 'info',
      crashAt: null,
    });
  });

  test('a real mailbox is read with its account decoded and TLS demanded', () => {
    const config = load(REAL);
    expect(config.mailboxes).toHaveLength(1);
    expect(config.mailboxes[0]).toMatchObject({
      name: 'main',
      address: 'privacy@example.org',
      displayName: 'purgedesk support',
      imap: {
        host: 'mail.example.org',
        port: 993,
        secure: true,
        user: 'desk@example.org',
        folder: 'Privacy desk',
        processedFolder: 'Processed',
        pollSeconds: 30,
      },
      smtp: { host: 'mail.example.org', port: 587, secure: false, requireTls: true },
    });
    expect(passwordOf(config.mailboxes[0]?.imap.login)).toBe('p/w');
    expect(config.desk.publicUrl).toBe('https://privacy.example.org');
    expect(config.secretKey?.reveal()).toEqual(Buffer.from(KEY, 'base64'));
  });

  test('on loopback mail may go without TLS', () => {
    const env = { ...REAL, IMAP_URL: 'imap://a:b@127.0.0.1:1143', SMTP_URL: 'smtp://[::1]:2525' };
    expect(load(env).mailboxes[0]).toMatchObject({
      imap: { host: '127.0.0.1', port: 1143, secure: false, folder: 'INBOX' },
      smtp: { host: '::1', port: 2525, requireTls: false, login: null },
    });
  });

  test('lists are split and resolvers get their port', () => {
    const config = load({
      DNS_SERVERS: '192.0.2.1, 192.0.2.2:5353,2001:db8::1,[2001:db8::2]:54',
      TRUSTED_RECEIVED_BY: 'MX1.example.org, mx2.example.org',
      TRUSTED_ARC_SEALERS: 'Lists.example.org',
    });
    expect(config.dnsServers).toEqual([
      '192.0.2.1:53',
      '192.0.2.2:5353',
      '[2001:db8::1]:53',
      '[2001:db8::2]:54',
    ]);
    expect(config.trustedReceivedBy).toEqual(['mx1.example.org', 'mx2.example.org']);
    expect([config.trustedSealers, load({}).trustedSealers]).toEqual([['lists.example.org'], []]);
  });

  test.each(['1', 'yes', 'TRUE', 'True', ' ', 'false'])(
    'PURGE_ENABLED=%j does not enable purges',
    (value) => {
      expect(load({ PURGE_ENABLED: value }).policy.purgeEnabled).toBe(false);
    },
  );

  test('PURGE_ENABLED=true enables them', () => {
    expect(load({ PURGE_ENABLED: 'true' }).policy.purgeEnabled).toBe(true);
  });

  test('a key may be hex', () => {
    expect(load({ SECRET_KEY: 'ab'.repeat(32) }).secretKey?.reveal()).toHaveLength(32);
  });

  test('a secret may come from a file, its line end left out', async () => {
    const file = await written('key', `${KEY}\n`);
    const config = load({ ...REAL, SECRET_KEY: undefined, SECRET_KEY_FILE: file });
    expect(config.secretKey?.reveal()).toEqual(Buffer.from(KEY, 'base64'));
  });

  test('the result is frozen all the way down', () => {
    const config = load(REAL);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.mailboxes[0]?.imap)).toBe(true);
    expect(Object.isFrozen(config.policy.roles.space)).toBe(true);
  });
});

describe('what is refused', () => {
  test('all problems come at once, each with name and example', () => {
    const error = refusal({
      POLL_SECONDS: '1',
      LOG_LEVEL: 'loud',
      HTTP_PORT: '99999',
      SMTP_URL: 'smtps://mail.example.org',
    });
    expect(error.code).toBe('PD_CONFIG_INVALID');
    expect(error.details).toEqual({ problems: 4 });
    for (const name of ['POLL_SECONDS', 'LOG_LEVEL', 'HTTP_PORT', 'IMAP_URL'] as const) {
      expect(error.message).toMatch(new RegExp(`^ {2}${name}: .*${name}=`, 'm'));
      expect(error.message).toContain(SETTINGS[name].example);
    }
  });

  test.each<[SettingName, string]>([
    ['DATABASE_URL', 'mysql://db.example.org/x'],
    ['IMAP_URL', 'imap://a:b@mail.example.org/INBOX'],
    ['IMAP_URL', 'imaps://mail.example.org/INBOX'],
    ['IMAP_URL', 'imaps://a:b#c@mail.example.org/INBOX'],
    ['IMAP_URL', 'imaps://a:100%@mail.example.org/INBOX'],
    ['IMAP_URL', 'imap://a:b@localhost.example.org/INBOX'],
    ['SMTP_URL', 'smtps://user@mail.example.org'],
    ['DESK_ADDRESS', 'Desk <desk@example.org>'],
    ['DESK_ADDRESS', 'dësk@example.org'],
    ['DESK_NAME', 'Desk\r\nBcc: x'],
    ['DNS_SERVERS', 'dns.example.org'],
    ['DNS_SERVERS', '192.0.2.1:0'],
    ['TRUSTED_RECEIVED_BY', 'mx1.example.org;mx2.example.org'],
    ['TRUSTED_AUTHSERV_ID', 'mx.example.org 1'],
    ['PUBLIC_URL', 'http://privacy.example.org'],
    ['PUBLIC_URL', 'https://privacy.example.org/?a=b'],
    ['SECRET_KEY', randomBytes(31).toString('base64')],
    ['SECRET_KEY', 'ab'.repeat(31)],
    ['POLL_SECONDS', '4'],
    ['POLL_SECONDS', '30s'],
    ['POLL_SECONDS', '3601'],
    ['SUPPRESSION_TOKEN', 'short'],
    ['SUPPRESSION_TOKEN', 'a token with spaces that is long enough'],
    ['CRASH_AT', 'now'],
  ])('%s cannot be %j', (name, value) => {
    const error = refusal({ ...REAL, [name]: value });
    expect(error.message).toContain(`  ${name}: `);
    expect(error.details).toEqual({ problems: 1 });
  });

  test.each(['support@example.org', 'desk@example.org', 'Kiosk.Desk+x@sub.example.org'])(
    'DESK_ADDRESS can be %j',
    (value) => {
      expect(loadConfig({ ...REAL, DESK_ADDRESS: value }).desk.address?.toLowerCase()).toBe(
        value.toLowerCase(),
      );
    },
  );

  test.each(['DESK_ADDRESS', 'PUBLIC_URL', 'SECRET_KEY', 'IMAP_URL', 'SMTP_URL'])(
    'a real mailbox without %s is not enough',
    (name) => {
      expect(refusal({ ...REAL, [name]: '' }).message).toContain(`  ${name}: is missing`);
    },
  );

  test('a secret given twice, and one from a file that cannot be read', () => {
    const error = refusal({
      ...REAL,
      SECRET_KEY_FILE: none,
      SMTP_URL: '',
      SMTP_URL_FILE: join(folder, 'gone'),
    });
    expect(error.message).toContain('SECRET_KEY: is given twice');
    expect(error.message).toContain('SMTP_URL_FILE: cannot be read (ENOENT)');
  });

  test('PURGEDESK_CONFIG that does not exist', () => {
    const error = (() => {
      try {
        return loadConfig({ PURGEDESK_CONFIG: join(folder, 'gone.yaml') });
      } catch (caught) {
        return caught as PurgedeskError;
      }
    })();
    expect(error).toMatchObject({ code: 'PD_CONFIG_INVALID' });
  });
});

describe('several mailboxes', () => {
  const { IMAP_URL: _imap, SMTP_URL: _smtp, DESK_ADDRESS: _address, ...WITHOUT_MAIL } = REAL;
  const OAUTH = {
    MAIL_OAUTH_TOKEN_URL: 'https://login.example.org/token?tenant=1',
    MAIL_OAUTH_CLIENT_ID: 'desk',
    MAIL_OAUTH_REFRESH_TOKEN: 'refresh-canary',
  };
  const mailboxes = async (env: Environment, ...entries: readonly Record<string, unknown>[]) =>
    loadConfig(env, { yamlPath: await written('mailboxes.yaml', JSON.stringify({ mailboxes: entries })) });
  const problemsOf = async (env: Environment, ...entries: readonly Record<string, unknown>[]) => {
    const yamlPath = await written('wrong.yaml', JSON.stringify({ mailboxes: entries }));
    return refusal(env, yamlPath)
      .message.split('\n')
      .slice(1)
      .map((line) => line.trim());
  };
  const SHOP = { name: 'shop', imap: 'imaps://shop:pw@mail.shop.example', address: 'privacy@shop.example' };

  test('stand beside the one of the environment, and take from it what they leave out', async () => {
    const config = await mailboxes(
      { ...REAL, SHOP_IMAP_URL: 'imaps://shop:s3cret@mail.shop.example', SHOP_SECRET: 'client-canary' },
      { ...SHOP, imap: `$\{SHOP_IMAP_URL}` },
      {
        name: 'blog',
        imap: 'imaps://blog%40example.org@mail.example.org/Requests',
        smtp: 'smtps://blog@mail.example.org',
        address: 'blog@example.org',
        displayName: 'Blog',
        signature: 'Blog Ltd',
        locale: 'de',
        processedFolder: 'Done',
        pollSeconds: 60,
        envelope: 'null',
        oauth: {
          tokenUrl: 'https://login.example.org/token',
          clientId: 'blog',
          clientSecret: `$\{SHOP_SECRET}`,
          scope: 'mail.read mail.send',
        },
      },
    );
    const [main, shop, blog] = config.mailboxes;
    expect(config.mailboxes.map(({ name }) => name)).toEqual(['main', 'shop', 'blog']);
    expect(config.desk).toMatchObject({ name: 'purgedesk support', address: 'privacy@example.org' });
    expect(shop).toMatchObject({
      address: 'privacy@shop.example',
      displayName: 'purgedesk support',
      signature: null,
      locale: null,
      envelope: 'verp',
      imap: { host: 'mail.shop.example', folder: 'INBOX', processedFolder: 'Processed', pollSeconds: 30 },
    });
    expect(shop?.smtp).toBe(main?.smtp);
    expect(passwordOf(shop?.imap.login)).toBe('s3cret');
    expect(blog).toMatchObject({
      displayName: 'Blog',
      signature: 'Blog Ltd',
      locale: 'de',
      envelope: 'null',
      imap: { user: 'blog@example.org', folder: 'Requests', processedFolder: 'Done', pollSeconds: 60 },
      smtp: { port: 465, login: { user: 'blog', kind: 'oauth' } },
    });
    const oauth = blog?.imap.login.kind === 'oauth' ? blog.imap.login.oauth : null;
    expect(oauth).toMatchObject({ clientId: 'blog', scope: 'mail.read mail.send', refreshToken: null });
    expect(oauth?.clientSecret?.reveal()).toBe('client-canary');
    expect(inspect(config, { depth: 9 })).not.toMatch(/canary|s3cret/);
    expect(JSON.stringify(config)).not.toMatch(/canary|s3cret/);
  });

  test('may be all there are: the first one is the desk’s', async () => {
    const config = await mailboxes(WITHOUT_MAIL, { ...SHOP, smtp: 'smtps://a:b@mail.shop.example' });
    expect(config.desk).toMatchObject({ name: 'purgedesk support', address: 'privacy@shop.example' });
    expect(config.mailboxes).toHaveLength(1);
  });

  test('the one of the environment may log in by a provider’s tokens, and not by a password too', async () => {
    const url = { IMAP_URL: 'imaps://desk@mail.example.org', SMTP_URL: 'smtps://desk@mail.example.org' };
    const [main] = load({ ...REAL, ...url, ...OAUTH }).mailboxes;
    expect(main?.imap.login).toMatchObject({
      kind: 'oauth',
      oauth: { tokenUrl: OAUTH.MAIL_OAUTH_TOKEN_URL, clientId: 'desk', clientSecret: null, scope: null },
    });
    expect(main?.smtp.login).toMatchObject({ kind: 'oauth', user: 'desk' });
    const relay = { SMTP_URL: 'smtps://relay:pw@relay.example.org' };
    expect(load({ ...REAL, ...url, ...relay, ...OAUTH }).mailboxes[0]?.smtp.login?.kind).toBe('password');
    expect(refusal({ ...REAL, ...OAUTH }).message).toContain('  IMAP_URL: holds a password although');
    expect(refusal({ ...REAL, ...url }).message).toMatch(
      /SMTP_URL: lacks a password.*\n {2}IMAP_URL: lacks/s,
    );
    for (const [name, value] of [
      ['MAIL_OAUTH_TOKEN_URL', ''],
      ['MAIL_OAUTH_TOKEN_URL', 'http://login.example.org/token'],
      ['MAIL_OAUTH_CLIENT_ID', ''],
      ['MAIL_OAUTH_REFRESH_TOKEN', ''],
    ] as const) {
      const said = refusal({ ...REAL, ...url, ...OAUTH, [name]: value }).message;
      expect(said).toMatch(name.endsWith('REFRESH_TOKEN') ? /MAIL_OAUTH_CLIENT_SECRET: is missing/ : name);
      expect(said).not.toContain('canary');
    }
  });

  test.each<[string, readonly Record<string, unknown>[], readonly string[]]>([
    [
      'a name twice',
      [SHOP, { ...SHOP, imap: 'imaps://b:pw@x.example', address: 'b@x.example' }],
      ['mailboxes.1.name: is the name of another mailbox'],
    ],
    [
      'the name of the first one',
      [{ ...SHOP, name: 'main' }],
      ['mailboxes.0.name: is the name of another mailbox'],
    ],
    [
      'an address twice',
      [{ ...SHOP, address: 'Privacy@example.org' }],
      ['mailboxes.0.address: is the address of another mailbox'],
    ],
    [
      'an account and folder twice',
      [SHOP, { ...SHOP, name: 'b', address: 'b@x.example', folder: 'inbox' }],
      ['mailboxes.1.imap: is read already: another mailbox has this account and folder'],
    ],
    [
      'a folder that another one moves mails to',
      [SHOP, { ...SHOP, name: 'b', address: 'b@x.example', folder: 'Processed' }],
      ['mailboxes.1.folder: is a folder that mails are moved to once they are stored'],
    ],
    [
      'two folders',
      [{ ...SHOP, imap: `${SHOP.imap}/A`, folder: 'B' }],
      ['mailboxes.0.folder: is given twice: the URL of imap names one too'],
    ],
    [
      'no way to log in',
      [{ ...SHOP, imap: 'imaps://shop@mail.shop.example' }],
      ['mailboxes.0.imap: lacks a password, and there is no oauth'],
    ],
    [
      'all at once',
      [
        {
          ...SHOP,
          locale: 'german',
          envelope: 'none',
          pollSeconds: 1,
          colour: 'red',
          oauth: { tokenUrl: 'ftp://x', clientId: 'a' },
        },
      ],
      [
        'mailboxes.0.locale: is not a language of two letters like de',
        'mailboxes.0.pollSeconds: is not a whole number from 5 to 3600',
        'mailboxes.0.envelope: is not one of verp, address, null',
        'mailboxes.0.oauth.tokenUrl: is not an https:// URL',
        'mailboxes.0.colour: is not a known key',
      ],
    ],
  ])('%s is a problem', async (_title, entries, expected) => {
    expect(await problemsOf(REAL, ...entries)).toEqual(expected);
  });

  test('without any server to send through, and beside other problems', async () => {
    expect(await problemsOf({ ...WITHOUT_MAIL, PUBLIC_URL: '', LOG_LEVEL: 'loud' }, SHOP)).toEqual([
      expect.stringMatching(/^LOG_LEVEL: /),
      expect.stringMatching(/^PUBLIC_URL: is missing; a real mailbox needs it/),
      'mailboxes.0.smtp: is missing, and there is no other server to share',
    ]);
  });
});

describe('secrets', () => {
  const CANARY = 'canary-7f3a';

  test('no problem shows the value it is about', async () => {
    const yamlPath = await written('canary.yaml', `stores:\n  - url: "postgres://u:${CANARY}@h/d\n`);
    const error = refusal(
      {
        DATABASE_URL: `x://u:${CANARY}@h`,
        IMAP_URL: `imap://u:${CANARY}@mail.example.org`,
        SMTP_URL: `smtp://${CANARY}@mail.example.org`,
        SECRET_KEY: CANARY,
        SECRET_KEY_FILE: `/${CANARY}`,
        LOG_LEVEL: CANARY,
      },
      yamlPath,
    );
    expect(error.details.problems).toBe(9);
    for (const shown of [
      String(error),
      inspect(error, { depth: 9, showHidden: true }),
      JSON.stringify(error),
    ]) {
      expect(shown).not.toContain(CANARY);
    }
  });

  test('no dump of a configuration shows one', async () => {
    const key = `${CANARY}${'k'.repeat(60)}`;
    const yamlPath = await written('stores.yaml', storeYaml(`postgres://u:${CANARY}@h/d`));
    const config = loadConfig(
      {
        ...REAL,
        DATABASE_URL: `postgres://u:${CANARY}@h/d`,
        IMAP_URL: `imaps://u:${CANARY}@mail.example.org`,
        SMTP_URL: `smtps://u:${CANARY}@mail.example.org`,
        SECRET_KEY: key,
      },
      { yamlPath },
    );
    const bytes = inspect(Buffer.from(key, 'base64')).slice(8, 40);
    for (const shown of [
      inspect(config, { depth: 9, showHidden: true }),
      JSON.stringify(config),
      `${config.databaseUrl}`,
    ]) {
      expect(shown).not.toContain(CANARY);
      expect(shown).not.toContain(bytes);
    }
    expect(config.databaseUrl?.reveal()).toContain(CANARY);
    expect(config.stores.reveal()[0]).toMatchObject({ url: expect.stringContaining(CANARY) });
  });

  test('a Secret hides in every form but reveal', () => {
    const secret = new Secret(CANARY);
    expect([`${secret}`, inspect({ secret }), JSON.stringify({ secret })].join()).not.toContain(CANARY);
    expect(secret.reveal()).toBe(CANARY);
  });
});

const storeYaml = (url: string) => `
stores:
  - name: archive
    kind: postgres
    url: ${url}
    archive: true
    scopes: [workspace]
    tables: [{ table: public.events, id: id, workspace: workspace_id }]
`;

const webhookYaml = (url: string, secret = WEBHOOK_SECRET, rest = '') =>
  `webhooks: [{ name: crm, url: "${url}", secret: "${secret}", ${rest} }]`;
const HOOK = `{ name: crm, url: "https://crm.example.org/", secret: ${WEBHOOK_SECRET} }`;

describe('purgedesk.yaml', () => {
  test('a part of the policy replaces that part only', async () => {
    const yamlPath = await written('part.yaml', 'policy: { ticketCap: 5, roles: { space: [owner, admin] } }');
    expect(loadConfig({}, { yamlPath }).policy).toEqual({
      ...DEFAULT_POLICY,
      ticketCap: 5,
      roles: { ...DEFAULT_POLICY.roles, space: ['owner', 'admin'] },
    });
  });

  test.each([
    ['policy: { graceDays: 1 }', 'policy.graceDays: does not exist: no setting changes the grace'],
    ['polcy: {}', 'polcy: is not a known key'],
    ['policy: { purgeEnabled: true }', 'policy.purgeEnabled: is not a known key'],
    ['policy: { ticketCap: 0 }', 'policy.ticketCap: is not a whole number of 1 or more'],
    ['policy: { dayCap: -1 }', 'policy.dayCap: is not a whole number'],
    ['policy: { dayCap: 1.5 }', 'policy.dayCap: is not a whole number'],
    ['policy: { ticketCap: 10, dayCap: 5 }', 'policy.ticketCap: is above dayCap'],
    ['policy: { challengeTries: 6 }', 'policy.challengeTries: is not a whole number from 1 to 5'],
    ['policy: { challengeHours: 73 }', 'policy.challengeHours: is not a whole number from 1 to 72'],
    ['policy: { challengeHours: 20 }', 'policy.challengeReminderHours: is not before the end'],
    ['policy: { deadlineDays: 31 }', 'policy.deadlineDays: is not a whole number'],
    ['policy: { roles: { space: [] } }', 'policy.roles.space: names no role'],
    ['policy: { roles: { space: [member] } }', 'policy.roles.space.0: is not owner or admin'],
    [
      'policy: { residue: [{ category: backups, what: x, why: y, retentionDays: 0 }] }',
      'retentionDays: is not',
    ],
    [
      'policy: { residue: [{ category: backups, what: x, why: y, retentionDays: 1, rollingDays: 1 }] }',
      'policy.residue.0.rollingDays: is given beside retentionDays',
    ],
    ['policy: { residue: [{ category: backups, what: x, why: y, rollingDays: 0 }] }', 'rollingDays: is not'],
    ['policy: { residue: [{ category: backups, what: " ", why: y }] }', 'policy.residue.0.what: is empty'],
    [
      'policy: { residue: [{ category: backups, what: x, why: "a\\nb" }] }',
      'policy.residue.0.why: holds a line end',
    ],
    [
      `policy: { residue: [{ category: other, what: x, why: y, legalBasis: ${'x'.repeat(121)} }] }`,
      'policy.residue.0.legalBasis: is longer than 120 characters',
    ],
    ['a: [', 'is not YAML at line 1'],
    ['just words', 'purgedesk.yaml: '],
    ['stores: [{ name: x }]', 'stores.0'],
    [webhookYaml('http://crm.example.org/'), 'webhooks.0.url: is not an https:// URL'],
    [webhookYaml('https://user:secret@crm.example.org/'), 'webhooks.0.url: is not an https:// URL'],
    [webhookYaml('https://crm.example.org/', 'short'), 'webhooks.0.secret: is not whsec_'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own syntax
    [webhookYaml('https://crm.example.org/', '${NO_SUCH}'), 'webhooks.0.secret: refers to'],
    [webhookYaml('https://crm.example.org/', WEBHOOK_SECRET, 'events: []'), 'names no event'],
    [webhookYaml('https://crm.example.org/', WEBHOOK_SECRET, 'events: [all]'), 'is not one of ticket.opened'],
    [`webhooks: [${HOOK}, ${HOOK}]`, 'webhooks: has two entries of one name'],
    ['api: { callbackHosts: [https://app.example.org] }', 'api.callbackHosts.0: is not a host name'],
    ['api: { callbackHosts: ["*"] }', 'api.callbackHosts.0: is not a host name'],
  ])('%s is refused', async (text, expected) => {
    expect(refusal({}, await written('wrong.yaml', text)).message).toContain(expected);
  });

  test('a webhook gets every event and its secret from the environment; no app is called unless told', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own syntax
    const yamlPath = await written('hooks.yaml', webhookYaml('http://127.0.0.1:9/x', '${HOOK_SECRET}'));
    const config = loadConfig({ HOOK_SECRET: WEBHOOK_SECRET }, { yamlPath });
    expect(config.webhooks.reveal()).toMatchObject([
      { secret: WEBHOOK_SECRET, events: ['ticket.opened', 'ticket.moved', 'ticket.held', 'ticket.released'] },
    ]);
    expect(JSON.stringify(config)).not.toContain(WEBHOOK_SECRET);
    expect(config.callbackHosts).toEqual([]);
  });

  test('what stays may leave out its law and its days', async () => {
    const entry = 'category: other, what: Letters, why: we answer them';
    const yamlPath = await written('residue.yaml', `policy: { residue: [{ ${entry} }] }`);
    expect(loadConfig({}, { yamlPath }).policy.residue).toEqual([
      {
        category: 'other',
        what: 'Letters',
        why: 'we answer them',
        legalBasis: null,
        retentionDays: null,
        rollingDays: null,
      },
    ]);
  });

  test('a store’s url is filled from the environment, and a missing variable is a problem', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the notation of purgedesk.yaml
    const yamlPath = await written('env.yaml', storeYaml('${ARCHIVE_URL}'));
    const config = loadConfig({ ARCHIVE_URL: 'postgres://u:pw@h/d' }, { yamlPath });
    expect(config.stores.reveal()[0]).toMatchObject({ url: 'postgres://u:pw@h/d' });
    expect(refusal({}, yamlPath).message).toContain(
      'stores.0.url: refers to the environment variable ARCHIVE_URL',
    );
  });
});

describe('documents', () => {
  const root = new URL('../', import.meta.url);
  const text = (path: string) => readFile(new URL(path, root), 'utf8');

  test('docs/configuration.md has exactly the settings, with the same words', async () => {
    const rows = tableRows(await text('docs/configuration.md'), 'Setting');
    expect(rows).toEqual(
      Object.entries(SETTINGS).map(([name, setting]) => [
        `\`${name}\``,
        setting.doc,
        `\`${setting.example}\``,
        setting.fallback,
      ]),
    );
  });

  test('docs/configuration.md has every key of the policy, with its default', async () => {
    const rows = tableRows(await text('docs/configuration.md'), 'Key');
    const { purgeEnabled: _, ...policy } = DEFAULT_POLICY;
    expect(rows.map((row) => row[0]).sort()).toEqual(
      Object.keys(policy)
        .map((key) => `\`${key}\``)
        .sort(),
    );
    for (const [key, value] of Object.entries(policy)) {
      if (typeof value !== 'object')
        expect(rows.find((row) => row[0] === `\`${key}\``)?.[3]).toBe(`\`${value}\``);
    }
  });

  test('.env.example names every setting once and loads as it is', async () => {
    const env = parseEnv(await text('.env.example'));
    expect(Object.keys(env).sort()).toEqual(Object.keys(SETTINGS).sort());
    expect(load(env).mailboxes).toEqual([]);
  });

  test('every example is accepted', () => {
    const env = Object.fromEntries(
      Object.entries(SETTINGS).map(([name, setting]) => [name, setting.example]),
    );
    const withoutPassword = { IMAP_URL: 'imaps://desk%40example.org@mail.example.org' };
    const given = { ...env, ...withoutPassword, SECRET_KEY: KEY, SUPPRESSION_TOKEN: KEY };
    expect(load(given).mailboxes).toHaveLength(1);
  });

  test('purgedesk.example.yaml is valid', () => {
    const env = {
      ARCHIVE_DATABASE_URL: 'postgres://a@h/archive',
      SHOP_DATABASE_URL: 'mysql://a@h/shop',
      PROFILES_DATABASE_URL: 'postgres://a@h/profiles',
      CRM_TOKEN: 'secret',
      LAKE_ACCESS_KEY_ID: 'key',
      LAKE_SECRET_ACCESS_KEY: 'secret',
      CRM_WEBHOOK_SECRET: WEBHOOK_SECRET,
      SHOP_IMAP_URL: 'imaps://shop:pw@mail.shop.example.org',
      SHOP_SMTP_URL: 'smtps://shop:pw@mail.shop.example.org',
      CLOUD_CLIENT_ID: 'purgedesk',
      CLOUD_CLIENT_SECRET: 'secret',
      PUBLIC_URL: 'https://privacy.example.org',
      SECRET_KEY: KEY,
    };
    const config = loadConfig(env, { yamlPath: new URL('purgedesk.example.yaml', root).pathname });
    expect(config.stores.reveal().map(({ name }) => name)).toEqual([
      'archive',
      'shop',
      'lake',
      'profiles',
      'crm',
      'office',
    ]);
    expect(config.policy).toMatchObject({ review: 'all', approvals: 2 });
    expect(config.mailboxes.map(({ name, imap }) => [name, imap.login.kind])).toEqual([
      ['shop', 'password'],
      ['cloud', 'oauth'],
    ]);
  });
});

/** The cells of the table whose first heading is `heading`. */
function tableRows(markdown: string, heading: string): string[][] {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  expect(start).toBeGreaterThan(0);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map((line) => line.slice(2, -2).split(' | '));
}
