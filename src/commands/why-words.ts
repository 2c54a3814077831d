import type { LeftOutWhy } from '../ingest/understand/left-out.ts';
import type { Why } from '../ingest/understand/notes.ts';

/** Why something that a mail says was not taken, for the one who runs the desk. */
export const WHY_WORDS: Readonly<Record<Why, string>> = {
  unsure: 'the writer is not sure, or sets a condition',
  detour: 'another act stands between the plea and the deletion',
  unread_correction: 'corrects something, and it cannot be read what',
  alternative: 'one thing or another: the writer has to choose',
  later: 'is wanted on a later day, not now',
  too_much: 'the mail is longer or names more than is read',
  two_bodies: 'the text and the HTML of the mail ask for different things',
  hidden_signs: 'holds signs that cannot be seen',
  excluded: 'an exception is made that cannot be told apart',
  denied: 'the writer says that it is not this one',
  corrected: 'the writer corrects it later',
  spared: 'is not to be deleted',
  other_object: 'asks for something else than what is named',
  part_of_account: 'is about a part of the account only',
  several_workspaces: 'several workspaces are named, and it is not clear which one is meant',
  no_slug: 'is a name, and neither the slug nor the ID of a workspace',
  question: 'is only asked about, or depends on a condition',
  told: 'is only told of, not asked for',
  orders: 'gives orders to the reader; such words are only text',
  aside: 'is said by the way, about something else',
  other_intent: 'the mail as a whole does not ask for a deletion',
  in_doubt: 'is asked back, because the mail leaves a doubt (see above)',
  several_codes: 'more than one code is given',
  code_unused: 'the mail does more, or less, than to confirm by a code',
  other_day: 'is a day, but not one that bounds the data',
  unclear_days: 'the days of the data cannot be told for certain',
  unclear: 'it is not clear what part it plays',
  finer_than_day: 'is finer than a day',
  ambiguous_date: 'can be read as day/month or as month/day',
  reversed_range: 'ends before it begins',
  in_future: 'lies in the future',
  too_many_clauses: 'names more than five events and properties',
};

export const LEFT_OUT_WORDS: Readonly<Record<LeftOutWhy, string>> = {
  quote: 'an older mail, quoted',
  forward: 'a mail that is passed on',
  disclaimer: 'a disclaimer',
  furniture: 'a signature, banner or footer',
  unread: 'not read: behind the bounds',
};
