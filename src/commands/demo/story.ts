import type { TicketId } from '../../domain/ids.ts';
import { referenceOf } from '../../domain/ids.ts';
import { codeIn } from './customer.ts';
import type { ReceivedMail } from './news.ts';
import type { Letter, Outcome, RowSelection, Stage, Telling } from './stage.ts';
import { DemoStuck } from './wait.ts';

export interface Story {
  readonly title: string;
  readonly intro: string;
  /** The rows that are gone when the story has ended; everything else must stay as it is. */
  readonly deletes: readonly RowSelection[];
  play(stage: Stage): Promise<void>;
}

/** Writes, and names the only ticket that this opens. @throws DemoStuck when there is none */
export async function ask(stage: Stage, letter: Letter): Promise<{ outcome: Outcome; ticket: TicketId }> {
  const outcome = await stage.write(letter);
  const [ticket] = outcome.opened;
  if (ticket === undefined) throw new DemoStuck(`the mail of ${letter.from} opened no ticket`);
  return { outcome, ticket };
}

/** Reads the code in the mailbox and replies with it. */
export function confirm(stage: Stage, from: Letter['from'], request: ReceivedMail): Promise<Outcome> {
  return stage.write({ from, answers: request, text: `The code is ${codeIn(request)}.` });
}

/** Whether a person got a mail of this kind. */
export const gotMail = (outcome: Pick<Outcome, 'mails'>, template: string, address: string): boolean =>
  outcome.mails.some((mail) => mail.template === template && mail.address === address);

/** From the grace to the end: the reminder, midnight, the purge, and what is left of the rows. */
export async function waitAndPurge(
  stage: Stage,
  ticket: TicketId,
  what: {
    readonly name: string;
    readonly rows: RowSelection;
    readonly before: number;
    readonly telling?: Telling;
  },
): Promise<void> {
  const { checks } = stage;
  const reference = referenceOf(ticket);
  await remind(stage, ticket);
  const end = await stage.moveClock(`the grace of ${reference} ends`, { ticket }, what.telling);
  const left = await stage.countRows('and now', what.rows);
  const standing = await stage.standing(ticket);
  checks.equals(`${what.name}: ${reference} is completed`, standing.state, 'completed');
  checks.holds(`${what.name}: there were rows to delete`, what.before > 0, 'no row was selected');
  checks.equals(`${what.name}: none of the selected rows is left`, left, 0);
  checks.equals(
    `${what.name}: the receipt counts the very rows that were there`,
    standing.receipt?.receipt.deletedTotal ?? null,
    what.before,
  );
  checks.holds(
    `${what.name}: the confirmation was sent`,
    end.mails.some((mail) => mail.template === 'completed'),
    'no mail says that it is done',
  );
}

/** To the day before the end of the grace, on which everyone in charge hears of it once more. */
export async function remind(stage: Stage, ticket: TicketId): Promise<void> {
  await stage.moveClock(`the last day of the grace of ${referenceOf(ticket)} begins`, { ticket });
}
