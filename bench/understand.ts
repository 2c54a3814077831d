import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isUnreadable, parseMessage } from '../src/ingest/parse-message.ts';
import { mailToRead, understand } from '../src/ingest/understand/understand.ts';
import { signedMails } from './mails.ts';
import { median, timed } from './report.ts';

const MAILS = 1_000;
const RUNS = 5;
const REAL_MAILS = 'test/corpus/mails';

/**
 * What it costs to understand a mail, beside what the parser takes for the same one: cold, the first time in this
 * process, and warm. On a folder of real mails and then on generated ones.
 */
export async function benchUnderstand(folder = REAL_MAILS): Promise<void> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.eml'));
  await measured(
    folder,
    files.map((name) => readFileSync(join(folder, name))),
  );
  const { raws } = await signedMails(MAILS, 200, new Date());
  // By now nothing is cold any more.
  await measured('generated', raws, false);
}

async function measured(name: string, raws: readonly Buffer[], isFirst = true): Promise<void> {
  const parse: number[] = [];
  const read: number[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    let mails: Awaited<ReturnType<typeof parsed>> = [];
    parse.push(
      await timed(async () => {
        mails = await parsed(raws);
      }),
    );
    read.push(
      await timed(async () => {
        for (const mail of mails) understand(mail);
      }),
    );
  }
  const [coldParse = 0, ...warmParse] = parse;
  const [coldRead = 0, ...warmRead] = read;
  console.log(`${name}: ${raws.length} mails`);
  if (isFirst) console.log(costs('cold', coldParse, coldRead, raws.length));
  console.log(costs('warm', median(warmParse), median(warmRead), raws.length));
}

async function parsed(raws: readonly Buffer[]) {
  const messages: ReturnType<typeof mailToRead>[] = [];
  for (const raw of raws) {
    const message = await parseMessage(raw);
    if (!isUnreadable(message)) messages.push(mailToRead(message));
  }
  return messages;
}

const costs = (label: string, parse: number, read: number, mails: number): string => {
  const each = (ms: number): string => `${((ms / mails) * 1_000).toFixed(0)} µs`;
  return `  ${label.padEnd(6)} parsing ${each(parse)}, understanding ${each(read)} a mail: ratio ${(read / parse).toFixed(2)}`;
};
