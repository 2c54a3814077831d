/** What an agent may send: chosen from lists, and words of their own in plain text. */
import { z } from 'zod';
import { parseReference } from '../../domain/ids.ts';
import { holdsUnprintable } from '../../domain/words.ts';
import { fieldIn } from '../actions/form.ts';
import type { About, Recipient, ReplyPorts, Words } from './ports.ts';

export const WORDS_LENGTH_MAX = 5_000;
/** The template that takes words. */
export const OWN_WORDS = 'agent_reply';

export interface ReplyForm extends Words {
  /** What is wrong, for the one who typed it. */
  readonly errors: { readonly template: string | null; readonly words: string | null };
}

export const isRight = ({ errors }: ReplyForm): boolean => errors.template === null && errors.words === null;

export const emptyForm = ({ locale }: Recipient): ReplyForm => ({
  template: OWN_WORDS,
  locale,
  words: '',
  errors: { template: null, words: null },
});

export function readForm(body: unknown, recipient: Recipient, languages: ReplyPorts['languages']): ReplyForm {
  const template = fieldIn(body, 'template');
  const known = recipient.templates.includes(template);
  const asked = fieldIn(body, 'locale');
  const words = fieldIn(body, 'words').replace(/\r\n?/g, '\n').trim();
  return {
    template: known ? template : OWN_WORDS,
    locale: languages.some(({ tag }) => tag === asked) ? asked : recipient.locale,
    words: holdsUnprintable(words) ? '' : words.slice(0, WORDS_LENGTH_MAX * 2),
    errors: {
      template: known ? null : 'Please choose what to send.',
      words: known ? wordsProblem(template, words) : null,
    },
  };
}

function wordsProblem(template: string, words: string): string | null {
  if (template !== OWN_WORDS)
    return words === ''
      ? null
      : 'This mail goes out as it is, so these words would be lost. Send them as your own, or remove them.';
  if (words === '') return 'Please write something.';
  if (words.length > WORDS_LENGTH_MAX) return `That is ${words.length} characters; ${WORDS_LENGTH_MAX} fit.`;
  return holdsUnprintable(words) ? 'It held signs that cannot be printed. Please type it again.' : null;
}

const ABOUT = z.union([
  z.object({ reference: z.string().transform((text) => parseReference(text)) }),
  z.object({
    id: z
      .string()
      .regex(/^[1-9]\d{0,14}$/)
      .transform(Number),
  }),
]);

/** Which ticket or mail a path is about; `null` = there cannot be one. */
export function readAbout(params: unknown): About | null {
  const read = ABOUT.safeParse(params);
  if (!read.success) return null;
  if ('id' in read.data) return { mail: read.data.id };
  return read.data.reference === null ? null : { ticket: read.data.reference };
}

/** The draft of a path or query; `null` = there cannot be one. */
export function readDraftId(from: unknown): string | null {
  const read = z.object({ draft: z.uuid() }).safeParse(from);
  return read.success ? read.data.draft : null;
}
