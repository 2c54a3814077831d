import type { FastifyReply } from 'fastify';
import type { Site } from '../areas.ts';
import { page } from '../pages.ts';
import type { WordsView } from './view.ts';

const WORDS = page<WordsView>('access/words');

/** A page that says something and may lead on. */
export const showWords = (
  site: Site,
  reply: FastifyReply,
  said: Omit<WordsView, 'page'>,
  status: number,
): FastifyReply => site.showPublic(reply, WORDS, { page: { title: said.heading }, ...said }, status);

export const refuseForeign = (site: Site, reply: FastifyReply): FastifyReply =>
  showWords(
    site,
    reply,
    {
      heading: 'Please start from our page',
      paragraphs: [
        'The form was sent from another page than ours, so it was not taken. Nothing was changed.',
      ],
      href: `${site.base}/sign-in`,
      label: 'To the sign-in',
    },
    403,
  );

/** "40 seconds", "5 minutes". */
export function waitInWords(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? 'a second' : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}
