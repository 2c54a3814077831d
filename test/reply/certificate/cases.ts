/** Receipts of every size and kind, for the page that goes with them. */
import type { ReceiptStep, ReceiptV2, SignedReceipt } from '../../../src/domain/receipt.ts';
import { mixedReceipt, receiptFor } from '../facts.ts';

const EMPTY = receiptFor('workspace', 0);

/** A receipt of these steps, its totals added up. */
export function receiptOf(
  steps: readonly Partial<ReceiptStep>[],
  more: Partial<ReceiptV2> = {},
): SignedReceipt & { readonly receipt: ReceiptV2 } {
  const all = steps.map((step, index): ReceiptStep => {
    const taken = step.deleted ?? 0;
    const plain = { store: 'archive', target: 'events', action: 'delete', remaining: 0 } as const;
    return { ...plain, no: index + 1, estimate: taken, deleted: taken, ...step };
  });
  const sum = (action: ReceiptStep['action']) =>
    all.reduce((total, step) => total + (step.action === action ? step.deleted : 0), 0);
  const receipt: ReceiptV2 = {
    ...EMPTY.receipt,
    steps: all,
    deletedTotal: sum('delete'),
    clearedTotal: sum('clear'),
    byHandTotal: sum('by_hand'),
    remainingTotal: all.reduce((total, step) => total + step.remaining, 0),
    ...more,
  };
  return { ...EMPTY, receipt };
}

const many = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const retained = (what: string, why: string): ReceiptV2['retained'][number] => ({
  category: 'other',
  what,
  why,
  legalBasis: 'Art. 6(1)(c) GDPR',
  until: '2030-01-01',
});

export const CASES: readonly { readonly title: string; readonly signed: SignedReceipt }[] = [
  { title: 'one step', signed: receiptOf([{ deleted: 7 }]) },
  { title: 'nothing found', signed: EMPTY },
  { title: 'everything that can be done', signed: mixedReceipt() },
  { title: 'something left', signed: mixedReceipt(17) },
  {
    title: 'sixty places and fifty classes of data that stay',
    signed: receiptOf(
      many(60, (index) => ({ store: `store-${index % 9}`, target: `table_${index}`, deleted: index * 977 })),
      {
        scope: 'account',
        workspaceIds: many(40, (index) => `ws_${index * 7919}`),
        exclusions: many(
          30,
          (index) => `Exclusion ${index}, with enough words to need more than one line here`,
        ),
        retained: many(50, (index) =>
          retained(`Class ${index} of data`, 'a reason that fills a line or two of it'),
        ),
      },
    ),
  },
  {
    title: 'two hundred stores',
    signed: receiptOf(many(200, (index) => ({ store: `store-${index}`, deleted: 1 }))),
  },
  {
    title: 'numbers as large as they get',
    signed: receiptOf([
      { deleted: 12_345_678_901, remaining: 98_765_432_109 },
      { action: 'clear', deleted: 12_345_678_901 },
      { action: 'by_hand', deleted: 12_345_678_901 },
    ]),
  },
  {
    title: 'names and texts without end',
    signed: receiptOf(
      [
        { store: 's'.repeat(300), target: 'W'.repeat(300), deleted: 3 },
        { store: 'Lange Namen mit Leerzeichen '.repeat(10), target: 't', deleted: 4 },
      ],
      {
        ticket: 'PD-999999999999999',
        workspaceIds: ['w'.repeat(250), 'x'.repeat(250)],
        exclusions: ['é'.repeat(300)],
        retained: [retained('W'.repeat(300), 'many words '.repeat(40))],
      },
    ),
  },
  {
    title: 'letters of many scripts, and some of none',
    signed: receiptOf(
      [
        { store: 'Łódź Ελλάδα Москва Việt', target: 'データ 🙂 \ufffd', deleted: 1 },
        { store: 'a\u202eb\u0007\u2028', target: '/JS (app.alert(1)) <script>&amp;', deleted: 2 },
      ],
      { retained: [retained('日本語の説明', '\u0000\u{10ffff}')] },
    ),
  },
];
