/** Subjects on lists: somebody may have written a code into one. */
import { hideCodes, hideLinks } from '../../domain/secret-words.ts';

/** Whether any code that went out can still be used; one look for a whole statement. */
export const CODES_OPEN = `exists (select from challenges c where c.answered_at is null and c.voided_at is null
  and c.tries_left > 0 and c.expires_at > desk_now())`;

export interface MayHoldCode {
  readonly subject: string | null;
  readonly codes_open: boolean;
}

/** Without links and, while a code can be used, without what may be one. */
export const shieldedSubject = <Row extends MayHoldCode>(row: Row): Row => ({
  ...row,
  subject:
    row.subject === null ? null : row.codes_open ? hideCodes(hideLinks(row.subject)) : hideLinks(row.subject),
});
