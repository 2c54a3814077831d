import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Site } from '../areas.ts';
import { rateLimit } from '../rate-limit.ts';
import { codeOf } from '../routes/route.ts';
import { browserInWords } from './browser-words.ts';
import { clearHandover, HANDOVER_SECONDS, handoverCookie, setHandover, setSession } from './cookies.ts';
import { localPath } from './next.ts';
import type { ProviderPort, SignInPorts } from './ports.ts';
import { openProvider } from './provider.ts';
import { seal, unseal } from './sealed.ts';
import { endSession } from './sessions.ts';
import { signInVouched } from './subjects.ts';
import { showWords } from './words.ts';

const LIMIT = { takesMax: 30, windowMs: 60_000, addressesMax: 10_000 };

/** Out to the provider and back. Between the two, what has to come back is in a sealed cookie and nowhere else. */
export function providerRoutes(
  app: FastifyInstance,
  site: Site,
  ports: SignInPorts & { readonly provider: ProviderPort },
): void {
  const { db, key } = ports;
  const provider = openProvider(ports.provider);
  const callback = `${site.origin}${site.base}/sign-in/callback`;
  const tries = rateLimit({ ...LIMIT, nowMs: () => performance.now() });
  const say = (reply: FastifyReply, words: Words, status: number) =>
    showWords(site, reply, { ...words, href: `${site.base}/sign-in`, label: 'To the sign-in' }, status);

  app.get<{ Querystring: { readonly next?: unknown } }>(
    '/sign-in/provider',
    { config: { access: 'public' } },
    async (request, reply) => {
      if (tries.take(request.ip) > 0) return say(reply, TOO_MANY, 429);
      const begun = await provider.begin(callback).catch((error: unknown) => {
        site.log('error', 'the sign-in provider cannot be used', codeOf(error));
        return null;
      });
      if (begun === null) return say(reply, AWAY, 502);
      const kept = { ...begun.handover, next: localPath(request.query.next), at: Date.now() };
      const sealed = seal(key, HANDOVER, '', Buffer.from(JSON.stringify(kept)));
      return setHandover(reply, site, sealed.toString('base64url')).redirect(begun.url, 303);
    },
  );

  app.get('/sign-in/callback', { config: { access: 'public' } }, async (request, reply) => {
    const kept = readKept(key, request.cookies[handoverCookie(site)]);
    if (kept === null) return say(reply, TOO_LATE, 422);
    // Whatever comes of it, it counts once.
    clearHandover(reply, site);
    if (tries.take(request.ip) > 0) return say(reply, TOO_MANY, 429);
    const query = new URL(request.url, site.origin).search;
    const vouched = await provider.finish(new URL(`${callback}${query}`), kept).catch((error: unknown) => {
      site.log('warn', 'what the sign-in provider sent was not right', codeOf(error));
      return null;
    });
    if (vouched === null) return say(reply, NOT_RIGHT, 422);
    const token = await signInVouched(db, vouched, browserInWords(request.headers['user-agent']));
    if (token === null) {
      site.log('warn', 'a sign-in was refused', {});
      return say(reply, NOBODY, 403);
    }
    if (request.sessionToken !== null) await endSession(db, request.sessionToken);
    return setSession(reply, site, token).redirect(`${site.base}${kept.next}`, 303);
  });
}

const HANDOVER = 'provider handover';
const KEPT = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  next: z.string().transform(localPath),
  at: z.number(),
});

function readKept(key: Uint8Array, cookie: string | undefined): z.output<typeof KEPT> | null {
  const opened = unseal(key, HANDOVER, '', Buffer.from((cookie ?? '').slice(0, 4_096), 'base64url'));
  if (opened === null) return null;
  const kept = KEPT.parse(JSON.parse(opened.toString()));
  return Date.now() - kept.at < HANDOVER_SECONDS * 1_000 ? kept : null;
}

interface Words {
  readonly heading: string;
  readonly paragraphs: readonly string[];
}

const TOO_MANY: Words = { heading: 'Too many tries in a short time', paragraphs: ['Please wait a minute.'] };
const AWAY: Words = {
  heading: 'The sign-in provider cannot be used now',
  paragraphs: ['Please try again in a few minutes, or sign in with password and code if you have them.'],
};
const TOO_LATE: Words = {
  heading: 'That took too long',
  paragraphs: ['Or it began in another browser. Nothing was changed; please begin again.'],
};
const NOT_RIGHT: Words = {
  heading: 'The provider did not sign you in',
  paragraphs: [
    'You may have stopped there, or what it sent was not right. Nothing was changed; please begin again.',
  ],
};
/** The same for somebody unknown, shut out, bound to another account, and for an address that is not verified. */
const NOBODY: Words = {
  heading: 'Nobody here has that account',
  paragraphs: [
    'The provider knows you, and this desk does not. An admin adds you with the e-mail address that the provider has verified, and can reset your access if you have another account now.',
  ],
};
