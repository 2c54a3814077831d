import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { dkimSign } from 'mailauth';
import { createTransport } from 'nodemailer';
import type { Zone } from '../src/sandbox/dns-server.ts';

export interface Batch {
  readonly raws: readonly Buffer[];
  readonly senders: readonly string[];
  readonly zone: Zone;
}

/** Writes mails that one name service vouches for. */
export interface MailMaker {
  readonly zone: Zone;
  /** One request to delete, about the sender's own workspace; no two with different numbers ask for the same. */
  make(index: number, sender: number): Promise<{ readonly id: string; readonly raw: Buffer }>;
}

const DOMAIN = 'customers.example';

export const senderAddress = (sender: number): string => `owner${sender}@${DOMAIN}`;

/** Half of the mails are signed with RSA-2048, the others with Ed25519. */
export function mailMaker(now: Date): MailMaker {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const edwards = generateKeyPairSync('ed25519');
  const rsaKey = { selector: 'rsa', algorithm: 'rsa-sha256', privateKey: pem(rsa.privateKey) };
  const keys = [rsaKey, { selector: 'ed', algorithm: 'ed25519-sha256', privateKey: pem(edwards.privateKey) }];
  // Of Ed25519 the record holds the 32 bytes of the key alone (RFC 8463 section 4).
  const records = [
    `v=DKIM1; k=rsa; p=${rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`,
    `v=DKIM1; k=ed25519; p=${edwards.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')}`,
  ];
  return {
    zone: {
      records: {
        ...Object.fromEntries(
          keys.map(({ selector }, at) => [
            `${selector}._domainkey.${DOMAIN}`,
            { TXT: [records[at]?.match(/.{1,255}/g) ?? []] },
          ]),
        ),
        [`_dmarc.${DOMAIN}`]: { TXT: [['v=DMARC1; p=reject']] },
      },
    },
    make: async (index, sender) => {
      const id = `<${index}.${randomUUID()}@${DOMAIN}>`;
      const text = requestText(sender, index);
      const sent = await transport.sendMail({
        from: senderAddress(sender),
        to: 'privacy@desk.example',
        subject: `Data deletion request ${index}`,
        text,
        html: `<p>${text.replaceAll('\n', '<br>')}</p>`,
        date: now,
        messageId: id,
      });
      const unsigned = sent.message as unknown as Buffer;
      const key = keys[index % keys.length] ?? rsaKey;
      const signed = await dkimSign(unsigned, {
        ...key,
        canonicalization: 'relaxed/relaxed',
        signTime: now,
        signingDomain: DOMAIN,
        signatureData: [{ ...key, signingDomain: DOMAIN }],
      });
      if (signed.errors.length > 0) throw signed.errors[0]?.err ?? new Error('a mail could not be signed');
      return { id, raw: Buffer.concat([Buffer.from(signed.signatures), unsigned]) };
    },
  };
}

const pem = (key: ReturnType<typeof generateKeyPairSync>['privateKey']): string =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** Distinct signed deletion requests of many senders, each about its own workspace, about 4 KB each. */
export async function signedMails(count: number, senders: number, now: Date): Promise<Batch> {
  const maker = mailMaker(now);
  const raws: Buffer[] = [];
  for (let index = 0; index < count; index += 1) raws.push((await maker.make(index, index % senders)).raw);
  return {
    raws,
    senders: Array.from({ length: senders }, (_, sender) => senderAddress(sender)),
    zone: maker.zone,
  };
}

const PADDING = 'We have looked into this with our data protection officer and kept a note of it. '.repeat(
  18,
);

/** Each asks for another day, so that no request repeats an open one. */
function requestText(sender: number, index: number): string {
  const day = new Date(Date.UTC(2024, 0, 1 + (index % 700))).toISOString().slice(0, 10);
  return `Hello,\n\nplease delete this:\n\nWorkspace slug: bench-${sender}\nSource: Website Prod\nTime frame: ${day} to ${day}\n\n${PADDING}\n\nThank you`;
}
