/** Everything else that a mailbox gets: small talk, machines, forgers, and mails that no program should open. */
import { smallTalk, unreadable } from '../../flow/letters.ts';
import type { Random } from '../random.ts';
import type { Post } from './post.ts';
import type { Home } from './town.ts';
import { WISHES } from './town.ts';

/** Writes one of them. */
export async function disturb(post: Post, town: readonly Home[], random: Random): Promise<void> {
  const home = random.pick(town);
  const number = post.book.length;
  const asks = `Hello,\n\nplease delete this data:\n\n${WISHES.source(home, number).text}\n\nThank you`;
  switch (random.pick(KINDS)) {
    case 'noise':
      await post.put('noise', smallTalk(number));
      return;
    case 'poison':
      await post.put('poison', renamed(unreadable(), number));
      return;
    case 'automatic':
      await post.write({
        kind: 'automatic',
        from: home.people[0]?.address ?? '',
        subject: 'Out of office',
        text: `I am away until Monday.\n\n${asks}`,
        headers: { 'Auto-Submitted': 'auto-replied' },
      });
      return;
    case 'forged':
      await post.write({
        kind: 'forged',
        from: home.people[0]?.address ?? '',
        forgedBy: 'mallory@freemail.example',
        subject: 'Data deletion request',
        text: asks,
      });
      return;
    case 'stranger':
      await post.write({
        kind: 'stranger',
        from: `mallory.${number}@freemail.example`,
        subject: 'Data deletion request',
        text: asks,
      });
      return;
    case 'copy':
      await post.again(random);
  }
}

const KINDS = ['noise', 'noise', 'noise', 'poison', 'automatic', 'forged', 'stranger', 'copy'] as const;

const renamed = (raw: Buffer, number: number): Buffer =>
  Buffer.from(raw.toString('latin1').replace('<poison@', `<poison-${number}@`), 'latin1');
