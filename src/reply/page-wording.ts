import { z } from 'zod';

/**
 * The words of the page behind the link that every mail has. What the mails say already (what is deleted, how it
 * stands, why it is too late) is said in the words of the mails.
 */
export const pageWords = (text: (...values: readonly string[]) => z.ZodType<string>) =>
  z.strictObject({
    /** Leads to the page, in a mail. */
    link: text(),
    title: text(),
    titleOfSeveral: text(),
    asked: text(),
    stands: text(),
    progress: z.strictObject({
      heading: text(),
      asked: text(),
      confirmed: text(),
      waiting: text(),
      deleting: text(),
      done: text(),
      /** For those who do not see which steps are behind: each follows the step's name. */
      isDone: text(),
      isNow: text(),
      isAhead: text(),
    }),
    dates: z.strictObject({
      heading: text(),
      asked: text(),
      confirmed: text(),
      /** Until then nothing is deleted, and a cancel counts. */
      waiting: text(),
      started: text(),
      due: text(),
      closed: text(),
    }),
    cancel: z.strictObject({
      heading: text(),
      until: text('until'),
      open: text(),
      button: text(),
      tooLate: text(),
    }),
    sure: z.strictObject({
      heading: text(),
      lead: text(),
      label: text('reference'),
      hint: text(),
      button: text(),
      back: text(),
      mistyped: text('reference'),
    }),
    proof: z.strictObject({
      heading: text(),
      receipt: text(),
      certificate: text(),
      check: text(),
    }),
    /** Until when the link works, and what it is for. */
    valid: text('until'),
    questions: text(),
    gone: z.strictObject({
      heading: text(),
      lead: text(),
      button: text(),
      hint: text(),
      sentHeading: text(),
      sent: text(),
    }),
    busy: text(),
    foreign: text(),
  });
