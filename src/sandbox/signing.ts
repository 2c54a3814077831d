import { createPrivateKey, createPublicKey, generateKeyPair, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { createTransport, type Transporter } from 'nodemailer';
import type { DataFolder } from './data-folder.ts';
import type { NameRecords, Zone } from './dns-server.ts';

/** What a domain publishes about mail that fails both SPF and DKIM; `none` = no DMARC record at all. */
type DmarcPolicy = 'reject' | 'monitor' | 'none';

export interface MailDomain {
  readonly name: string;
  readonly dmarc: DmarcPolicy;
}

/** Each domain's private DKIM key, PKCS #8 in PEM. */
export type SigningKeys = ReadonlyMap<string, string>;

/** One selector for all domains; the name of a key's TXT record begins with it. */
const DKIM_SELECTOR = 'sandbox';

/** The RSA-2048 keys of `domains`, made at the first start and kept in the data folder. */
export async function keepSigningKeys(
  folder: Pick<DataFolder, 'keep'>,
  domains: readonly MailDomain[],
): Promise<SigningKeys> {
  const entries = domains.map(
    async ({ name }) => [name, await folder.keep(`dkim-${name}.pem`, generateKey)] as const,
  );
  return new Map(await Promise.all(entries));
}

/**
 * What the domains publish: a DKIM key, an SPF record that allows this machine and nobody else, a DMARC policy, and the
 * sandbox's mail server as MX.
 */
export function mailZone(domains: readonly MailDomain[], keys: SigningKeys, mxName: string): Zone {
  const records: Record<string, NameRecords> = { [mxName]: { A: ['127.0.0.1'] } };
  for (const { name, dmarc } of domains) {
    records[name] = {
      A: ['127.0.0.1'],
      MX: [{ exchange: mxName, preference: 10 }],
      TXT: [['v=spf1 ip4:127.0.0.1 -all']],
    };
    const key = keys.get(name);
    if (key !== undefined) records[`${DKIM_SELECTOR}._domainkey.${name}`] = { TXT: [dkimRecord(key)] };
    if (dmarc === 'none') continue;
    const policy = dmarc === 'reject' ? 'reject' : 'none';
    records[`_dmarc.${name}`] = { TXT: [[`v=DMARC1; p=${policy}; adkim=s; aspf=s`]] };
  }
  return { records };
}

export interface CustomerMail {
  /** The From address; its domain's key signs. */
  readonly from: string;
  readonly name?: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  /** The Date header: the desk's clock, which may have been moved. */
  readonly date: Date;
  /** A mail that claims `from` and is somebody else's: signed by nobody, and with this envelope sender. */
  readonly forgedBy?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CustomerTransport {
  /** @returns the mail's Message-ID with its angle brackets */
  send(mail: CustomerMail): Promise<string>;
  close(): void;
}

/** Sends as the sample customers would: by SMTP to `smtpUrl`, DKIM-signed with the key of the sender's domain. */
export function openCustomerTransport(smtpUrl: string, keys: SigningKeys): CustomerTransport {
  const transport = createTransport({ url: smtpUrl, ...TIMEOUTS });
  return { send: (mail) => sendAsCustomer(mail, { transport, keys }), close: () => transport.close() };
}

type Transport = Pick<Transporter, 'sendMail'>;

async function sendAsCustomer(
  mail: CustomerMail,
  { transport, keys }: { readonly transport: Transport; readonly keys: SigningKeys },
): Promise<string> {
  const domain = mail.from.slice(mail.from.lastIndexOf('@') + 1).toLowerCase();
  const privateKey = mail.forgedBy === undefined ? keys.get(domain) : undefined;
  const messageId = `<${randomUUID()}@${domain}>`;
  await transport.sendMail({
    from: mail.name === undefined ? mail.from : { name: mail.name, address: mail.from },
    to: mail.to,
    subject: mail.subject,
    text: mail.text,
    messageId,
    date: mail.date,
    envelope: { from: mail.forgedBy ?? mail.from, to: [mail.to] },
    ...(mail.html === undefined ? {} : { html: mail.html }),
    ...(mail.inReplyTo === undefined ? {} : { inReplyTo: mail.inReplyTo }),
    ...(mail.references === undefined ? {} : { references: [...mail.references] }),
    ...(mail.headers === undefined ? {} : { headers: mail.headers }),
    ...(privateKey === undefined
      ? {}
      : { dkim: { domainName: domain, keySelector: DKIM_SELECTOR, privateKey } }),
  });
  return messageId;
}

const TIMEOUTS = { connectionTimeout: 5_000, greetingTimeout: 5_000, socketTimeout: 30_000 };

async function generateKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2_048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** RFC 6376 section 3.6.1, in character strings of at most 255 bytes as TXT asks. */
function dkimRecord(privateKey: string): string[] {
  const der = createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'der' });
  const record = `v=DKIM1; k=rsa; p=${der.toString('base64')}`;
  return record.match(/.{1,255}/g) ?? [];
}
