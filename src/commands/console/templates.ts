/** Joins the pages about templates with the templates themselves and the mail server. */
import { randomUUID } from 'node:crypto';
import type { Area } from '../../console/areas.ts';
import { rateLimit } from '../../console/rate-limit.ts';
import { templatesArea } from '../../console/templates/area.ts';
import type { Sample } from '../../console/templates/ports.ts';
import { addressHash } from '../../domain/canonical.ts';
import { isPlainAddress } from '../../domain/directory.ts';
import { outgoingMessageId } from '../../reply/message.ts';
import { sampleFacts, testFacts } from '../../reply/samples.ts';
import type { Desk } from '../desk.ts';
import type { MailPreviews } from './mail-preview.ts';

const TESTS_MAX = 5;
const TESTS_WINDOW_MS = 10 * 60_000;

export function templatesOf(desk: Desk, previews: MailPreviews): Area {
  const { db, environment } = desk;
  const limit = rateLimit({
    takesMax: TESTS_MAX,
    windowMs: TESTS_WINDOW_MS,
    addressesMax: 1_000,
    nowMs: () => performance.now(),
  });
  const factsOf = ({ template, scope, locale }: Sample) => sampleFacts(template, scope, locale);
  return templatesArea({
    languages: [...previews.templates.values()].map(({ language, compiled }) => ({
      tag: language,
      name: NAMES.of(language) ?? language,
      templates: [...compiled.keys()],
    })),
    rendered: (sample) => previews.rendered(factsOf(sample)),
    source: (sample) =>
      previews.source(factsOf(sample), {
        to: environment.desk.address,
        messageId: null,
        inReplyTo: null,
        references: [],
      }),
    addressOf: async (agentId) => {
      const row = await db('agents')
        .where({ id: agentId })
        .first<{ email: string | null } | undefined>('email');
      const email = row?.email ?? null;
      return email !== null && isPlainAddress(email) ? email : null;
    },
    waitSeconds: (agentId) => limit.take(String(agentId)),
    sendTest: async ({ template, scope, locale }, to) => {
      const facts = testFacts(template, scope, locale);
      // Of no row: a bounce of it says nothing about anybody.
      const messageId = outgoingMessageId(
        desk.tickets.key,
        { tag: null, outboxId: randomUUID(), template },
        environment.desk.address.slice(environment.desk.address.lastIndexOf('@') + 1),
      );
      const result = await desk.outbox.deliver({
        id: 0,
        facts,
        recipient: to,
        recipient_hash: addressHash(desk.tickets.key, to),
        in_reply_to: null,
        reference_ids: [],
        cause_message_id: null,
        ticket_ids: [],
        attempts: 1,
        message_id_header: messageId,
        mailbox: null,
      });
      return result.kind;
    },
  });
}

const NAMES = new Intl.DisplayNames(['en'], { type: 'language' });
