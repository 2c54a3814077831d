import type { Knex } from 'knex';

/** What the pages of insight need of the other stages. */
export interface InsightPorts {
  readonly db: Knex;
  /** Desk time. */
  now(): Promise<Date>;
}
