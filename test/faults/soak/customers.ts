/** What customers do: they ask, answer with the code or with a wrong one, change their minds, or never come back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { codeIn, type ReceivedMail } from '../../flow/received-mail.ts';
import type { Scene } from '../../flow/scene.ts';
import type { Random } from '../random.ts';
import type { Post } from './post.ts';
import { type Errand, errandsOf, type Home } from './town.ts';

/** What somebody means to do about a request of theirs. */
export type Intention =
  | 'confirm'
  | 'stumble'
  | 'ignore'
  | 'cancel at once'
  | 'cancel in grace'
  | 'ask how it goes';

export interface Request extends Errand {
  readonly messageId: string;
  readonly intention: Intention;
  /** A mail with the right code was written. */
  confirmed: boolean;
  cancelled: boolean;
}

export interface Customers {
  readonly requests: ReadonlyMap<string, Request>;
  /** Somebody begins with what nobody has asked for yet. @returns `false` when nothing is left */
  ask(): Promise<boolean>;
  /** Reads what has come since and does what follows from it. @returns how many mails were read */
  read(): Promise<number>;
}

const INTENTIONS: readonly Intention[] = [
  ...Array.from({ length: 10 }, () => 'confirm' as const),
  'stumble',
  'stumble',
  'ignore',
  'ignore',
  'cancel at once',
  'cancel in grace',
  'cancel in grace',
  'ask how it goes',
  'ask how it goes',
];

/** Answers come some seconds after the mail that they answer. */
const THINKING_MS = 4_000;

export function settleCustomers(scene: Scene, post: Post, town: readonly Home[], random: Random): Customers {
  const requests = new Map<string, Request>();
  const seen = new Set<string>();
  const errands = shuffled(errandsOf(town), random);
  let read = 0;
  const answer = async (mail: ReceivedMail, request: Request, kind: 'code' | 'wrong code', code: string) => {
    await post.write({
      kind,
      from: request.by.address,
      name: request.by.name,
      subject: '',
      text: `Hello,\n\nthe code is ${code}\n`,
      answers: mail,
    });
    if (kind === 'code') request.confirmed = true;
  };
  const say = (mail: ReceivedMail, request: Request, kind: 'cancel' | 'status', text: string) =>
    post.write({
      kind,
      from: request.by.address,
      name: request.by.name,
      subject: '',
      text: `Hello,\n\n${text}\n`,
      answers: mail,
    });
  const react = async (mail: ReceivedMail) => {
    if (seen.has(mail.messageId)) return; // repeated after an unknown outcome
    seen.add(mail.messageId);
    const request = requests.get(threadOf(mail, requests) ?? '');
    if (request === undefined || mail.recipient !== request.by.address) return;
    await sleep(random.wait(THINKING_MS));
    const { intention } = request;
    if (mail.template === 'verify_request' && !request.confirmed && !request.cancelled) {
      const code = codeIn(mail);
      if (intention === 'ignore') return;
      if (intention === 'cancel at once') {
        await say(mail, request, 'cancel', 'Please cancel this request, we still need the data.');
        request.cancelled = true;
        return;
      }
      if (intention === 'stumble') await answer(mail, request, 'wrong code', otherThan(code));
      await answer(mail, request, 'code', code);
    } else if (mail.template === 'grace_started' && intention === 'cancel in grace' && !request.cancelled) {
      await say(mail, request, 'cancel', 'Please cancel this request, we still need the data.');
      request.cancelled = true;
    } else if (mail.template === 'grace_started' && intention === 'ask how it goes') {
      await say(mail, request, 'status', 'What is the status of this request?');
    }
  };
  return {
    requests,
    ask: async () => {
      const errand = errands.pop();
      if (errand === undefined) return false;
      const { by, wish } = errand;
      const messageId = await post.write({
        kind: 'request',
        from: by.address,
        name: by.name,
        subject: 'Data deletion request',
        text: `Hello,\n\nplease delete this data:\n\n${wish.text}\n\nThank you`,
      });
      requests.set(messageId, {
        ...errand,
        messageId,
        intention: random.pick(INTENTIONS),
        confirmed: false,
        cancelled: false,
      });
      return true;
    },
    read: async () => {
      const news = scene.delivered.slice(read);
      read = scene.delivered.length;
      await Promise.all(news.map(react));
      return news.length;
    },
  };
}

function shuffled(errands: readonly Errand[], random: Random): Errand[] {
  return errands
    .map((errand) => ({ errand, order: random.next() }))
    .sort((one, other) => one.order - other.order)
    .map(({ errand }) => errand);
}

/** The request in whose thread a mail of the desk stands. */
function threadOf(mail: ReceivedMail, requests: ReadonlyMap<string, Request>): string | undefined {
  const ids = /^References:((?:.*\r\n)(?:[ \t].*\r\n)*)/im.exec(mail.raw.toString('latin1'))?.[1] ?? '';
  return [...(ids.match(/<[^>]+>/g) ?? []), mail.inReplyTo ?? ''].find((id) => requests.has(id));
}

const otherThan = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0');
