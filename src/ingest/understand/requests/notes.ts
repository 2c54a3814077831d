import { PROBLEMS } from '../../../domain/request.ts';

/** Why something that the mail says was not taken as it stands. */
export const WHYS = [
  'unsure',
  'hidden_signs',
  'detour',
  'unread_correction',
  'alternative',
  'later',
  'kept_part',
  'days_not_possible',
  'inside',
  'more_unread',
  'too_much',
  'two_bodies',
  'excluded',
  'denied',
  'corrected',
  'spared',
  'other_object',
  'part_of_account',
  'several_workspaces',
  'no_slug',
  'unnamed',
  'question',
  'told',
  'orders',
  'aside',
  'other_intent',
  'in_doubt',
  'several_codes',
  'code_unused',
  'other_day',
  'unclear_days',
  'unclear',
  ...PROBLEMS,
] as const;
export type Why = (typeof WHYS)[number];

/** A place in the text that was read, and the rule that kept it from being taken. */
export interface Note {
  readonly why: Why;
  readonly start: number;
  readonly end: number;
}

export const noted = (why: Why, { start, end }: { readonly start: number; readonly end: number }): Note => ({
  why,
  start,
  end,
});
