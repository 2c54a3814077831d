import { instantInWords } from '../domain/words.ts';
import type { ChallengeView } from './ports.ts';
import { type NoticeView, noticeView } from './views.ts';

/** The same for a link that never was, a wrong address and a page that one may not see: nothing tells them apart. */
export const NOT_FOUND = noticeView('There is nothing here', [
  'The address may be incomplete, too old, or replaced by a newer one.',
  'If it came with one of our mails, please open the newest mail of that conversation and use the link in it, or simply reply to the mail. Opening this page has changed nothing.',
]);

export const RUNNING = noticeView('The desk is running', [
  'This is a desk for data-deletion requests. It works by mail: there is nothing to do on this page.',
]);

export const TOO_MANY = noticeView('Too many tries in a short time', [
  'Please wait a minute, then open the link from our mail again.',
  'This try was not counted, and nothing was confirmed.',
]);

export const FOREIGN_FORM = noticeView('Please start from our mail', [
  'The form was sent from another page than ours, so it was not taken. Nothing was confirmed.',
  'Open the link from our mail and type the code there.',
]);

/** For agents. */
export const OLD_FORM = noticeView('Please send that once more', [
  'The form was too old, or was sent from another page than ours, so it was not taken. Nothing was changed.',
  'Go back, reload the page and send it again.',
]);

export const UNREADABLE = noticeView('We could not read that', [
  'What your browser sent was not what our page asks for, so nothing was done.',
  'Please open the link from our mail again and type the six digits there.',
]);

export const FAULT = noticeView('Something went wrong on our side', [
  'We are sorry. Please try again in a few minutes.',
  'If you have just typed a code, open the link from our mail again: the page says whether the code was taken. You can also simply reply to the mail.',
]);

type Closed = Exclude<ChallengeView['state'], 'open' | 'answered'>;

/** What the page behind the link of a doubtful cancel says once it takes no more codes. */
export function closedCancelNotice(state: Closed, expiresAt: string): NoticeView {
  switch (state) {
    case 'expired':
      return noticeView('This code has expired', [
        `It was valid until ${instantInWords(expiresAt)}. Nothing was changed with it.`,
        'If the deletion is still on hold, our team decides about it. To say what should happen, simply reply to our mail.',
      ]);
    case 'locked':
      return noticeView('Too many wrong codes', [
        'This link takes no more codes, so that nobody can guess one. Nothing was changed with it: the deletion stays on hold, and our team decides about it.',
        'To say what should happen, simply reply to our mail.',
      ]);
    case 'voided':
      return noticeView('This link no longer counts', [
        'The request was changed after we sent this link, so its code decides nothing any more.',
        'If there is a newer mail from us, please use the link in that one. To hear where the request stands, reply “status” to any of our mails.',
      ]);
  }
}

/** What the page behind a link says once it takes no more codes. */
export function closedNotice(state: Closed, expiresAt: string): NoticeView {
  switch (state) {
    case 'expired':
      return noticeView('This code has expired', [
        `It was valid until ${instantInWords(expiresAt)}. Nothing was confirmed with it, and nothing is deleted because of it.`,
        'If you still want the deletion, please write to us again, or simply reply to our mail.',
      ]);
    case 'locked':
      return noticeView('Too many wrong codes', [
        'This link takes no more codes, so that nobody can guess one. Nothing was confirmed with it, and nothing is deleted because of it.',
        'If you still want the deletion, please write to us again, or simply reply to our mail.',
        'If it was not you who typed codes here, reply “cancel” to our mail.',
      ]);
    case 'voided':
      return noticeView('This link no longer counts', [
        'The request was changed or cancelled after we sent this link. Its code confirms nothing any more, and nothing is deleted because of it.',
        'If there is a newer mail from us, please use the link in that one. To hear where your request stands, reply “status” to any of our mails.',
      ]);
  }
}
