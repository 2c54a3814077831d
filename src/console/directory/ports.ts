import type { Knex } from 'knex';

export type Format = 'json' | 'csv';

/** What an import changes about one workspace. */
export interface Difference {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly kind: 'added' | 'changed';
  readonly newlyDeleted: boolean;
  readonly restored: boolean;
  readonly fields: readonly { readonly field: string; readonly was: string; readonly becomes: string }[];
  readonly membersAdded: readonly { readonly address: string; readonly role: string }[];
  readonly membersRemoved: readonly { readonly address: string; readonly role: string }[];
  readonly roles: readonly { readonly address: string; readonly was: string; readonly becomes: string }[];
  readonly partsAdded: readonly string[];
  readonly partsRemoved: readonly string[];
  readonly partsRenamed: readonly string[];
  readonly blockersAdded: readonly string[];
  readonly blockersRemoved: readonly string[];
}

export interface Preview {
  readonly report: {
    readonly added: number;
    readonly changed: number;
    readonly removed: number;
    readonly unchanged: number;
    readonly newlyDeleted: readonly string[];
    readonly restored: readonly string[];
    readonly problems: readonly string[];
  };
  readonly differences: readonly Difference[];
  readonly digest: string;
  /** What is more than a fifth of all that live; 0 = it is not. */
  readonly mustConfirm: { readonly removed: number; readonly deleted: number };
}

export interface Applied {
  readonly problems: readonly string[];
  /** References of tickets. */
  readonly opened: readonly string[];
  readonly goingOn: readonly string[];
  readonly cancelled: readonly string[];
}

export interface StopLine {
  readonly workspaceId: string;
  readonly slug: string;
  readonly placedAt: string;
  readonly messageId: number | null;
}

/** What the pages of the directory need of the other stages. */
export interface DirectoryPorts {
  readonly db: Knex;
  /** Oldest first. */
  stops(): Promise<readonly StopLine[]>;
  /** @returns whether there was one */
  lift(workspaceId: string, by: { readonly agent: string; readonly note: string }): Promise<boolean>;
  /** What a file would change, or everything that is wrong with it. Changes nothing. */
  preview(text: string, format: Format): Promise<Preview | { readonly wrong: readonly string[] }>;
  /** Applies what was looked at, all or nothing. @param shown - of the preview */
  apply(
    text: string,
    format: Format,
    shown: {
      readonly digest: string;
      readonly deletions: number;
      readonly agent: string;
      readonly reason: string;
    },
  ): Promise<Applied>;
}
