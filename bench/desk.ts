import pino from 'pino';
import { type Desk, openDesk } from '../src/commands/desk.ts';
import { DEFAULT_POLICY, type Policy } from '../src/domain/policy.ts';
import type { StoreCatalogue } from '../src/purge/catalogue.ts';

/** A desk that reads what is committed by hand and sends nothing: no mailbox, no log, and no stores unless given. */
export const openBenchDesk = (
  databaseUrl: string,
  dnsServer: string,
  { stores = [], policy = {} }: { readonly stores?: StoreCatalogue; readonly policy?: Partial<Policy> } = {},
): Desk =>
  openDesk({
    databaseUrl,
    mailboxes: [],
    desk: { name: 'bench', address: 'privacy@desk.example', publicUrl: 'http://127.0.0.1' },
    key: Buffer.alloc(32, 7),
    dnsServers: [dnsServer],
    trustedReceivedBy: [],
    trustedAuthservId: null,
    trustedSealers: [],
    policy: { ...DEFAULT_POLICY, ...policy },
    stores,
    http: { host: '127.0.0.1', port: 0 },
    suppressionToken: null,
    webhooks: [],
    callbackHosts: [],
    crashAt: null,
    sandbox: null,
    isAllSandbox: false,
    log: pino({ level: 'silent' }),
  });
