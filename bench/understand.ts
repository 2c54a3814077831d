import { isUnreadable, parseMessage } from '../src/ingest/parse-message.ts';
import { mailToRead, understand } from '../src/ingest/understand/understand.ts';
import { signedMails } from './mails.ts';
import { line, median, timed } from './report.ts';

const MAILS = 1_000;
const RUNS = 5;

/** How many mails a second are parsed, and parsed and understood: understanding should cost less than parsing. */
export async function benchUnderstand(): Promise<void> {
  const { raws } = await signedMails(MAILS, 200, new Date());
  const parse: number[] = [];
  const both: number[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const bare = await timed(async () => {
      for (const raw of raws) await parseMessage(raw);
    });
    const whole = await timed(async () => {
      for (const raw of raws) {
        const parsed = await parseMessage(raw);
        if (!isUnreadable(parsed)) understand(mailToRead(parsed));
      }
    });
    if (run === 0) continue; // the first run warms up
    parse.push((MAILS / bare) * 1_000);
    both.push((MAILS / whole) * 1_000);
  }
  console.log(line('parsed', parse, 'mails/s'));
  console.log(line('parsed and understood', both, 'mails/s'));
  const share = median(parse) / median(both) - 1;
  console.log(`understanding costs ${(share * 100).toFixed(0)} % of what parsing costs`);
}
