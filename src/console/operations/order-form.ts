/** The form of an order: a reason, and for what is dangerous a word that has to be typed. */
import { z } from 'zod';

const REASON_MAX = 500;

export interface OrderFormView {
  readonly reason: string;
  /** Why it was not taken; `null` = it was not tried yet. */
  readonly reasonError: string | null;
  readonly confirmation: string;
  readonly confirmationError: string | null;
}

export const EMPTY_FORM: OrderFormView = {
  reason: '',
  reasonError: null,
  confirmation: '',
  confirmationError: null,
};

export type ReadForm =
  | { readonly kind: 'taken'; readonly reason: string }
  | { readonly kind: 'refused'; readonly form: OrderFormView };

const FIELDS = z.object({
  reason: z.string().catch(''),
  confirmation: z.string().max(200).catch(''),
});

/**
 * Reads what was typed.
 * @param confirmation - what has to be typed, regardless of case and blanks around it; `null` = nothing
 */
export function readOrderForm(body: unknown, confirmation: string | null): ReadForm {
  const typed = FIELDS.parse(typeof body === 'object' && body !== null ? body : {});
  const reason = typed.reason.trim();
  const reasonError = whyNotReason(reason);
  const isConfirmed = confirmation === null || plainly(typed.confirmation) === plainly(confirmation);
  if (reasonError === null && isConfirmed) return { kind: 'taken', reason };
  return {
    kind: 'refused',
    form: {
      reason: reason.slice(0, REASON_MAX * 2),
      reasonError,
      confirmation: typed.confirmation,
      confirmationError: isConfirmed ? null : `Type ${confirmation ?? ''} to go on.`,
    },
  };
}

function whyNotReason(reason: string): string | null {
  if (reason === '') return 'Say why in a few words: it is kept with the order.';
  if (reason.length > REASON_MAX) return `A reason has at most ${REASON_MAX} characters.`;
  // It stands in lists of one line, on terminals too.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(reason)) return 'One line of plain text, please.';
  return null;
}

const plainly = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase();
