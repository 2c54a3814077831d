import type { Knex } from 'knex';
import type { AuditCheckLine } from '../operations/ports.ts';

/** What the page of the audit needs of the other stages. */
export interface AuditPorts {
  readonly db: Knex;
  /** Newest first. */
  checks(limit: number): Promise<readonly AuditCheckLine[]>;
}
