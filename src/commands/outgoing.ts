/** The sending half of the desk: which mailbox a mail leaves through, and what it looks like there. */
import type { EnvelopeKind } from '../config.ts';
import { keyed } from '../domain/canonical.ts';
import type { DeskIdentity, MailFacts } from '../domain/mail-facts.ts';
import type { certificatesFor } from '../reply/certificate/certificate.ts';
import { loadCertificateFonts } from '../reply/certificate/fonts.ts';
import { type Lane, openLane } from '../reply/lane.ts';
import {
  bounceAddress,
  composeMessage,
  type OutgoingMessage,
  outgoingMessageId,
  receiptsOf,
  replyAddress,
} from '../reply/message.ts';
import type { ClaimedMail, OutboxDeps } from '../reply/outbox.ts';
import { certificateTongue, render } from '../reply/render.ts';
import { type MailTransport, openTransport, type SendResult } from '../reply/smtp.ts';
import { statusTokenOf } from '../tickets/status-links.ts';
import { codeOf, linkTokenOf } from '../verify/challenge.ts';
import type { Environment } from './environment.ts';
import { mailTemplates } from './mail-templates.ts';
import type { DeskMailbox } from './mailboxes.ts';

/** To each server. */
const SMTP_CONNECTIONS = 4;

export interface Outgoing extends Pick<OutboxDeps, 'messageIdOf' | 'deliver' | 'lanes'> {
  close(): void;
}

/** What a mail shows of the mailbox that it leaves through; the first one's for a mailbox that is no more. */
export const identityOf = (
  { mailboxes, desk }: Pick<Environment, 'mailboxes' | 'desk'>,
  mailbox: string | null,
): DeskIdentity => mailboxes.find(({ name }) => name === mailbox)?.desk ?? desk;

/** Every address that is ours, the first mailbox's first. */
export const addressesOf = ({
  desk,
  mailboxes,
}: Pick<Environment, 'desk' | 'mailboxes'>): readonly string[] => [
  ...new Set([desk.address, ...mailboxes.map((mailbox) => mailbox.desk.address)]),
];

/** Tells our own mails from those of another desk that runs the same program. */
export const instanceId = ({ key, desk }: Pick<Environment, 'key' | 'desk'>): string =>
  keyed(key, 'instance', desk.address).toString('hex').slice(0, 24);

export function openOutgoing(environment: Environment, log: OutboxDeps['log']): Outgoing {
  const { key, mailboxes } = environment;
  const servers = serversOf(mailboxes);
  const [main] = servers;
  const ways = new Map(
    servers.flatMap(({ transport, boxes }) => boxes.map((box) => [box.name, { transport, box }])),
  );
  const [missed, plain] = [new Set<string>(), new Set<string>()];
  const wayOf = (mailbox: string | null): Way | undefined => {
    const found = mailbox === null ? undefined : ways.get(mailbox);
    if (found !== undefined || main === undefined) return found;
    if (mailbox !== null && !missed.has(mailbox)) {
      missed.add(mailbox);
      log('warn', 'a mailbox is no more in the configuration; its mails leave through the first one', {
        mailbox,
      });
    }
    const [box] = main.boxes;
    return { transport: main.transport, box };
  };
  const compose = composer(environment);
  return {
    lanes: servers.map(({ lane }) => lane),
    messageIdOf: ({ id, facts, mailbox }) =>
      outgoingMessageId(
        key,
        { tag: facts.tag, outboxId: String(id), template: facts.template },
        domainOf(identityOf(environment, mailbox)),
      ),
    async deliver(mail) {
      const way = wayOf(mail.mailbox);
      if (way === undefined) return { kind: 'later', code: null, reason: 'closed' };
      const certify = await certifierFor(mail.facts);
      return send(way, plain, (envelope) => compose(mail, way.box.desk, envelope, certify), log);
    },
    close() {
      for (const { transport } of servers) transport.close();
    },
  };
}

interface Way {
  readonly transport: MailTransport;
  readonly box: DeskMailbox;
}

interface Server {
  readonly transport: MailTransport;
  readonly lane: Lane;
  readonly boxes: readonly [DeskMailbox, ...DeskMailbox[]];
}

/** Mailboxes that log in alike share connections, and a lane. The first one's server takes what no other does. */
function serversOf(mailboxes: readonly DeskMailbox[]): readonly Server[] {
  const groups = [...Map.groupBy(mailboxes, ({ smtp }) => keyOf(smtp)).values()];
  return groups.flatMap((boxes, index) => {
    const [first, ...others] = boxes;
    if (first === undefined) return [];
    const elsewhere = mailboxes.filter((box) => !boxes.includes(box));
    const takes =
      index === 0
        ? { kind: 'all_but' as const, mailboxes: elsewhere.map(({ name }) => name) }
        : { kind: 'only' as const, mailboxes: boxes.map(({ name }) => name) };
    return [
      {
        transport: openTransport(first.smtp, { connectionsMax: SMTP_CONNECTIONS }),
        lane: openLane(takes, { connections: SMTP_CONNECTIONS, now: () => performance.now() }),
        boxes: [first, ...others] as const,
      },
    ];
  });
}

const keyOf = ({ host, port, login }: DeskMailbox['smtp']): string =>
  JSON.stringify([host, port, login?.user ?? null]);

/**
 * A server that lets an account send under its own address may not know its subaddresses: then bounces go to the address.
 * @param plain - names of the mailboxes of which that is known; this adds to them
 */
async function send(
  { transport, box }: Way,
  plain: Set<string>,
  compose: (envelope: EnvelopeKind) => OutgoingMessage,
  log: OutboxDeps['log'],
): Promise<SendResult> {
  const wanted = box.envelope === 'verp' && plain.has(box.name) ? 'address' : box.envelope;
  const result = await transport.send(compose(wanted));
  if (wanted !== 'verp' || !isAboutSender(result)) return result;
  const second = await transport.send(compose('address'));
  // A server that takes neither says nothing of subaddresses; an account that is let in again keeps them.
  if (second.kind !== 'sent' || plain.has(box.name)) return second;
  plain.add(box.name);
  log('warn', 'the server takes no subaddress as envelope sender; bounces go to the address itself', {
    mailbox: box.name,
  });
  return second;
}

const isAboutSender = (result: SendResult): boolean => result.kind === 'later' && result.reason === 'sender';

const domainOf = ({ address }: DeskIdentity): string => address.slice(address.lastIndexOf('@') + 1);

type Certify = typeof certificatesFor;

/** What draws certificates takes some ten megabytes: it is loaded for the first mail that has one. */
const certifierFor = async (facts: MailFacts): Promise<Certify> =>
  receiptsOf(facts).length === 0
    ? () => new Map()
    : (await import('../reply/certificate/certificate.ts')).certificatesFor;

/** Each mail as it goes over the line. Secrets are derived here and never stored. */
function composer(environment: Environment) {
  const { key } = environment;
  const templates = mailTemplates();
  const fonts = loadCertificateFonts();
  return (
    mail: ClaimedMail,
    desk: DeskIdentity,
    envelope: EnvelopeKind,
    certify: Certify,
  ): OutgoingMessage => {
    const { challenge, statusLink } = mail.facts;
    const rendered = render(templates, mail.facts, desk, {
      code: challenge === null ? null : codeOf(key, challenge.id),
      link: challenge === null ? null : `${desk.publicUrl}/c/${linkTokenOf(key, challenge.id)}`,
      status: statusLink === undefined ? null : `${desk.publicUrl}/s/${statusTokenOf(key, statusLink.id)}`,
    });
    return composeMessage({
      facts: mail.facts,
      rendered,
      certificates: certify(mail.facts, desk, certificateTongue(templates, rendered.language), fonts),
      desk,
      messageId: mail.message_id_header,
      inReplyTo: mail.in_reply_to,
      references: mail.reference_ids,
      to: mail.recipient,
      instanceId: instanceId(environment),
      returnPath: {
        verp: bounceAddress(key, mail.id, desk.address),
        address: desk.address,
        null: null,
      }[envelope],
      // An answer to a sample must not find its way to the ticket whose reference the sample borrows.
      ...(mail.facts.tag === null || mail.facts.test === true
        ? {}
        : { replyTo: replyAddress(key, mail.facts.tag, desk.address) }),
    });
  };
}
