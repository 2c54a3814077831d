import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createTransport } from 'nodemailer';
import type { Zone } from '../src/sandbox/dns-server.ts';

export interface Batch {
  readonly raws: readonly Buffer[];
  readonly senders: readonly string[];
  readonly zone: Zone;
}

const DOMAIN = 'customers.example';

/** Distinct DKIM-signed deletion requests of many senders, each about its own workspace, about 4 KB each. */
export async function signedMails(count: number, senders: number, now: Date): Promise<Batch> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const dkim = {
    domainName: DOMAIN,
    keySelector: 'bench',
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  const addresses = Array.from({ length: senders }, (_, index) => `owner${index}@${DOMAIN}`);
  const raws: Buffer[] = [];
  for (let index = 0; index < count; index += 1) {
    const sender = index % senders;
    const text = requestText(sender, index);
    const sent = await transport.sendMail({
      from: addresses[sender] ?? '',
      to: 'privacy@desk.example',
      subject: `Data deletion request ${index}`,
      text,
      html: `<p>${text.replaceAll('\n', '<br>')}</p>`,
      date: now,
      messageId: `<${randomUUID()}@${DOMAIN}>`,
      dkim,
    });
    raws.push(sent.message as unknown as Buffer);
  }
  const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return {
    raws,
    senders: addresses,
    zone: {
      records: {
        [`bench._domainkey.${DOMAIN}`]: { TXT: [`v=DKIM1; k=rsa; p=${key}`.match(/.{1,255}/g) ?? []] },
        [`_dmarc.${DOMAIN}`]: { TXT: [['v=DMARC1; p=reject']] },
      },
    },
  };
}

const PADDING = 'We have looked into this with our data protection officer and kept a note of it. '.repeat(
  12,
);

/** Each asks for other days, so that no request repeats an open one. */
function requestText(sender: number, index: number): string {
  const day = new Date(Date.UTC(2024, 0, 1 + Math.floor(index / 200))).toISOString().slice(0, 10);
  return `Hello,\n\nplease delete this:\n\nWorkspace slug: bench-${sender}\nSource: Website Prod\nTime frame: ${day} to ${day}\n\n${PADDING}\n\nThank you`;
}
