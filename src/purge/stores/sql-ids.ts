import type { SqlStoreDefinition } from './sql-catalogue.ts';
import { invalid, type SqlStep } from './sql-steps.ts';

/** What the ids in a column look like. A text is any; the others are spelt in exactly one way. */
export type IdForm = 'text' | 'uuid' | WholeNumbers;

/** Whole numbers, both ends included. */
export interface WholeNumbers {
  readonly least: bigint;
  readonly most: bigint;
}

/** What fits into so many bits of a two's complement. */
export const signedForm = (bits: 16 | 32 | 64): WholeNumbers => ({
  least: -(2n ** BigInt(bits - 1)),
  most: 2n ** BigInt(bits - 1) - 1n,
});

export const UNSIGNED: WholeNumbers = { least: 0n, most: 2n ** 64n - 1n };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const INTEGER = /^(0|-?[1-9]\d{0,19})$/;

/**
 * A server reads `007`, ` 7` and `0x7` as 7: what one person typed would be the id of another.
 * @throws PurgedeskError PD_STORE_INVALID for what the server would bend until it fits. The value stays out of the message
 */
export function refuseInexact(store: SqlStoreDefinition, column: string, form: IdForm, value: string): void {
  if (form === 'text') return;
  if (form === 'uuid') {
    if (UUID.test(value)) return;
    throw invalid(store, `column ${column} holds UUIDs, and an identifier is none in lower case`);
  }
  if (!INTEGER.test(value) || BigInt(value) < form.least || BigInt(value) > form.most) {
    throw invalid(store, `column ${column} holds whole numbers, and an identifier is none`);
  }
}

/**
 * Every identifier that a step compares a column with, those of single properties too.
 * @throws PurgedeskError PD_STORE_INVALID when a column cannot hold one as it is spelt
 */
export function refuseInexactStep(
  store: SqlStoreDefinition,
  { conditions, clearings }: SqlStep,
  forms: ReadonlyMap<string, IdForm>,
): void {
  const narrowed = clearings.map(({ only }) => only).filter((only) => only !== null);
  for (const condition of [...conditions, ...narrowed]) {
    if (condition.is !== 'one_of') continue;
    for (const column of condition.columns) {
      const form = forms.get(column);
      if (form === undefined) throw invalid(store, `column ${column} was not looked at`);
      for (const value of condition.values) refuseInexact(store, column, form, value);
    }
  }
}
