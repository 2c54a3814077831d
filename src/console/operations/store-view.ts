/** The page on which a store is braked or released. */
import { durationInWords } from './figures.ts';
import type { OrderFormView } from './order-form.ts';
import type { OperationsPorts, Purges } from './ports.ts';
import type { OrderLine } from './read-operations.ts';
import { ORDER_WORDS } from './view.ts';

export interface StorePageView {
  readonly page: { readonly title: string };
  readonly name: string;
  readonly kind: string;
  readonly brake: {
    readonly since: string;
    readonly words: string;
    readonly error: string | null;
    readonly isByHand: boolean;
  } | null;
  /** References of tickets whose next step is there. */
  readonly waiting: readonly string[];
  readonly orders: readonly (Omit<OrderLine, 'what'> & { readonly words: string })[];
  readonly form: OrderFormView;
}

/** @returns `null` = there is no such store */
export function storePageView(
  name: string,
  facts: {
    readonly stores: OperationsPorts['stores'];
    readonly purges: Purges;
    readonly orders: readonly OrderLine[];
    readonly form: OrderFormView;
  },
): StorePageView | null {
  const { stores, purges, orders, form } = facts;
  const known = stores.find((store) => store.name === name);
  const brake = purges.brakes.find(({ store }) => store === name);
  if (known === undefined && brake === undefined) return null;
  return {
    page: { title: `Store ${name}` },
    name,
    kind: known?.kind ?? 'not configured any more',
    brake:
      brake === undefined
        ? null
        : {
            since: brake.since,
            words: wordsOf(brake),
            error: brake.lastError,
            isByHand: brake.setBy !== null,
          },
    waiting: purges.purges.filter(({ store }) => store === name).map(({ reference }) => reference),
    orders: orders.map(({ what, ...order }) => ({ ...order, words: ORDER_WORDS[what] })),
    form,
  };
}

function wordsOf({ setBy, reason, failures, seconds }: Purges['brakes'][number]): string {
  if (setBy !== null) return `Braked by ${setBy}: ${reason ?? 'no reason given'}`;
  const next = seconds === null || seconds <= 0 ? 'now' : `in ${durationInWords(seconds)}`;
  return `It failed ${failures === 1 ? 'once' : `${failures} times in a row`} and is tried again ${next}, by itself.`;
}
