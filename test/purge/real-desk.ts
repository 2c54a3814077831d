import pino from 'pino';
import { type Desk, openDesk } from '../../src/commands/desk.ts';
import type { Environment } from '../../src/commands/environment.ts';

/** The desk as customers run it, without mail. */
export const openRealDesk = (
  given: Pick<Environment, 'databaseUrl' | 'key' | 'policy' | 'stores' | 'crashAt'>,
): Desk =>
  openDesk({
    ...given,
    mailboxes: [],
    desk: { name: 'desk', address: 'desk@desk.example', publicUrl: 'http://127.0.0.1' },
    dnsServers: null,
    trustedReceivedBy: [],
    trustedAuthservId: null,
    trustedSealers: [],
    http: { host: '127.0.0.1', port: 0 },
    suppressionToken: null,
    webhooks: [],
    callbackHosts: [],
    sandbox: null,
    isAllSandbox: false,
    log: pino({ level: 'silent' }),
  });

export interface Job {
  readonly id: number;
  readonly task: 'purge.rehearse' | 'purge.step';
  readonly payload: unknown;
}

/** The first job of a purge in the queue, whenever it is due. */
export const NEXT_JOB = `
  select j.id, t.identifier as task, j.payload
  from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
  where t.identifier like 'purge.%' order by j.id limit 1`;
