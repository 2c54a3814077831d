/** The certificates and receipts that came with the final mails, as a customer's own program finds them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import type { Stage } from './stage.ts';

/** What came with one final mail, for one ticket. */
export interface Proof {
  readonly ticket: string;
  readonly certificate: Uint8Array | null;
  readonly receipt: Uint8Array | null;
}

/** One for each ticket and recipient. */
export async function deliveredProofs({ mail, people }: Stage): Promise<readonly Proof[]> {
  const boxes = await Promise.all(Object.values(people).map(({ address }) => mail.server.inbox(address)));
  const mails = await Promise.all(boxes.flat().map((raw) => simpleParser(raw)));
  return mails.flatMap(({ attachments }) => {
    const files = new Map(attachments.map(({ filename, content }) => [filename ?? '', content]));
    const tickets = new Set([...files.keys()].flatMap((name) => /PD-\d+/.exec(name)?.[0] ?? []));
    return [...tickets].map((ticket) => ({
      ticket,
      certificate: files.get(`certificate-${ticket}.pdf`) ?? null,
      receipt: files.get(`receipt-${ticket}.json`) ?? null,
    }));
  });
}

/** @returns how many files were written */
export async function saveProofs(proofs: readonly Proof[], folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  const files = new Map<string, Uint8Array>();
  for (const { ticket, certificate, receipt } of proofs) {
    if (certificate !== null) files.set(`certificate-${ticket}.pdf`, certificate);
    if (receipt !== null) files.set(`receipt-${ticket}.json`, receipt);
  }
  await Promise.all([...files].map(([name, bytes]) => writeFile(join(folder, name), bytes)));
  return files.size;
}
